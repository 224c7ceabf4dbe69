"""The home of who answers for a team: how it stands, who is late, and what the people need from their manager."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.calendar.clock import local_day
from academy.duties.duty import DutyState
from academy.models import Role
from academy.requests.kept import kept
from academy.requests.kept.answers import kept_answer, read_versions_of_several
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, team_of
from academy.viewsets.panels import TodoItem
from certificates.rules.ladder_words import LEVEL_KINDS
from certificates.team.members import LIMIT, WORST_FIRST, Member, members_of
from certificates.team.order import counts_of
from courses.programmes.stands import OwnProgramme

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
    each with the ``code`` of it; ``mentor`` to name one in the programme ``row``, ``tick`` a task of a programme, ``time`` for something that is due soon or late, ``attempt`` for an exam whose attempts are used: the manager asks whoever
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
    row: int = 0


@dataclass(frozen=True)
class TeamHome:
    """``counts`` as ``order.counts_of`` gives them; ``more_late`` and ``more_needs`` are beyond what is shown."""

    people: int
    counts: tuple[tuple[str, str, int], ...]
    late: tuple[LatePerson, ...]
    more_late: int
    needs: tuple[Need, ...]
    more_needs: int

    @property
    def all_needs(self) -> int:
        return len(self.needs) + self.more_needs


def team_panels(request: SignedInRequest) -> list[dict[str, Any]]:
    """For line managers and who stands in for one. Two queries where nothing changed among the team's facts."""
    found, today = _own_team(request), local_day(timezone.now())
    if found is None:
        return []
    return [{"template": "certificates/panels/team.html", "context": {"team": found, "today": today}}]


def team_todo(request: SignedInRequest) -> list[TodoItem]:
    """One item that says how much the people need from their manager, and leads to the list of it."""
    found = _own_team(request)
    if found is None or not found.all_needs:
        return []
    count = found.all_needs
    said = ngettext("%(count)s thing waits for you.", "%(count)s things wait for you.", count) % {"count": count}
    return [TodoItem(_("My team"), said, f"{reverse('certificates:team')}#needs", tag=_("Line manager"), order=600)]


def _own_team(request: SignedInRequest) -> TeamHome | None:
    """None for who leads nobody. Read once a request."""
    return kept(request, "own team", lambda: _read_own_team(request))


def _read_own_team(request: SignedInRequest) -> TeamHome | None:
    now = timezone.now()
    today = local_day(now)
    if not has_role(request.user, today, Role.LINE_MANAGER):
        return None
    people = list(team_of(request.user, today).order_by("staff_number")[:LIMIT])
    ids = [person.pk for person in people]
    if not ids:
        return None
    everybodys, theirs = read_versions_of_several(ids)
    return kept_answer(
        "team-home",
        lambda: team_home(members_of(people, today), today),
        person=request.user.pk,
        under=(everybodys, theirs),
        now=now,
        everybodys=everybodys,
    )


def team_home(members: list[Member], today: date) -> TeamHome:
    """Pure but for what the members carry."""
    ordered = sorted(members, key=lambda member: (WORST_FIRST.index(member.state), member.due_on or date.max))
    needs = needs_of(members, today)
    # Whoever needs something from the manager stands there, and nobody twice.
    named = {need.pk for need in needs}
    late = [_late(member) for member in ordered if member.late and member.person.pk not in named]
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
    needs = [_mentor(own, today) for own in member.without_mentor]
    needs += [
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


def _mentor(own: OwnProgramme, today: date) -> Need:
    """Naming a mentor is due with the first task, which waits for it."""
    first = own.first_task
    due_on = first.due_on if first else None
    late = due_on is not None and due_on < today
    who = (own.person.pk, own.person.display_name)
    return Need(*who, "mentor", title=own.programme.names, due_on=due_on, late=late, row=own.row.pk)


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
