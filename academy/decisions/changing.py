"""Rules and settings that count for a certificate are changed by two people: a proposal holds the state before and after,
and does nothing where the state is another meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy.bilingual import in_every_language, pick
from academy.calendar.clock import local_day
from academy.decisions.differences import Difference, label_of, said_of
from academy.decisions.four_eyes import propose, register_proposal
from academy.decisions.objects import (
    CHANGE,
    Act,
    ThingChange,
    carried_now,
    carried_out,
    kind_of,
    reasons_to_count,
    second_people,
    thing_named,
)
from academy.decisions.second_person import is_switched_off
from academy.doors import Consequence, consequences_of
from academy.errors.refusals import RuleViolation
from academy.journal import record
from academy.journal.facts import plain, reference_to
from academy.models import Proposal, Role, User
from academy.staff.access import branches_visible_to, is_limited

RULE_READERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR, Role.AUDITOR)

State = dict[str, Any]


@dataclass(frozen=True)
class ChangeRule:
    """How one kind of change is proposed, shown and made.

    ``thing_of(facts)`` gives the thing, unsaved where the change makes it; ``current(facts)`` the state that holds now, in
    the form of ``before``; ``words(state)`` its parts as (code, label, text); ``make(facts, reason, actor, now)`` makes it.
    ``act`` is the permission that it takes.
    """

    code: str
    thing_of: Callable[[dict[str, Any]], Any]
    current: Callable[[dict[str, Any]], State]
    words: Callable[[State], list[tuple[str, Any, str]]]
    make: Callable[..., object]
    act: str


RULES: dict[str, ChangeRule] = {}
# By the code of a change what it would do to people, by name: upper rooms reckon it.
FORESEEN: dict[str, Callable[[dict[str, Any]], list[str]]] = {}


def register_change(
    code: str,
    *,
    label: Any,
    thing_of: Callable[[dict[str, Any]], Any],
    current: Callable[[dict[str, Any]], State],
    words: Callable[[State], list[tuple[str, Any, str]]],
    make: Callable[..., object],
    act: str = CHANGE,
    readers: Sequence[str] = RULE_READERS,
    undone_by: str | None = None,
) -> str:
    """Makes a change known as an act of two people; it is undone by the same act the other way round."""
    rule = RULES[code] = ChangeRule(code, thing_of, current, words, make, act)

    def acts(facts: dict[str, Any]) -> list[Act]:
        thing = rule.thing_of(facts)
        return [Act(thing, rule.act)] if thing is not None else []

    def changes(proposal: Proposal, viewer: User, now: datetime) -> list[ThingChange]:
        return [_shown(rule, proposal, viewer, local_day(now))]

    def carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
        _make(rule, proposal, actor, now)

    return register_proposal(
        code,
        label=label,
        carry_out=carry_out,
        describe=lambda proposal: [],
        undone_by=undone_by or code,
        acts=acts,
        readers=tuple(readers),
        changes=changes,
    )


def change_is_asked(*, code: str, thing: Any, actor: User | None, now: datetime) -> bool:
    """Whether a second person makes this change: the thing counts, and there is somebody. Of what commands do, never."""
    if actor is None or carried_now() is not None or is_switched_off(code) or not reasons_to_count(thing):
        return False
    return bool(second_people(acts=[Act(thing, RULES[code].act)], but=actor, on=local_day(now), at_most=1))


@transaction.atomic
def propose_change(
    *,
    code: str,
    thing: Any,
    name: Callable[[], str] | None = None,
    facts: dict[str, Any],
    things: Sequence[Model],
    reason: str,
    actor: User,
    now: datetime,
) -> Proposal:
    """``name`` says the thing in the language of the moment, as its own words do. ``facts`` hold ``before`` and ``after``, and in ``impact`` the sentences that said what it would do when it was
    proposed. Raises ``RuleViolation`` where a change of the same things waits already."""
    says = name or (lambda: str(thing))
    references = [reference_to(thing) for thing in things if thing.pk]
    waiting = Proposal.objects.filter(action=code, state=Proposal.State.WAITING)
    if waiting.filter(objects_concerned__reference__in=references).exists():
        raise RuleViolation(_("A change to it is already waiting for a second person. It has to be decided first."))
    return propose(
        action=code,
        things=references,
        facts={**plain(facts), "things": [{"name": says(), "names": in_every_language(says)}]},
        reason=reason,
        actor=actor,
        now=now,
    )


def name_of(thing: dict[str, Any]) -> str:
    """The name of a thing in the facts of a proposal, in the reader's language where it was kept in both."""
    return pick(thing.get("names"), get_language() or "") or str(thing["name"])


def staleness_of_change(rule: ChangeRule, facts: dict[str, Any]) -> str | None:
    """Why the change is not what was proposed any more, or None."""
    name = name_of(facts["things"][0])
    if rule.thing_of(facts) is None:
        return _("“%(name)s” is not there any more.") % {"name": name}
    if plain(rule.current(facts)) != facts["before"]:
        return _("“%(name)s” was changed meanwhile. Propose it again.") % {"name": name}
    return None


def _make(rule: ChangeRule, proposal: Proposal, actor: User, now: datetime) -> None:
    thing = rule.thing_of(proposal.facts)
    if thing is not None and thing.pk:
        type(thing)._default_manager.select_for_update(of=("self",)).filter(pk=thing.pk).first()
    stale = staleness_of_change(rule, proposal.facts)
    if stale:
        raise RuleViolation(stale)
    with carried_out(proposal):
        rule.make(proposal.facts, reason=proposal.reason, actor=actor, now=now)


def differing_words(old: list[tuple[str, Any, str]], new: list[tuple[str, Any, str]]) -> list[Difference]:
    """The parts that two states say in another way, by their codes."""
    before, after = ({code: (label, text) for code, label, text in words} for words in (old, new))
    return [
        Difference(
            code, (after.get(code) or before[code])[0], before.get(code, ("", ""))[1], after.get(code, ("", ""))[1]
        )
        for code in dict.fromkeys([*before, *after])
        if before.get(code, ("", ""))[1] != after.get(code, ("", ""))[1]
    ]


def _shown(rule: ChangeRule, proposal: Proposal, viewer: User, today: date) -> ThingChange:
    facts, waits = proposal.facts, proposal.state == Proposal.State.WAITING
    thing = rule.thing_of(facts)
    # While it waits what it would do is asked anew, by name; what was said when it was proposed stays with it.
    stale = staleness_of_change(rule, facts) if waits else None
    anew = waits and stale is None and rule.code in FORESEEN and _sees_all_of(thing, viewer, today)
    lines = FORESEEN[rule.code](facts) if anew else facts.get("impact", ())
    impact = [Consequence(line) for line in lines]
    differences = differing_words(rule.words(facts["before"]), rule.words(facts["after"]))
    return ThingChange(
        name=name_of(facts["things"][0]),
        what=thing._meta.verbose_name if thing is not None else "",
        thing=thing if thing is not None and thing.pk else None,
        differences=differences,
        counts=reasons_to_count(thing) if thing is not None else [],
        consequences=[*impact, *(consequences_of(thing) if thing is not None and waits else [])],
        stale=stale,
    )


def _sees_all_of(thing: Any, viewer: User, today: date) -> bool:
    """Whether everybody whom it would name is in the viewer's part of the bank."""
    kind = kind_of(thing) if thing is not None else None
    place = kind.place(thing) if kind is not None else ""
    return not is_limited(viewer, today) or (
        place != "" and branches_visible_to(viewer, today).filter(path=place).exists()
    )


def row_state(row: Any, names: Sequence[str]) -> State:
    """What the named fields of a row say, as JSON holds it."""
    return {name: row._meta.get_field(name).value_to_string(row) for name in names}


def register_row_change(
    code: str,
    *,
    label: Any,
    model: type[Model],
    journal_action: str,
    readers: Sequence[str] = RULE_READERS,
) -> str:
    """A change of plain fields of a row: proposed as they are and as they would be, kept by the journal as an edit is."""

    def thing_of(facts: dict[str, Any]) -> Any:
        return thing_named(facts["thing"])

    def current(facts: dict[str, Any]) -> State:
        return row_state(thing_of(facts), list(facts["before"]))

    def words(state: State) -> list[tuple[str, Any, str]]:
        row = row_with(model(), state)
        return [(name, label_of(model, name), said_of(row, name)) for name in state]

    def make(facts: dict[str, Any], *, reason: str, actor: User, now: datetime) -> None:
        row = row_with(thing_of(facts), facts["after"])
        row.save()
        record(
            journal_action,
            now=now,
            actor=actor,
            about=row,
            reason=reason,
            before=facts["before"],
            after={**facts["after"], **({"impact": facts["impact"]} if facts.get("impact") else {})},
        )

    return register_change(
        code,
        label=label,
        thing_of=thing_of,
        current=current,
        words=words,
        make=make,
        readers=readers,
    )


def row_with(row: Any, state: State) -> Any:
    """The row with the named fields as a state says them; not saved."""
    for name, text in state.items():
        field = row._meta.get_field(name)
        empty = text in ("None", "") and (field.null or field.is_relation)
        setattr(row, field.attname, None if empty else field.to_python(text) if not field.is_relation else int(text))
    return row
