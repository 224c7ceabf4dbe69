"""The team on a day: each person's duties, next level and what is missing, and the share that is certified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Max
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.duties.duty import Duty, DutyState, duties_of
from academy.models import Leave, Notice, Posting, User
from academy.staff.access import team_of
from certificates.board.counts import Tally, count_by_branch
from certificates.board.facts import asking_on
from certificates.models import Recommendation
from certificates.rules.ladder import Rung, ladders_of
from certificates.rules.ladder_words import LEVEL_KINDS
from certificates.team.observations import WantedObservation, practices_missing, wanted_of
from certificates.validity import Span
from courses.hours.balance import Balance, balances_for, quotas_in
from courses.models import ProgrammeStep
from courses.programmes.stands import OwnProgramme, TaskToTick, programmes_of, tasks_to_tick
from quizzes.attempts.stands import used_up_among
from quizzes.models import Observation, ObservedPractice, Quiz
from quizzes.models.observing import OPEN, sheets_handed_in

LIMIT = 400
# The bank's share moves by tenths of a percent a day; a page of one outlet need not count the bank anew each time.
BANK_SHARE_SECONDS = 900
# By ``Member.stands``; each person is in one of them, on the list and in the counts.
STATES = {
    "late": _("overdue"),
    "soon": _("due soon"),
    "waiting": _("waits for HR"),
    "fine": _("on track"),
    "away": _("on leave"),
}
WORST_FIRST = (DutyState.OVERDUE, DutyState.SOON, DutyState.OPEN, DutyState.PAUSED, DutyState.DONE)


@dataclass(frozen=True)
class Member:
    """One person of the team. ``state`` is the worst of the required duties: red, amber, green, or on leave."""

    person: User
    posting: Posting | None
    state: DutyState
    duties: tuple[tuple[Duty, DutyState], ...]
    steps: tuple[Rung, ...]
    # The first and last day of the leave of today; the last one None where it stands open.
    leave: Span | None
    nudged_at: datetime | None
    recommendations: dict[int, Recommendation] = field(default_factory=dict)
    # Observed practices that are missing, with what of them is on its way.
    wanted: tuple[WantedObservation, ...] = ()
    # Of a programme, which the manager ticks.
    tasks: tuple[TaskToTick, ...] = ()
    # Programmes with tasks to go for which a mentor has to be named first.
    without_mentor: tuple[OwnProgramme, ...] = ()
    # Exams of the levels worked for of which only a trainer or HR can give another attempt.
    used_up: tuple[Quiz, ...] = ()
    # Of the year, where it asks for some; ``with_hours`` reads them.
    hours: Balance | None = None

    @property
    def on_leave(self) -> bool:
        return self.leave is not None

    @property
    def away_through(self) -> date | None:
        """The last day of the leave; None where it stands open, and where there is none."""
        return self.leave[1] if self.leave else None

    @property
    def next_step(self) -> Rung | None:
        return next((step for step in self.steps if step.state == "current"), None)

    @property
    def held(self) -> Rung | None:
        """The highest level that is held; what stands outside the ladder where none of it is."""
        held = [step for step in self.steps if step.state == "held" and step.certification]
        return next((step for step in reversed(held) if step.track.level.on_ladder), next(iter(held), None))

    @property
    def due_on(self) -> date | None:
        """The next day by which something is due."""
        return next((duty.due_on for duty, _state in self.duties if duty.due_on), None)

    @property
    def late(self) -> bool:
        return self.state == DutyState.OVERDUE

    @property
    def stands(self) -> str:
        """The one state of ``order.STATES``: who is away or waits for HR is not among those on track."""
        if self.on_leave:
            return "away"
        if self.state in (DutyState.OVERDUE, DutyState.SOON):
            return "late" if self.late else "soon"
        decided = _decided(self.steps)
        return "waiting" if any(_waits(duty, decided) for duty, _state in self.duties) else "fine"

    @property
    def stands_words(self) -> Any:
        return STATES[self.stands]

    @property
    def due(self) -> Duty | None:
        """What is due next; else the first thing without a day."""
        dated = [duty for duty, _state in self.duties if duty.due_on]
        return (
            min(dated, key=lambda duty: duty.due_on or date.max)
            if dated
            else next((duty for duty, _state in self.duties), None)
        )

    @property
    def steps_to_act_on(self) -> list["StepToActOn"]:
        """What is being worked for, and what the manager may do or has done about it."""
        return [
            StepToActOn(step, self.recommendations.get(step.track.pk))
            for step in self.steps
            if step.standing is not None and step.state != "later"
        ]


@dataclass(frozen=True)
class StepToActOn:
    """A level that a person works for, with the manager's standing recommendation."""

    rung: Rung
    recommendation: Recommendation | None

    @property
    def wants_word(self) -> bool:
        return self.recommendation is None and _lacks(self.rung, "recommendation")


def _lacks(step: Rung, kind: str) -> bool:
    return step.standing is not None and any(line.asked.kind == kind for line in step.standing.missing)


@dataclass(frozen=True)
class Team:
    """``more`` people of the team are beyond what one page shows."""

    members: tuple[Member, ...] = ()
    more: int = 0
    own: Tally = field(default_factory=Tally)
    bank: Tally = field(default_factory=Tally)


def team_on(*, manager: User, now: datetime) -> Team:
    """The team of a manager or a deputy, the most pressing first. A fixed number of queries, however many people."""
    today = local_day(now)
    people = list(team_of(manager, today).order_by("staff_number"))
    shown = people[:LIMIT]
    if not shown:
        return Team()
    members = members_of(shown, today)
    branches = {member.posting.branch_id for member in members if member.posting}
    own, bank = shares(branches, today)
    ordered = sorted(
        members,
        key=lambda member: (WORST_FIRST.index(member.state), member.due_on or date.max, member.person.staff_number),
    )
    return Team(tuple(ordered), len(people) - len(shown), own, bank)


def members_of(people: Sequence[User], today: date) -> list[Member]:
    ids = [person.pk for person in people]
    duties, ladders = duties_of(people=ids, on=today), ladders_of(people, today)
    postings: dict[int, Posting] = {}
    rows = Posting.objects.current().effective(today).filter(person__in=ids).select_related("branch", "position")
    for posting in rows.order_by("primary"):
        postings[posting.person_id] = posting
    away = _away(ids, today)
    nudged = dict(
        Notice.objects.filter(person__in=ids, kind="certificates.nudge")
        .values("person")
        .annotate(last=Max("created_at"))
        .values_list("person", "last")
    )
    given = _newest(Recommendation.objects.filter(person__in=ids, withdrawn_at=None))
    observations: dict[int, dict[int, Observation]] = {}
    going_on = Observation.objects.filter(person__in=ids, state__in=OPEN).annotate(sheets_done=sheets_handed_in())
    for observation in going_on.select_related("practice", "asked_by"):
        observations.setdefault(observation.person_id, {})[observation.practice_id] = observation
    states = {pk: _states(duties[pk], ladders[pk], today) for pk in ids}
    used_up = _used_up(ladders, timezone.now())
    programmes = programmes_of(ids, today)
    tasks = tasks_to_tick(programmes, by=ProgrammeStep.Ticks.MANAGER)
    practices = _practices(ladders)
    return [
        Member(
            person=person,
            posting=postings.get(person.pk),
            state=worst_of(states[person.pk], on_leave=person.pk in away),
            duties=tuple((duty, state) for duty, state in states[person.pk] if duty.done_on is None),
            steps=tuple(ladders[person.pk]),
            leave=away.get(person.pk),
            nudged_at=nudged.get(person.pk),
            recommendations=given.get(person.pk, {}),
            wanted=wanted_of(
                ladders[person.pk],
                [own for own in programmes if own.row.person_id == person.pk],
                observations.get(person.pk, {}),
                practices,
            ),
            tasks=tuple(task for task in tasks if task.person_id == person.pk),
            without_mentor=tuple(
                own for own in programmes if own.row.person_id == person.pk and own.lacks_mentor and not own.paused
            ),
            used_up=tuple(used_up.get(person.pk, ())),
        )
        for person in people
    ]


def with_hours(members: Sequence[Member], today: date) -> list[Member]:
    """Each with the training hours of the year, where it asks for some. Four queries, however many people; one where it
    asks for none."""
    if not quotas_in(today.year):
        return list(members)
    balances = balances_for([member.person.pk for member in members], year=today.year, on=today)
    return [replace(member, hours=balances[member.person.pk]) for member in members]


def _practices(ladders: dict[int, list[Rung]]) -> dict[int, ObservedPractice]:
    """Those that levels still ask of somebody. No query where none does."""
    keys = {
        key
        for steps in ladders.values()
        for step in steps
        for practices in practices_missing(step)
        for key in practices
    }
    return ObservedPractice.objects.in_bulk(keys) if keys else {}


def _used_up(ladders: dict[int, list[Rung]], now: datetime) -> dict[int, list[Quiz]]:
    """By person, the exams that are missing and cannot be sat again by the rules. No query where no exam is missing."""
    asked = {
        (person, line.asked.exam, step.occasion)
        for person, steps in ladders.items()
        for step in steps
        if step.standing is not None and step.state != "later"
        for line in step.standing.missing
        if line.asked.exam is not None
    }
    if not asked:
        return {}
    people, exams = {person for person, _exam, _occasion in asked}, {exam for _person, exam, _occasion in asked}
    found: dict[int, list[Quiz]] = {}
    for (person, exam, occasion), quiz in used_up_among(people=people, quizzes=exams, now=now).items():
        if (person, exam, occasion) in asked:
            found.setdefault(person, []).append(quiz)
    return found


def _newest(rows: QuerySet[Recommendation]) -> dict[int, dict[int, Recommendation]]:
    """The last one by person and track."""
    found: dict[int, dict[int, Recommendation]] = {}
    for row in rows.select_related("made_by", "track").order_by("made_on", "pk"):
        found.setdefault(row.person_id, {})[row.track_id] = row
    return found


def worst_of(states: Iterable[tuple[Duty, DutyState]], *, on_leave: bool = False) -> DutyState:
    """The worst of the required duties that are open; done when there is none. On leave nothing presses. Pure."""
    if on_leave:
        return DutyState.PAUSED
    open_states = [state for duty, state in states if duty.required and state != DutyState.DONE]
    return min(open_states, key=WORST_FIRST.index, default=DutyState.DONE)


def _states(duties: Iterable[Duty], steps: Iterable[Rung], today: date) -> list[tuple[Duty, DutyState]]:
    """Each duty with its state. A level for which everything is met waits for others: nobody is late through them."""
    return states_of(duties, _decided(steps), today)


def states_of(duties: Iterable[Duty], decided: set[str], today: date) -> list[tuple[Duty, DutyState]]:
    """The same, where it is known for the subjects of which levels everything is met: no day presses there. Pure."""
    return [
        (replace(duty, due_on=None), DutyState.OPEN)
        if _waits(duty, decided) and duty.done_on is None
        else (duty, duty.state_on(today))
        for duty in duties
    ]


def _decided(steps: Iterable[Rung]) -> set[str]:
    """What levels are about for which everything is met."""
    return {step.track.level.subject for step in steps if step.standing is not None and step.standing.met}


def _away(people: Sequence[int], on: date) -> dict[int, Span]:
    """Who is on leave that day, with its first and last day; the last one None where it stands open."""
    rows = Leave.objects.current().effective(on).filter(person__in=people)
    found: dict[int, Span] = {}
    for person, first, last in rows.values_list("person", "effective_from", "effective_until"):
        sooner, later = found.get(person, (first, last))
        found[person] = min(sooner, first), max(later, last) if later and last else None
    return found


def _waits(duty: Duty, decided: set[str]) -> bool:
    return duty.kind in LEVEL_KINDS and duty.about in decided


def shares(branches: set[int], today: date) -> tuple[Tally, Tally]:
    """持证率 of the outlets and of the whole bank on a day."""
    asking = asking_on(today)
    own = count_by_branch(asking, today, branches).below(branches)
    key = f"certified-share:{today}"
    bank = cache.get(key)
    if bank is None:
        counted = count_by_branch(asking, today)
        bank = counted.below(counted.by_branch)
        cache.set(key, bank, BANK_SHARE_SECONDS)
    return own, bank
