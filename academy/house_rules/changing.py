"""A value of a house rule becomes another: by one person where nothing that counts quotes it, by two where something does.

Whoever quotes the rule follows in the same transaction (``house_rule_changed``), or refuses: then nothing changes.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.decisions.changing import (
    CHANGE,
    FORESEEN,
    State,
    change_is_asked,
    propose_change,
    register_change,
    row_state,
)
from academy.decisions.differences import label_of, row_differences, said_of
from academy.decisions.four_eyes import proposals_visible_to
from academy.decisions.objects import Act, register_object_kind, second_people, thing_named
from academy.decisions.reasons import CHANGED_IN_FORM
from academy.doors import Consequence, house_rule_changed, house_rule_foreseen, quoted_in
from academy.errors.refusals import RuleViolation
from academy.house_rules.formatting import value_fault
from academy.house_rules.reading import table_of
from academy.house_rules.resolving import by_scope
from academy.journal import record, register_action
from academy.journal.facts import reference_to
from academy.models import HouseRule, HouseRuleChange, HouseRuleValue, Proposal, Role, User

CHANGED = register_action("academy.change_house_rule", gettext_lazy("House rule changed"))
# What holds for people; the rest says where it stands written and who looks after it.
HOLDS = ("line", "branch", "valid_from", "valid_until", "value", "value_en")
COLUMNS = (*HOLDS, "basis", "basis_en", "owner", "checked_on", "check_by", "sample")
READERS = (Role.HR, Role.ADMINISTRATOR, Role.TRAINER, Role.REVIEWER, Role.AUDITOR)


def rule_counts(rule: HouseRule) -> list[str]:
    """By what that counts for a certificate the rule is quoted, in words."""
    return [str(quotation.text) for quotation in quoted_in(rule) if quotation.counts] if rule.pk else []


def state_of(value: HouseRuleValue | None) -> State:
    """What stands; empty where there is no such value."""
    return row_state(value, COLUMNS) if value is not None else {}


def value_problem(value: HouseRuleValue) -> str | None:
    """Why this cannot be a value of its rule, or None."""
    fault = value_fault(value.rule.unit, value.value, value.value_en)
    if fault:
        return fault
    try:
        value.full_clean()
    except ValidationError as faults:
        return " ".join(faults.messages)
    return None


def set_value(
    *,
    rule: HouseRule,
    stored: HouseRuleValue | None,
    wanted: HouseRuleValue | None,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> Proposal | None:
    """Writes a value, new where ``stored`` is None, gone where ``wanted`` is; or proposes it, and gives the proposal.

    Raises ``RuleViolation`` where it is none of the rule's unit, its scope has one, or something that quotes it refuses.
    """
    problem = value_problem(wanted) if wanted is not None else None
    if problem:
        raise RuleViolation(problem)
    before, after = state_of(stored), state_of(wanted)
    if before == after:
        return None
    facts = {"thing": reference_to(rule), "value": stored.pk if stored else None, "before": before, "after": after}
    holds_else = any(before.get(name) != after.get(name) for name in HOLDS)
    if actor is not None and holds_else and change_is_asked(code=VALUE_CHANGE, thing=rule, actor=actor, now=now):
        # What would be refused then is refused now.
        impact = [str(consequence.text) for consequence in _foreseen(facts, now)]
        return propose_change(
            code=VALUE_CHANGE,
            thing=rule,
            facts={**facts, "impact": impact},
            things=[rule],
            reason=reason or str(CHANGED_IN_FORM),
            actor=actor,
            now=now,
        )
    _write(facts, reason=reason, actor=actor, now=now)
    return None


@transaction.atomic
def foreseen(
    *, rule: HouseRule, stored: HouseRuleValue | None, wanted: HouseRuleValue | None, now: datetime
) -> list[Consequence]:
    """What ``set_value`` would leave to be done by hand, on the day from which the value holds; nothing is changed. Raises
    ``RuleViolation`` where it would be refused."""
    problem = value_problem(wanted) if wanted is not None else None
    if problem:
        raise RuleViolation(problem)
    before, after = state_of(stored), state_of(wanted)
    if all(before.get(name) == after.get(name) for name in HOLDS):
        return []
    facts = {"thing": reference_to(rule), "value": stored.pk if stored else None, "before": before, "after": after}
    return _foreseen(facts, now)


def _foreseen(facts: dict[str, Any], now: datetime) -> list[Consequence]:
    rule: HouseRule = thing_named(facts["thing"])
    with transaction.atomic():
        day, said = _day_of(facts, now), said_by_scope(rule, _day_of(facts, now))
        _put(rule, facts)
        found = house_rule_foreseen(rule, day=day, now=now)
        follow(rule, said=said, day=day, now=now, actor=None)
        transaction.set_rollback(True)
    return found


def _foreseen_lines(facts: dict[str, Any]) -> list[str]:
    """For who decides. A change that is refused by now says why."""
    try:
        return [str(consequence.text) for consequence in _foreseen(facts, timezone.now())]
    except RuleViolation as refused:
        return [str(refused.message)]


def _day_of(facts: dict[str, Any], now: datetime) -> date:
    """The day from which it is another, today at the earliest."""
    begins = (facts["after"] or facts["before"]).get("valid_from")
    today = local_day(now)
    return max(today, date.fromisoformat(begins)) if begins and begins != "None" else today


def _put(rule: HouseRule, facts: dict[str, Any]) -> None:
    stored = HouseRuleValue.objects.filter(pk=facts["value"]).first() if facts["value"] else None
    if facts["after"]:
        row = _with(stored or HouseRuleValue(rule=rule), facts["after"])
        problem = value_problem(row)
        if problem:
            raise RuleViolation(problem)
        row.save()
    elif stored is not None:
        stored.delete()


@transaction.atomic
def _write(facts: dict[str, Any], *, reason: str, actor: User | None, now: datetime) -> None:
    rule: HouseRule = thing_named(facts["thing"])
    day = _day_of(facts, now)
    said = said_by_scope(rule, day)
    _put(rule, facts)
    record(
        CHANGED,
        now=now,
        actor=actor,
        about=rule,
        reason=reason,
        before={"code": rule.code, **facts["before"]},
        after={"code": rule.code, **facts["after"]},
    )
    follow(rule, said=said, day=day, now=now, actor=actor)


def said_by_scope(rule: HouseRule, day: date) -> list[list[object]]:
    """(line, branch, words) of each scope on a day."""
    return by_scope(table_of(day, [rule.code]), [rule.code])[rule.code]


def follow(rule: HouseRule, *, said: list[list[object]], day: date, now: datetime, actor: User | None) -> None:
    """Whoever quotes the rule follows where it does not say any more what it ``said``. Raises ``RuleViolation``."""
    after = said_by_scope(rule, day)
    if after == said:
        return
    if said:
        HouseRuleChange.objects.create(rule=rule, holds_from=day, made_at=now, before=said, after=after)
    house_rule_changed(rule, day=day, now=now, actor=actor)


def _with(row: HouseRuleValue, state: State) -> HouseRuleValue:
    for name, text in state.items():
        column: Any = HouseRuleValue._meta.get_field(name)
        empty = text in ("None", "") and column.null
        setattr(row, column.attname, None if empty else int(text) if column.is_relation else column.to_python(text))
    return row


def _words(state: State) -> list[tuple[str, Any, str]]:
    row = _with(HouseRuleValue(), state)
    return [(name, label_of(HouseRuleValue, name), said_of(row, name)) for name in state]


def _current(facts: dict[str, Any]) -> State:
    return state_of(HouseRuleValue.objects.filter(pk=facts["value"]).first() if facts["value"] else None)


VALUE_CHANGE = register_change(
    "academy.change_house_rule",
    label=gettext_lazy("Change of a house rule"),
    thing_of=lambda facts: thing_named(facts["thing"]),
    current=_current,
    words=_words,
    make=_write,
    readers=READERS,
)
FORESEEN[VALUE_CHANGE] = _foreseen_lines


@dataclass(frozen=True)
class WaitingChange:
    """A change of a rule that waits: the proposal, whether the viewer may open it, and who could decide, some by name."""

    proposal: Proposal
    opens: bool
    deciders: list[User]


def waiting_change(rule: HouseRule, viewer: User, now: datetime) -> WaitingChange | None:
    """The one change of a rule that waits for a second person, or None."""
    rows = Proposal.objects.filter(action=VALUE_CHANGE, state=Proposal.State.WAITING)
    about = rows.filter(objects_concerned__reference=reference_to(rule)).select_related("proposed_by")
    proposal = about.order_by("pk").first()
    if proposal is None:
        return None
    on = local_day(now)
    return WaitingChange(
        proposal,
        proposals_visible_to(viewer, on).filter(pk=proposal.pk).exists(),
        second_people(acts=[Act(rule, CHANGE)], but=proposal.proposed_by, on=on),
    )


register_object_kind(HouseRule, counts=rule_counts, differences=row_differences, published=lambda rule: rule)
