"""Who is in an assignment: people enter and drop out as they move, and every row of the past stands."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.query import QuerySet

from academy.calendar.clock import local_day
from academy.calendar.turns import TURNS
from academy.dates.due_dates import DueFrom, Problem
from academy.doors import by_name
from academy.duties.assignments import ASSIGNMENT_KINDS, turns_name
from academy.models import Assignee, Assignment, Employment, Posting, User
from academy.models.assignments import AssigneeRows
from academy.staff.audiences import people_in

BATCH = 1000


@dataclass(frozen=True)
class Changes:
    """How many entered and dropped out, and of how many a date that was unknown is known now."""

    joined: int = 0
    ended: int = 0
    dated: int = 0


def rows_of(assignment: Assignment) -> AssigneeRows:
    return assignment.people.all()


def evaluate_assignment(
    *,
    assignment: Assignment,
    now: datetime,
    people: Collection[int] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Changes:
    """Lets people enter and drop out as the audience stands today, all of them or only ``people``. Idempotent.

    Written in batches: one that was killed goes on with the rest when it is called again. Nobody taken out by HR
    comes back by it.
    """
    today = local_day(now)
    if assignment.withdrawn_at is not None or assignment.effective_from > today:
        return Changes()
    joining = list(joiners(assignment, today, people).order_by("pk").values_list("pk", flat=True))
    ending = list(_leavers(assignment, today, people))
    progress(0, len(joining) + len(ending))
    for start in range(0, len(joining), BATCH):
        _join(assignment, joining[start : start + BATCH], today, now)
        progress(min(start + BATCH, len(joining)), len(joining) + len(ending))
    for start in range(0, len(ending), BATCH):
        _end(assignment, ending[start : start + BATCH], today, now)
        progress(len(joining) + min(start + BATCH, len(ending)), len(joining) + len(ending))
    dated = _date_the_unknown(assignment, today, people)
    type(assignment)._default_manager.filter(pk=assignment.pk).update(evaluated_at=now)
    return Changes(len(joining), len(ending), dated)


def evaluate_all(*, now: datetime) -> Changes:
    """The daily pass over every assignment that stands; one that cannot be evaluated holds up no other."""
    every_change: list[Changes] = []
    for model in ASSIGNMENT_KINDS.values():
        TURNS[turns_name(model)].one_by_one(
            standing(model),
            lambda assignment: every_change.append(evaluate_assignment(assignment=assignment, now=now)),
            now=now,
            most=None,
        )
    return Changes(
        sum(change.joined for change in every_change),
        sum(change.ended for change in every_change),
        sum(change.dated for change in every_change),
    )


def follow_people(*, people: Collection[int], now: datetime) -> None:
    """After somebody moved: every assignment asks about these people, and about nobody else."""
    for model in ASSIGNMENT_KINDS.values():
        for assignment in standing(model):
            evaluate_assignment(assignment=assignment, now=now, people=people)


def standing[Told: Assignment](model: type[Told]) -> QuerySet[Told]:
    """Assignments that are not withdrawn, with what the evaluation reads."""
    related = ["audience__level", model.target_field]
    return model._default_manager.filter(withdrawn_at=None).select_related(*related)


def joiners(assignment: Assignment, on: date, people: Collection[int] | None = None) -> QuerySet[User]:
    """Who is in the audience and not in the assignment."""
    rows = rows_of(assignment).filter(person=OuterRef("pk"))
    stands = rows.filter(Q(until=None) | Q(ended_because=Assignee.Ended.TAKEN_OUT))
    found = people_in(assignment.audience, on).filter(~Exists(stands))
    return found if people is None else found.filter(pk__in=people)


def _leavers(assignment: Assignment, on: date, people: Collection[int] | None) -> QuerySet:
    """Rows that are open though their person is in the audience no more."""
    still = people_in(assignment.audience, on).filter(pk=OuterRef("person"))
    found = rows_of(assignment).filter(until=None).filter(~Exists(still))
    if people is not None:
        found = found.filter(person__in=people)
    return found.order_by("pk").values_list("pk", flat=True)


@transaction.atomic
def _join(assignment: Assignment, people: list[int], today: date, now: datetime) -> None:
    """Lets people in, unless somebody withdrew the assignment meanwhile."""
    if not type(assignment)._default_manager.select_for_update().filter(pk=assignment.pk, withdrawn_at=None).exists():
        return
    events = events_of(assignment, people, today)
    model = rows_of(assignment).model
    dues = {event: assignment.due_on(since=today, event=event) for event in {None, *events.values()}}
    rows = []
    for person in people:
        due = dues[events.get(person)]
        rows.append(
            model(
                assignment=assignment,
                person_id=person,
                since=today,
                due_on=due.day,
                problem=due.problem,
                recorded_at=now,
            )
        )
    # Two evaluations at once: the second finds the person in it already.
    model.objects.bulk_create(rows, ignore_conflicts=True)
    # Who is assigned something hears of it now and not with tomorrow's reminders.
    transaction.on_commit(lambda: by_name("academy.duties.tasks.remind_people_task").enqueue(people))


def events_of(assignment: Assignment, people: Collection[int], on: date) -> dict[int, date]:
    """The day that each person's due date is counted from; who has none is missing. One query, or none."""
    if assignment.due_from == DueFrom.ASSIGNED:
        return dict.fromkeys(people, on)
    if assignment.due_from == DueFrom.HIRED:
        jobs = Employment.objects.current().effective(on).filter(person__in=people)
        return dict(jobs.values_list("person", "effective_from"))
    if assignment.due_from == DueFrom.POSTED:
        posts = Posting.objects.current().effective(on).filter(person__in=people, primary=True)
        return {
            person: since or first
            for person, since, first in posts.values_list("person", "in_post_since", "effective_from")
        }
    if assignment.due_from == DueFrom.COMPLETED:
        return assignment.completion_days(people)
    return {}


@transaction.atomic
def _end(assignment: Assignment, rows: list[int], today: date, now: datetime) -> None:
    """The last day in it is yesterday."""
    employed = Employment.objects.current().effective(today).filter(person=OuterRef("person"))
    left = Assignee.Ended.LEFT
    for condition, reason in ((~Exists(employed), left), (Exists(employed), Assignee.Ended.MOVED)):
        open_rows = rows_of(assignment).filter(pk__in=rows, until=None).filter(condition)
        close_rows(open_rows, today=today, reason=reason, now=now)


def close_rows(rows: QuerySet, *, today: date, reason: str, now: datetime) -> int:
    """Ends rows that are open: from today on nobody is in them. Returns how many."""
    known = list(rows.values_list("pk", flat=True))
    for some in batched(known, BATCH):
        rows.model.objects.filter(pk__in=some, until=None).update(
            until=today - timedelta(days=1), ended_because=reason, ended_at=now
        )
    return len(known)


def _date_the_unknown(assignment: Assignment, today: date, people: Collection[int] | None) -> int:
    """Fills in due dates whose event is known by now; returns how many."""
    if assignment.due_from not in (DueFrom.HIRED, DueFrom.POSTED, DueFrom.COMPLETED):
        return 0
    waiting = rows_of(assignment).filter(until=None, problem=Problem.UNKNOWN)
    if people is not None:
        waiting = waiting.filter(person__in=people)
    rows, known = list(waiting), 0
    for start in range(0, len(rows), BATCH):
        chunk = rows[start : start + BATCH]
        events = events_of(assignment, [row.person_id for row in chunk], today)
        changed = [row for row in chunk if row.person_id in events]
        for row in changed:
            due = assignment.due_on(since=row.since, event=events[row.person_id])
            row.due_on, row.problem = due.day, due.problem
        waiting.model.objects.bulk_update(changed, ["due_on", "problem"])
        known += len(changed)
    return known
