"""What HR does with assignments: assign, extend, take out, withdraw. Each is journalled with who and why."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.duties.assignments.duties import stands_of
from academy.duties.assignments.evaluating import BATCH, close_rows, rows_of
from academy.duties.duty import duties_of
from academy.duties.reminding import reached, told_events
from academy.errors.refusals import RuleViolation
from academy.journal import Entry, record, record_many, register_action
from academy.models import Assignee, Assignment, User
from academy.models.assignments import AssigneeRows
from academy.notices.inbox import Telling, notify_many, register_notice

ASSIGN = register_action("academy.assign", _("Assigned"))
EXTEND = register_action("academy.extend_assignment", _("Due date extended"))
TAKE_OUT = register_action("academy.take_out_of_assignment", _("Taken out of an assignment"))
WITHDRAW = register_action("academy.withdraw_assignment", _("Assignment withdrawn"))

NO_LONGER = register_notice(
    "academy.assigned_no_longer",
    title=_("No longer assigned: %(title)s"),
    text=_("You need not do it any more. What you have done stays on record."),
    icon="clipboard-list",
)

WITHDRAWN_ALREADY = _("This assignment is withdrawn already.")

Progress = Callable[[int, int], None]


def _no_progress(done: int, total: int) -> None:
    """For acts on few people."""


@transaction.atomic
def create_assignment(*, assignment: Assignment, now: datetime, actor: User | None) -> Assignment:
    """Saves a new assignment. Nobody is in it before ``evaluate_assignment``."""
    assignment.created_at, assignment.created_by = now, actor
    assignment.save(force_insert=True)
    record(ASSIGN, now=now, actor=actor, about=assignment, reason=assignment.note, after=facts_of(assignment))
    return assignment


def facts_of(assignment: Assignment) -> dict[str, Any]:
    """What an assignment says, for the journal."""
    return {
        assignment.target_field: assignment.target.code,
        "audience": assignment.audience.name,
        "required": assignment.required,
        "from": assignment.effective_from,
        "due": assignment.due_from,
        "due_date": assignment.due_date,
        "period": f"{assignment.due_amount} {assignment.due_unit}" if assignment.due_amount else "",
    }


def extend_rows(
    *,
    rows: AssigneeRows,
    due_on: date | None,
    days: int = 0,
    reason: str,
    now: datetime,
    actor: User | None,
    progress: Progress = _no_progress,
) -> int:
    """Gives people a later due date: a fixed one, or so many days after theirs. Returns how many got one.

    Who has done it, has no due date to move or one that is later already is left as is. Written in batches; a second
    call at the same ``now`` goes on where a killed one stopped. Raises ``RuleViolation`` without a reason or a date.
    """
    reason = _needed(reason)
    if due_on is None and days < 1:
        raise RuleViolation(_("Enter the new due date, or by how many days."))
    today = local_day(now)
    assignments: dict[int, Assignment] = {}
    open_rows = rows.filter(until=None).exclude(extensions__recorded_at=now)
    waiting = list(open_rows.order_by("pk").values_list("pk", flat=True))
    extended = 0
    for start in range(0, len(waiting), BATCH):
        chunk = list(
            rows.model._default_manager.filter(pk__in=waiting[start : start + BATCH])
            .select_related("assignment", *_needs(rows.model))
            .prefetch_related("extensions")
        )
        assignments.update({row.assignment_id: row.assignment for row in chunk})
        stands = stands_of(type(chunk[0].assignment), chunk, today)
        extended += _extend_chunk(chunk, stands, due_on, days, reason, today, now, actor)
        progress(min(start + BATCH, len(waiting)), len(waiting))
    return extended


def _needs(model: Any) -> tuple[str, ...]:
    assignment = model._meta.get_field("assignment").related_model
    return (f"assignment__{assignment.target_field}", *assignment.done_needs)


@transaction.atomic
def _extend_chunk(
    chunk: list[Assignee],
    stands: dict[int, Any],
    due_on: date | None,
    days: int,
    reason: str,
    today: date,
    now: datetime,
    actor: User | None,
) -> int:
    extension = chunk[0].extensions.model
    made, entries = [], []
    for row in chunk:
        stand = stands[row.pk]
        # Who has no date because nobody knows it gets one by a fixed day; who was given none has nothing to move.
        new = due_on or (stand.due_on + timedelta(days=days) if stand.due_on else None)
        fixed_by_hand = stand.due_on is None and row.problem != ""
        if stand.done_on or new is None or not (fixed_by_hand or (stand.due_on and new > stand.due_on)):
            continue
        made.append(
            extension(assignee=row, due_on=new, reason=reason, recorded_on=today, recorded_at=now, recorded_by=actor)
        )
        entries.append(
            Entry(
                EXTEND,
                _about(row),
                person=row.person_id,
                reason=reason,
                before={"due": stand.due_on},
                after={"due": new},
            )
        )
    extension.objects.bulk_create(made, batch_size=BATCH)
    record_many(entries, now=now, actor=actor)
    return len(made)


def take_out(
    *, rows: AssigneeRows, reason: str, now: datetime, actor: User | None, progress: Progress = _no_progress
) -> int:
    """Takes people out, for good: no evaluation lets them in again. Returns how many."""
    reason = _needed(reason)
    waiting = list(rows.filter(until=None).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(waiting), BATCH):
        with transaction.atomic():
            chunk = list(rows.model._default_manager.filter(pk__in=waiting[start : start + BATCH], until=None))
            entries = [Entry(TAKE_OUT, _about(row), person=row.person_id, reason=reason) for row in chunk]
            closing = rows.model._default_manager.filter(pk__in=[row.pk for row in chunk])
            let_go(closing, reason=Assignee.Ended.TAKEN_OUT, now=now)
            record_many(entries, now=now, actor=actor)
        progress(min(start + BATCH, len(waiting)), len(waiting))
    return len(waiting)


@transaction.atomic
def withdraw_assignment(*, assignment: Assignment, reason: str, now: datetime, actor: User | None) -> None:
    """Ends an assignment for everybody who is in it; what was done stays done. Raises ``RuleViolation``."""
    reason = _needed(reason)
    locked = type(assignment)._default_manager.select_for_update().get(pk=assignment.pk)
    if locked.withdrawn_at is not None:
        raise RuleViolation(WITHDRAWN_ALREADY)
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawal_reason = now, actor, reason
    locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    count = let_go(rows_of(locked).filter(until=None), reason=Assignee.Ended.WITHDRAWN, now=now)
    record(
        WITHDRAW, now=now, actor=actor, about=locked, reason=reason, before=facts_of(locked), after={"people": count}
    )


def let_go(rows: AssigneeRows, *, reason: str, now: datetime) -> int:
    """Ends open rows, and tells those who had heard of it, for whom it was still to be done and of whom nobody else asks
    the same. Returns how many rows."""
    waiting, today = list(rows.order_by("pk").values_list("pk", flat=True)), local_day(now)
    for some in batched(waiting, BATCH):
        chunk = rows.model._default_manager.filter(pk__in=some)
        titles = _titles_of_the_open(chunk, today)
        close_rows(chunk, today=today, reason=reason, now=now)
        asked = duties_of(people={person for _row, person in titles}, on=today)
        tellings = [
            Telling(person, event_of_end(rows.model, row, now), {"title": title})
            for (row, person), (about, title) in titles.items()
            if not any(duty.about == about for duty in asked[person])
        ]
        notify_many(kind=NO_LONGER, tellings=tellings, now=now)
    return len(waiting)


def event_of_end(model: type[Assignee], row: int, now: datetime) -> str:
    """By which what somebody hears of it is known; who is let go a second time hears of it again."""
    return f"assignment:{model._meta.label_lower}:{row}:{now.timestamp():.6f}"


def _titles_of_the_open(rows: AssigneeRows, today: date) -> dict[tuple[int, int], tuple[str, dict[str, str]]]:
    """By row and person what has yet to be done: what duties call it, and its title in both languages."""
    known = list(rows.select_related("assignment", *_needs(rows.model)).prefetch_related("extensions"))
    if not known:
        return {}
    model = type(known[0].assignment)
    told = _who_heard(known) & set(reached([row.person_id for row in known]))
    stands = stands_of(model, known, today)
    return {
        (row.pk, row.person_id): (
            model.subject_of(row.assignment.target),
            model.titles_of(row.assignment.target),
        )
        for row in known
        if stands[row.pk].done_on is None and row.person_id in told
    }


def _who_heard(rows: list[Assignee]) -> set[int]:
    """To whom reminders have spoken of what these rows ask, for whichever assignment: nobody hears of the end of what was
    never announced to them, as during leave."""
    target, people = f"assignment__{rows[0].assignment.target_field}", {row.person_id for row in rows}
    targets = {row.assignment.target_id for row in rows}
    same = type(rows[0])._default_manager.filter(person__in=people, **{f"{target}__in": targets})
    asked = set(same.values_list("person", "pk"))
    events = told_events(people, f"{rows[0].assignment.kind}:assignment:")
    return {person for person, event in events if (person, int(event.split(":")[2])) in asked}


def rows_of_people(assignment: Assignment, people: Collection[int]) -> AssigneeRows:
    return rows_of(assignment).filter(person__in=people)


def _needed(reason: str) -> str:
    reason = reason.strip()[:1000]
    if not reason:
        raise RuleViolation(_("A reason is needed."))
    return reason


def _about(row: Assignee) -> str:
    return f"{row._meta.label_lower}:{row.pk}"
