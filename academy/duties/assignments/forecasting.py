"""What an assignment would do, before it is made: how many people, by name, and whose case is an exception."""

from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.calendar.clock import local_day
from academy.dates.due_dates import Problem, ShortTime
from academy.dates.leave_effects import is_on_leave
from academy.duties.ahead import NoticesAhead, notices_ahead
from academy.duties.assignments import ASSIGNMENT_KINDS
from academy.duties.assignments.acts import create_assignment, let_go
from academy.duties.assignments.evaluating import evaluate_assignment, events_of, standing
from academy.models import Assignee, Assignment, Audience, User
from academy.models.assignments import AssigneeRows
from academy.staff.audiences import people_in, save_audience
from academy.staff.leaves import leaves_of

CHUNK, NAMES = 5000, 20

DONE, SHORT, UNKNOWN, DUPLICATE, AWAY = "done", "short", "unknown", "duplicate", "away"
EXCEPTIONS: dict[str, tuple[Any, Any]] = {
    DONE: (_("Already done"), _("Nothing is left for them to do; they are listed as done.")),
    SHORT: (Problem.SHORT.label, _("The due date is nearer than the days needed, or past.")),
    UNKNOWN: (Problem.UNKNOWN.label, _("The day it is counted from is not recorded; the date follows once it is.")),
    DUPLICATE: (_("Assigned already"), _("Another assignment says the same; the earlier due date holds.")),
    AWAY: (
        pgettext_lazy("person", "On leave"),
        _("Nothing counts as late and no reminders are sent while they are away; their date moves by the leave."),
    ),
}


@dataclass
class Group:
    """Some of the people: how many, and the first of them by staff number."""

    count: int = 0
    first: list[int] = field(default_factory=list)
    people: list[User] = field(default_factory=list)

    def add(self, person: int) -> None:
        self.count += 1
        if len(self.first) < NAMES:
            self.first.append(person)


@dataclass
class Forecast:
    everybody: Group = field(default_factory=Group)
    exceptions: dict[str, Group] = field(default_factory=lambda: {code: Group() for code in EXCEPTIONS})
    earliest: date | None = None
    latest: date | None = None
    # The later day of those whose time is too short and is made longer.
    moved_to: date | None = None
    # Keys of everybody, by what keeps a notice from them; '' for those who have it to do.
    by_stand: dict[str, list[int]] = field(default_factory=lambda: {"": [], DONE: [], AWAY: []})

    @property
    def shown(self) -> list[tuple[Any, Any, date | None, Group]]:
        """Label, words, the day that these get, and who."""
        return [
            (*EXCEPTIONS[code], self.moved_to if code == SHORT else None, group)
            for code, group in self.exceptions.items()
            if group.count
        ]

    @property
    def to_do(self) -> int:
        return self.everybody.count - self.exceptions[DONE].count


@dataclass(frozen=True)
class Hearing:
    """Who of the people is told now, and why the others are not: ``before`` heard of it, or of nothing yet."""

    told: Group
    before: Group
    done: int
    away: int


def hearing(found: Forecast, notices: NoticesAhead) -> Hearing | None:
    """None where only some of very many were looked at. One query."""
    if not notices.exact:
        return None
    told, before, listeners = Group(), Group(), set(notices.people)
    for stand, keys in found.by_stand.items():
        for pk in keys:
            if pk in listeners:
                told.add(pk)
            elif not stand:
                before.add(pk)
    named = User.objects.in_bulk([*told.first, *before.first])
    for group in (told, before):
        group.people = [named[pk] for pk in group.first]
    silent = {code: len(set(found.by_stand[code]) - listeners) for code in (DONE, AWAY)}
    return Hearing(told, before, silent[DONE], silent[AWAY])


def forecast(*, assignment: Assignment, today: date) -> Forecast:
    """Looks at everybody whom an assignment, saved or not, would hold today. A few queries a thousand people."""
    people = people_in(assignment.audience, today)
    ids = list(people.order_by("staff_number").values_list("pk", flat=True))
    found, first_day = Forecast(), max(today, assignment.effective_from)
    for start in range(0, len(ids), CHUNK):
        _look_at(assignment, ids[start : start + CHUNK], today, first_day, found)
    groups = [found.everybody, *found.exceptions.values()]
    named = User.objects.in_bulk({pk for group in groups for pk in group.first})
    for group in groups:
        group.people = [named[pk] for pk in group.first]
    return found


@dataclass(slots=True)
class _WouldBe:
    """A row that is never saved: whether somebody has done it is asked of rows, known here by the person."""

    pk: int
    assignment: Assignment
    person_id: int
    since: date


def notices_of_assignment(*, assignment: Assignment, now: datetime, actor: User) -> NoticesAhead:
    """What the people hear who come into it, on the day it begins."""
    today = local_day(now)
    day = max(today, assignment.effective_from)

    def assign(some: list[int]) -> list[int]:
        begun = create_assignment(assignment=copy(assignment), now=now, actor=actor)
        evaluate_assignment(assignment=begun, now=now + (day - today), people=some)
        return some

    return notices_ahead(keys=_keys(assignment.audience, day), step=assign, now=now, on=day)


def notices_of_audience(*, audience: Audience, listed: list[User] | None, now: datetime, actor: User) -> NoticesAhead:
    """What those hear who come into assignments by another audience."""
    if audience.pk is None:
        return NoticesAhead(0)
    today = local_day(now)

    def change(some: list[int]) -> list[int]:
        changed = save_audience(audience=copy(audience), listed=listed, now=now, actor=actor)
        for model in ASSIGNMENT_KINDS.values():
            for assignment in standing(model).filter(audience=changed):
                evaluate_assignment(assignment=assignment, now=now, people=some)
        return some

    keys = _keys(audience, today, None if listed is None else [person.pk for person in listed])
    return notices_ahead(keys=keys, step=change, now=now)


def notices_of_letting_go(*, rows: AssigneeRows, now: datetime) -> NoticesAhead:
    """What those hear whose open rows end."""

    def end(some: list[int]) -> list[int]:
        let_go(rows.model._default_manager.filter(pk__in=some), reason=Assignee.Ended.WITHDRAWN, now=now)
        return []

    return notices_ahead(keys=list(rows.order_by("pk").values_list("pk", flat=True)), step=end, now=now)


def _keys(audience: Audience, day: date, listed: list[int] | None = None) -> list[int]:
    return list(people_in(audience, day, listed=listed).order_by("pk").values_list("pk", flat=True))


def _look_at(assignment: Assignment, people: list[int], today: date, first_day: date, found: Forecast) -> None:
    model = type(assignment)
    rows: list[Any] = [_WouldBe(pk, assignment, pk, first_day) for pk in people]
    done = model.done_days(rows, today)
    events = events_of(assignment, people, first_day)
    leaves = leaves_of(people)
    twice = _assigned_already(assignment, people)
    # Many share the day that their date is counted from.
    dues = {event: assignment.due_on(since=first_day, event=event) for event in {None, *events.values()}}
    for pk in people:
        found.everybody.add(pk)
        away = pk in leaves and is_on_leave(leaves[pk], today)
        if pk in done:
            found.exceptions[DONE].add(pk)
        elif not away or dues[events.get(pk)].problem == Problem.UNKNOWN:
            # Of who is on leave the date moves by the leave: none of these days is theirs.
            due = dues[events.get(pk)]
            moved = due.problem == Problem.SHORT and assignment.short_time == ShortTime.MINIMUM
            if moved:
                found.moved_to = due.day
            elif due.day is not None:
                found.earliest = min(found.earliest or due.day, due.day)
                found.latest = max(found.latest or due.day, due.day)
            if due.problem:
                found.exceptions[SHORT if due.problem == Problem.SHORT else UNKNOWN].add(pk)
        if pk in twice:
            found.exceptions[DUPLICATE].add(pk)
        if away:
            found.exceptions[AWAY].add(pk)
        found.by_stand[DONE if pk in done else AWAY if away else ""].append(pk)


def _assigned_already(assignment: Assignment, people: list[int]) -> set[int]:
    """Who is in another assignment of the same thing."""
    rows = assignment.assignees().objects
    others = rows.filter(person__in=people, until=None, assignment__withdrawn_at=None)
    others = others.filter(**{f"assignment__{assignment.target_field}": assignment.target_id})
    if assignment.pk is not None:
        others = others.exclude(assignment=assignment.pk)
    return set(others.values_list("person", flat=True))
