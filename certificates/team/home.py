"""The home of who answers for a team: how it stands, who is late, and what the people need from their manager."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from academy.calendar.clock import local_day
from academy.duties.duty import DutyState
from academy.models import Role
from academy.requests.kept.answers import kept_answer, read_versions_of_several
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, team_of
from certificates.rules.ladder_words import LEVEL_KINDS
from certificates.team.members import LIMIT, WORST_FIRST, Member, members_of
from certificates.team.order import counts_of

# So many stand on the home page; the team's page has them all.
SHOWN = 5
# Who was reminded is not named again for so long.
REMINDED = timedelta(days=7)
PRESSING = (DutyState.OVERDUE, DutyState.SOON)


@dataclass(frozen=True)
class LatePerson:
    """Somebody whose duty is over its day: the worst of them."""

    pk: int
    name: str
    title: dict[str, str]
    due_on: date | None


@dataclass(frozen=True)
class Need:
    """What only the manager can bring about. ``act``: ``recommend`` for a level, ``observe`` to ask for an observed practice,
    each with the ``code`` of it; ``tick`` a task of a programme, ``time`` for something that is due soon or late, ``attempt`` for an exam whose attempts are used: the manager asks whoever
    may give another. ``title`` and ``due_on`` are those of the task or the duty."""

    pk: int
    name: str
    act: str
    code: str = ""
    level: str = ""
    title: dict[str, str] = field(default_factory=dict)
    due_on: date | None = None
    late: bool = False
    step: int = 0


@dataclass(frozen=True)
class TeamHome:
    """``counts`` as ``order.counts_of`` gives them; ``more_late`` and ``more_needs`` are beyond what is shown."""

    people: int
    counts: tuple[tuple[str, str, int], ...]
    late: tuple[LatePerson, ...]
    more_late: int
    needs: tuple[Need, ...]
    more_needs: int


def team_panels(request: SignedInRequest) -> list[dict[str, Any]]:
    """For line managers and who stands in for one. Two queries where nothing changed among the team's facts."""
    now = timezone.now()
    today = local_day(now)
    if not has_role(request.user, today, Role.LINE_MANAGER):
        return []
    people = list(team_of(request.user, today).order_by("staff_number")[:LIMIT])
    ids = [person.pk for person in people]
    if not ids:
        return []
    everybodys, theirs = read_versions_of_several(ids)
    found = kept_answer(
        "team-home",
        lambda: team_home(members_of(people, today), today),
        person=request.user.pk,
        under=(everybodys, theirs),
        now=now,
        everybodys=everybodys,
    )
    return [{"template": "certificates/panels/team.html", "context": {"team": found, "today": today}}]


def team_home(members: list[Member], today: date) -> TeamHome:
    """Pure but for what the members carry."""
    ordered = sorted(members, key=lambda member: (WORST_FIRST.index(member.state), member.due_on or date.max))
    late = [_late(member) for member in ordered if member.late]
    needs = needs_of(members, today)
    return TeamHome(
        people=len(members),
        counts=tuple(counts_of(members)),
        late=tuple(late[:SHOWN]),
        more_late=max(0, len(late) - SHOWN),
        needs=tuple(needs[:SHOWN]),
        more_needs=max(0, len(needs) - SHOWN),
    )


def _late(member: Member) -> LatePerson:
    duty = member.due
    return LatePerson(
        member.person.pk,
        member.person.display_name,
        duty.title if duty else {},
        duty.due_on if duty else None,
    )


def needs_of(members: list[Member], today: date) -> list[Need]:
    """What the people need from their manager, of whom is there: what is late first, then the most pressing person. Pure."""
    ordered = sorted(members, key=lambda member: (WORST_FIRST.index(member.state), member.due_on or date.max))
    needs = [need for member in ordered if not member.on_leave for need in _needs(member, today)]
    return sorted(needs, key=lambda need: not need.late)


def _needs(member: Member, today: date) -> list[Need]:
    """Only where the entry conditions are met: before them the manager's word would come too early."""
    who = (member.person.pk, member.person.display_name)
    needs = [
        Need(*who, "tick", "", "", task.step.titles, task.due_on, task.late, task.step.pk) for task in member.tasks
    ]
    spoken_for: set[str] = set()
    for step in member.steps_to_act_on:
        if step.rung.standing is None or not step.rung.standing.conditions_met:
            continue
        if step.wants_word:
            level = step.rung.track.level
            spoken_for.add(level.subject)
            due_on, late = _pressed_by(member, level.subject)
            needs.append(Need(*who, "recommend", step.rung.track.code, str(level), due_on=due_on, late=late))
    needs += [
        Need(*who, "observe", wanted.practice.code, "", wanted.practice.names, wanted.due_on, wanted.late)
        for wanted in member.wanted
        if wanted.waits_to_be_asked
    ]
    return [
        *needs,
        *(Need(*who, "attempt", title=quiz.titles) for quiz in member.used_up),
        *_time(member, today, spoken_for),
    ]


def _pressed_by(member: Member, subject: str) -> tuple[date | None, bool]:
    """The day of the duty about a level, where it is near or over, and whether it is over."""
    for duty, state in member.duties:
        if duty.kind in LEVEL_KINDS and duty.about == subject and duty.required and state in PRESSING:
            return duty.due_on, state == DutyState.OVERDUE
    return None, False


def _time(member: Member, today: date, spoken_for: set[str]) -> list[Need]:
    """A reminder, and time, for the most pressing duty that is late or due soon, whatever it asks for: a level that is late
    for months needs its manager as much as a course. What waits for the manager's
    own word (``spoken_for``) needs no reminder; a reminder answers for some days."""
    if member.nudged_at is not None and today - local_day(member.nudged_at) < REMINDED:
        return []
    pressing = [
        (duty, state)
        for duty, state in member.duties
        if duty.required and state in PRESSING and not (duty.kind in LEVEL_KINDS and duty.about in spoken_for)
    ]
    pressing.sort(key=lambda found: (WORST_FIRST.index(found[1]), found[0].due_on or date.max))
    return [
        Need(
            member.person.pk,
            member.person.display_name,
            "time",
            title=duty.title,
            due_on=duty.due_on,
            late=state == DutyState.OVERDUE,
        )
        for duty, state in pressing[:1]
    ]
