"""The home of who answers for a team: how it stands, who is late, and what the people need from their manager."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from academy.calendar.clock import local_day
from academy.duties.duty import DutyState
from academy.models import Role
from academy.requests.kept.answers import kept_answer, read_versions_of_several
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, team_of
from certificates.team.members import LIMIT, WORST_FIRST, Member, members_of
from certificates.team.order import STATES

# So many stand on the home page; the team's page has them all.
SHOWN = 5
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
    """What only the manager can bring about. ``act``: ``recommend`` or ``observe`` for a level, ``tick`` a task of a programme,
    ``time`` for something that is due soon or late, ``attempt`` for an exam whose attempts are used: the manager asks whoever
    may give another. ``title`` and ``due_on`` are those of the task or the duty."""

    pk: int
    name: str
    act: str
    track: str = ""
    level: str = ""
    title: dict[str, str] = field(default_factory=dict)
    due_on: date | None = None
    late: bool = False
    step: int = 0


@dataclass(frozen=True)
class TeamHome:
    """Counts by the names of ``order.STATES``; ``more_late`` and ``more_needs`` are beyond what is shown."""

    people: int
    counts: dict[str, int]
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
        lambda: team_home(members_of(people, today)),
        person=request.user.pk,
        under=(everybodys, theirs),
        now=now,
        everybodys=everybodys,
    )
    return [{"template": "certificates/panels/team.html", "context": {"team": found, "today": today}}]


def team_home(members: list[Member]) -> TeamHome:
    """Pure but for what the members carry."""
    ordered = sorted(members, key=lambda member: (WORST_FIRST.index(member.state), member.due_on or date.max))
    late = [_late(member) for member in ordered if member.late]
    needs = needs_of(members)
    return TeamHome(
        people=len(members),
        counts={name: sum(member.state in states for member in members) for name, states in STATES.items()},
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


def needs_of(members: list[Member]) -> list[Need]:
    """What the people need from their manager: of whom is there, the most pressing person first. Pure."""
    ordered = sorted(members, key=lambda member: (WORST_FIRST.index(member.state), member.due_on or date.max))
    return [need for member in ordered if not member.on_leave for need in _needs(member)]


def _needs(member: Member) -> list[Need]:
    """Only where the entry conditions are met: before them the manager's word would come too early."""
    who = (member.person.pk, member.person.display_name)
    needs = [
        Need(*who, "tick", "", "", task.step.titles, task.due_on, task.late, task.step.pk) for task in member.tasks
    ]
    for step in member.steps_to_act_on:
        if step.rung.standing is None or not step.rung.standing.conditions_met:
            continue
        wanted = [("recommend", step.wants_word), ("observe", step.wants_observation)]
        track = step.rung.track
        needs += [Need(*who, act, track.code, str(track.level)) for act, wants in wanted if wants]
    return [*needs, *(Need(*who, "attempt", title=quiz.titles) for quiz in member.used_up), *_time(member)]


def _time(member: Member) -> list[Need]:
    """Time for the most pressing course that is late or due soon."""
    pressing = [
        (duty, state) for duty, state in member.duties if duty.required and duty.kind == "course" and state in PRESSING
    ]
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
