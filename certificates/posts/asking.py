"""Asking posts for levels: a requirement is set from a day on and ended by a day; each is an act with a reason."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.query import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.decisions.changing import change_is_asked, propose_change, register_change
from academy.decisions.differences import label_of, said_of
from academy.decisions.objects import register_object_kind
from academy.doors import by_name
from academy.duties.reminding import CHUNK
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.journal.facts import plain
from academy.models import Branch, CareerLevel, Position, Posting, Proposal, Role, User
from academy.staff.access import bank_wide_refusal, branches_visible_to
from certificates.models import Certification, CertificationTrack, PositionRequirement, Requirement
from certificates.rules.barring import Way, in_every_way
from certificates.rules.evidence import requirement_label, rules_on

REQUIRE = register_action("certificates.require_level", _("Position requirement set"))
END = register_action("certificates.end_requirement", _("Position requirement ended"))

# Who sets and ends what is asked of the posts in their part of the bank.
KEEPERS = (Role.HR, Role.ADMINISTRATOR)


def keeping_refusal(*, branch: Branch | None, actor: User | None, on: date) -> str | None:
    """Why the person may not set or end what is asked in a branch (None: in the whole bank), or None."""
    if actor is None:
        return None
    if branch is None:
        return bank_wide_refusal(actor, on, *KEEPERS)
    if branches_visible_to(actor, on, KEEPERS).filter(pk=branch.pk).exists():
        return None
    return gettext("This branch is not in your part of the bank.")


@transaction.atomic
def require_level(
    *,
    level: CareerLevel,
    within_days: int,
    effective_from: date,
    now: datetime,
    actor: User | None,
    position: Position | None = None,
    line: str = "",
    branch: Branch | None = None,
    effective_until: date | None = None,
    counts_from: date | None = None,
    reason: str = "",
    impact: Sequence[str] = (),
) -> PositionRequirement:
    """From a day on the posts ask for the level. ``impact`` are the sentences that said what it does; the journal keeps them.

    Raises ``RuleViolation`` where the same is asked already, or the branch is not the actor's.
    """
    refusal = keeping_refusal(branch=branch, actor=actor, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    if position is None and not line:
        raise RuleViolation(_("Name a position, a line, or both."))
    if position is not None and line and position.line != line:
        raise RuleViolation(_("This position belongs to another line, so nobody would be asked."))
    if effective_until is not None and effective_until < effective_from:
        raise RuleViolation(_("The last day is before the first."))
    asked = PositionRequirement(position=position, line=line, branch=branch, level=level, effective_from=effective_from)
    refusal = out_of_reach_refusal(asked, max(effective_from, local_day(now)))
    if refusal:
        raise RuleViolation(refusal)
    same = PositionRequirement.objects.current().filter(position=position, line=line, branch=branch, level=level)
    for other in same:
        ends = other.effective_until
        if (ends is None or ends >= effective_from) and (
            effective_until is None or other.effective_from <= effective_until
        ):
            raise RuleViolation(_("The same is asked already in these days. End that requirement first."))
    try:
        with transaction.atomic():
            found = PositionRequirement.objects.create(
                position=position,
                line=line,
                branch=branch,
                level=level,
                within_days=within_days,
                counts_from=counts_from,
                effective_from=effective_from,
                effective_until=effective_until,
                recorded_at=now,
                recorded_by=actor,
            )
    except IntegrityError:
        # Somebody else set it in the same moment.
        raise RuleViolation(_("The same is asked already in these days. End that requirement first.")) from None
    record(REQUIRE, now=now, actor=actor, about=found, reason=reason, after=_with_impact(_described(found), impact))
    if found.effective_from <= local_day(now):
        # Whoever is asked something hears of it now and not with tomorrow's reminders.
        people = people_in_posts(found, local_day(now))
        transaction.on_commit(lambda: _tell(people))
    return found


def posts_shut_out(
    requirement: PositionRequirement, day: date, positions: Collection[int] | None = None
) -> dict[int, list[Requirement]]:
    """Of some positions (of those that it asks, where none are given) the keys of those in which nobody can obtain the level,
    each with what is in the way: every track that gives the level asks for other posts."""
    if positions is None:
        positions = positions_asked(requirement, Position.objects.all())
    return shut_out(list(ways_on(day).values()), requirement.level, positions)


def positions_asked(requirement: PositionRequirement, among: Iterable[Position]) -> list[int]:
    """The keys of the positions of which it asks the level. Pure."""
    return [
        position.pk
        for position in among
        if requirement.position_id in (None, position.pk) and requirement.line in ("", position.line)
    ]


def ways_on(day: date) -> dict[int, Way]:
    """By track in use, what it asks on a day."""
    tracks = CertificationTrack.objects.filter(active=True).select_related("level")
    rules = rules_on(tracks, day)
    return {
        track.pk: Way(track.level, list(rules[track.pk].requirements.all())) for track in tracks if track.pk in rules
    }


def shut_out(ways: Collection[Way], level: CareerLevel, positions: Iterable[int]) -> dict[int, list[Requirement]]:
    """Of some positions those in which no way leads to the level, with what is in the way. Pure."""
    shut = {position: in_every_way(ways, level, position) for position in positions}
    return {position: barred for position, barred in shut.items() if barred}


def out_of_reach_refusal(requirement: PositionRequirement, day: date) -> str | None:
    """Why a level is not asked of one position in which nobody holds it and nobody could ever obtain it, or None."""
    if requirement.position_id is None:
        return None
    shut = posts_shut_out(requirement, day)
    people = people_in_posts(requirement, day)
    held = Certification.objects.holding(day).filter(requirement.level.or_higher("track__level"))
    if not shut or held.filter(person__in=people).exists():
        return None
    asks = listed(list(dict.fromkeys(requirement_label(one) for barred in shut.values() for one in barred)))
    text = gettext(
        "Nobody in the post %(position)s holds %(level)s and nobody could obtain it there: the level itself asks for "
        "%(asks)s. Choose another level, or let the level's requirements allow this post first. In the post: %(count)s."
    )
    words = {"position": requirement.position, "level": requirement.level.code, "asks": asks, "count": len(people)}
    return text % words


def _tell(people: list[int]) -> None:
    for some in batched(people, CHUNK):
        by_name("academy.duties.tasks.remind_people_task").enqueue(list(some))


def people_in_posts(requirement: PositionRequirement, day: date, positions: Collection[int] | None = None) -> list[int]:
    """The keys of those who stand in a post that it asks (in one of ``positions`` of them), in whichever of their posts."""
    posts = _in_posts(requirement, day)
    if positions is not None:
        posts = posts.filter(position__in=positions)
    return sorted(set(posts.values_list("person", flat=True)))


def _in_posts(requirement: PositionRequirement, day: date) -> QuerySet[Posting]:
    posts = Posting.objects.current().effective(day)
    if requirement.position_id:
        posts = posts.filter(position=requirement.position_id)
    if requirement.line:
        posts = posts.filter(position__line=requirement.line)
    if requirement.branch is not None:
        posts = posts.filter(branch__path__startswith=requirement.branch.path)
    return posts


@transaction.atomic
def end_requirement(
    *,
    requirement: PositionRequirement,
    last_day: date,
    now: datetime,
    actor: User | None,
    reason: str,
    impact: Sequence[str] = (),
) -> None:
    """It asks through ``last_day`` and no longer; one that had not begun by then is taken back whole."""
    refusal = keeping_refusal(branch=requirement.branch, actor=actor, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    if not reason:
        raise RuleViolation(_("A reason is needed."))
    locked = PositionRequirement.objects.select_for_update(of=("self",)).current().filter(pk=requirement.pk).first()
    if locked is None or (locked.effective_until is not None and locked.effective_until < last_day):
        raise RuleViolation(_("This requirement has ended already."))
    before = _described(locked)
    locked.withdrawn_at = now
    locked.save(update_fields=["withdrawn_at"])
    if last_day >= locked.effective_from:
        locked.pk = None
        locked._state.adding = True
        locked.effective_until, locked.recorded_at, locked.recorded_by, locked.withdrawn_at = last_day, now, actor, None
        locked.save(force_insert=True)
    record(
        END,
        now=now,
        actor=actor,
        about=requirement,
        reason=reason,
        before=before,
        after=_with_impact({"last day": last_day}, impact),
    )


def _with_impact(told: dict[str, object], impact: Sequence[str]) -> dict[str, object]:
    return {**told, "impact": list(impact)} if impact else told


def _described(position_requirement: PositionRequirement) -> dict[str, object]:
    return {
        "position": position_requirement.position.code if position_requirement.position else "",
        "line": position_requirement.line,
        "branch": position_requirement.branch.code if position_requirement.branch else "",
        "level": position_requirement.level.code,
        "within days": position_requirement.within_days,
        "counts from": position_requirement.counts_from,
        "from": position_requirement.effective_from,
        "until": position_requirement.effective_until,
    }


def requirement_is_asked(*, requirement: PositionRequirement, code: str, actor: User | None, now: datetime) -> bool:
    """Whether a second person sets or ends what posts are asked."""
    return change_is_asked(code=code, thing=requirement, actor=actor, now=now)


def propose_requirement(
    *, requirement: PositionRequirement, reason: str, actor: User, now: datetime, impact: Sequence[str] = ()
) -> Proposal:
    """``requirement`` as it would be; nothing of it is stored."""
    facts = {"before": {}, "after": plain(_described(requirement)), "impact": list(impact)}
    return propose_change(
        code=REQUIRE_CHANGE,
        thing=requirement,
        name=lambda: requirement.whom,
        facts=facts,
        things=[thing for thing in (requirement.position, requirement.level) if thing is not None],
        reason=reason or gettext("Position requirement set"),
        actor=actor,
        now=now,
    )


def propose_ending(
    *,
    requirement: PositionRequirement,
    last_day: date,
    reason: str,
    actor: User,
    now: datetime,
    impact: Sequence[str] = (),
) -> Proposal:
    described = plain(_described(requirement))
    facts = {
        "requirement": requirement.pk,
        "before": described,
        "after": {**described, "until": last_day},
        "impact": list(impact),
    }
    return propose_change(
        code=END_CHANGE,
        thing=requirement,
        name=lambda: requirement.whom,
        facts=facts,
        things=[requirement],
        reason=reason,
        actor=actor,
        now=now,
    )


def _rows_of(state: dict[str, Any]) -> dict[str, Any]:
    """The rows that a description names; None where one is gone."""
    return {
        "position": Position.objects.filter(code=state["position"]).first() if state["position"] else None,
        "branch": Branch.objects.filter(code=state["branch"]).first() if state["branch"] else None,
        "level": CareerLevel.objects.filter(code=state["level"]).first(),
    }


def _fields_of(state: dict[str, Any]) -> dict[str, Any]:
    days = {"counts_from": "counts from", "effective_from": "from", "effective_until": "until"}
    return {
        **_rows_of(state),
        "line": state["line"],
        "within_days": state["within days"],
        **{name: date.fromisoformat(state[said]) if state[said] else None for name, said in days.items()},
    }


def requirement_asked(facts: dict[str, Any]) -> PositionRequirement | None:
    """The requirement that a proposal would set, not stored; None where what it names is gone."""
    rows = _rows_of(facts["after"])
    gone = any(facts["after"][name] and rows[name] is None for name in ("position", "branch", "level"))
    return None if gone else PositionRequirement(**_fields_of(facts["after"]))


def requirement_standing(facts: dict[str, Any]) -> PositionRequirement | None:
    """The requirement that a proposal would end; None where it stands no more."""
    return PositionRequirement.objects.current().filter(pk=facts["requirement"]).first()


def _standing_state(facts: dict[str, Any]) -> dict[str, Any]:
    asked = requirement_standing(facts)
    return _described(asked) if asked is not None else {}


def _words(state: dict[str, Any]) -> list[tuple[str, Any, str]]:
    if not state:
        return []
    position_requirement = PositionRequirement(**_fields_of(state))
    names = ("position", "line", "branch", "level", "within_days", "counts_from", "effective_from", "effective_until")
    return [(name, label_of(PositionRequirement, name), said_of(position_requirement, name)) for name in names]


def _require(facts: dict[str, Any], *, reason: str, actor: User, now: datetime) -> None:
    fields = _fields_of(facts["after"])
    if fields["effective_from"] < local_day(now):
        raise RuleViolation(_("Its first day is past. Propose it again from a later day."))
    require_level(**fields, now=now, actor=actor, reason=reason, impact=facts.get("impact", ()))


def _end(facts: dict[str, Any], *, reason: str, actor: User, now: datetime) -> None:
    asked = requirement_standing(facts)
    assert asked is not None
    # Through the day before it was agreed at the earliest: nobody was free of it before that.
    last_day = max(date.fromisoformat(facts["after"]["until"]), local_day(now) - timedelta(days=1))
    impact = facts.get("impact", ())
    end_requirement(requirement=asked, last_day=last_day, now=now, actor=actor, reason=reason, impact=impact)


def _profits(person: User, requirement: PositionRequirement, on: date) -> str | None:
    """Who holds a post that it asks judges nothing of what is asked of it."""
    if not _in_posts(requirement, on).filter(person=person).exists():
        return None
    return gettext("You hold such a post yourself. Somebody else decides.")


REQUIRE_CHANGE = register_change(
    "certificates.require_level",
    label=_("Set a position requirement"),
    thing_of=requirement_asked,
    current=lambda facts: {},
    words=_words,
    make=_require,
    act="add",
    undone_by="certificates.end_requirement",
)
END_CHANGE = register_change(
    "certificates.end_requirement",
    label=_("End a position requirement"),
    thing_of=requirement_standing,
    current=_standing_state,
    words=_words,
    make=_end,
    undone_by="certificates.require_level",
)
register_object_kind(
    PositionRequirement,
    counts=lambda asked: [gettext("who must hold %(name)s") % {"name": asked.level}],
    differences=lambda before, after: [],
    profits=_profits,
    place=lambda asked: asked.branch.path if asked.branch is not None else "",
    refusal=lambda person, asked, on: keeping_refusal(branch=asked.branch, actor=person, on=on),
)
