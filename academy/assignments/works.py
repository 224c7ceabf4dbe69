"""Acts on many people's rows, carried out by a task: asked for, taken up again when killed, told of at the end."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from academy.access import people_visible_to
from academy.assignments import KINDS
from academy.assignments.acts import extend_rows, take_out, withdraw_assignment
from academy.assignments.evaluating import evaluate_assignment, rows_of
from academy.assignments.listing import Asked
from academy.assignments.sheet import file_of, write_sheet
from academy.clock import local_day
from academy.errors import RuleViolation
from academy.models import Assignee, Assignment, AssignmentWork, Posting, User
from academy.notices import notify, register_notice

# So many people are done with before the page comes back; more of them are a task.
AT_ONCE = 300
STALE = timedelta(minutes=12)
LISTS_KEPT = timedelta(days=7)
DONE = register_notice(
    "assignment_work_done",
    title=_("Your assignment is carried out"),
    text=_("%(title)s: %(people)s people."),
    icon="tasks",
)


def ask_for_work(
    *, assignment: Assignment, act: str, size: int, now: datetime, actor: User | None, details: dict[str, Any] | None = None
) -> AssignmentWork:  # fmt: skip
    """Notes the work and does it: at once for a few people, by a task for more."""
    from academy.tasks import assignment_work_task

    work = AssignmentWork.objects.create(
        kind=assignment.kind, assignment_id=assignment.pk, act=act, details=details or {}, total=size,
        requested_by=actor, requested_at=now, touched_at=now,
    )  # fmt: skip
    if size <= AT_ONCE:
        carry_out(work_id=work.pk)
        work.refresh_from_db()
    else:
        transaction.on_commit(lambda: assignment_work_task.enqueue(work.pk))
    return work


def assignment_of(work: AssignmentWork) -> Assignment:
    model = KINDS[work.kind]
    return model._default_manager.select_related("audience__level", model.target_field).get(pk=work.assignment_id)


def carry_out(*, work_id: int) -> str:
    """Does one work. Idempotent: one that was killed goes on where it stopped, a finished one stands."""
    work = AssignmentWork.objects.select_related("requested_by").get(pk=work_id)
    if work.state not in AssignmentWork.GOING:
        return work.state
    rows = AssignmentWork.objects.filter(pk=work.pk)
    rows.update(state=AssignmentWork.State.RUNNING, touched_at=timezone.now())

    def progress(done: int, total: int) -> None:
        rows.update(done=done, total=total, touched_at=timezone.now())

    try:
        people = _act(work, progress)
    except RuleViolation as refusal:
        _finish(work, AssignmentWork.State.FAILED, problem=str(refusal.message)[:500])
    except Exception:
        _finish(work, AssignmentWork.State.FAILED, problem=_t("It stopped by a fault of the system."))
        raise
    else:
        _finish(work, AssignmentWork.State.DONE, result={"people": people})
        if work.requested_by is not None and work.total > AT_ONCE:
            assignment = assignment_of(work)
            notify(
                person=work.requested_by, kind=DONE, event=f"work:{work.pk}", now=timezone.now(),
                facts={"title": assignment.titles_of(assignment.target), "people": people},
            )  # fmt: skip
    return AssignmentWork.objects.values_list("state", flat=True).get(pk=work.pk)


def _act(work: AssignmentWork, progress: Any) -> int:
    """Returns how many people it touched. The moment of the work is that of the request, however often it is begun."""
    assignment, now, actor = assignment_of(work), work.requested_at, work.requested_by
    reason = work.details.get("reason", "")
    if work.act == AssignmentWork.Act.WITHDRAW:
        withdraw_assignment(assignment=assignment, reason=reason, now=now, actor=actor)
        return work.total
    if work.act == AssignmentWork.Act.EVALUATE:
        changes = evaluate_assignment(assignment=assignment, now=now, progress=progress)
        return changes.joined + changes.ended
    if work.act == AssignmentWork.Act.SHEET:
        return _write_list(work, assignment, progress)
    rows = chosen_rows(assignment, work.details)
    if work.act == AssignmentWork.Act.TAKE_OUT:
        return take_out(rows=rows, reason=reason, now=now, actor=actor, progress=progress)
    fixed = work.details.get("due_on")
    return extend_rows(
        rows=rows, due_on=date.fromisoformat(fixed) if fixed else None, days=work.details.get("days") or 0,
        reason=reason, now=now, actor=actor, progress=progress,
    )  # fmt: skip


def _write_list(work: AssignmentWork, assignment: Assignment, progress: Any) -> int:
    """The listing as its reader sees it today, in the reader's language."""
    reader, today = work.requested_by, local_day(timezone.now())
    assert reader is not None  # noqa: S101
    question = Asked.from_details(work.details)
    rows = question.rows(assignment, people_visible_to(reader, today), today)
    with override(reader.language or settings.LANGUAGE_CODE):
        return write_sheet(target=file_of(work), assignment=assignment, rows=rows, on=today, progress=progress)


def chosen_rows(assignment: Assignment, details: dict[str, Any]) -> QuerySet[Assignee]:
    """The open rows that an act is about: of named people, of a part of the bank by its path, or of everybody."""
    rows = rows_of(assignment).filter(until=None)
    if "people" in details:
        rows = rows.filter(person__in=details["people"])
    if "branch" in details:
        on = date.fromisoformat(details["on"])
        here = Posting.objects.current().effective(on).filter(branch__path__startswith=details["branch"])
        rows = rows.filter(person__in=here.values("person"))
    return rows


def _finish(work: AssignmentWork, state: str, **values: Any) -> None:
    now = timezone.now()
    AssignmentWork.objects.filter(pk=work.pk).update(state=state, touched_at=now, finished_at=now, **values)


def take_up_stale(*, now: datetime) -> int:
    """The minute's pass: takes up what a killed worker left lying. Returns how many."""
    from academy.tasks import assignment_work_task

    lying = AssignmentWork.objects.filter(Q(state__in=AssignmentWork.GOING), touched_at__lt=now - STALE)
    works = list(lying)
    for work in works:
        AssignmentWork.objects.filter(pk=work.pk).update(touched_at=now)
        assignment_work_task.enqueue(work.pk)
    return len(works)


def forget_old_lists(*, now: datetime) -> int:
    """The daily pass: workbooks with names go after a week; who asked for which stays. Returns how many."""
    sheets = AssignmentWork.objects.filter(act=AssignmentWork.Act.SHEET, finished_at__lt=now - LISTS_KEPT)
    # What an earlier night took away is not looked for again.
    sheets = sheets.filter(finished_at__gte=now - 3 * LISTS_KEPT)
    gone = [file_of(work) for work in sheets if file_of(work).exists()]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
