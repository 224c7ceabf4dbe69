"""Acts on many people's rows, carried out by a task: asked for, taken up again when killed, told of at the end."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.duties.assignments import ASSIGNMENT_KINDS
from academy.duties.assignments.acts import (
    WITHDRAWN_ALREADY,
    create_assignment,
    extend_rows,
    take_out,
    withdraw_assignment,
)
from academy.duties.assignments.evaluating import evaluate_assignment, rows_of
from academy.duties.assignments.listing import AssigneeQuery
from academy.duties.assignments.sheet import write_sheet
from academy.duties.assignments.taking_back import take_back_refusal, take_back_withdrawal
from academy.jobs.carrying import JobKind, Work, ask, carry_out, register_job
from academy.models import Assignee, Assignment, AssignmentWork, Job, Posting, User
from academy.notices.inbox import notify, register_notice
from academy.staff.access import people_visible_to

# So many people are done with before the page comes back; more of them are a task.
AT_ONCE = 300
LISTS_KEPT = timedelta(days=7)
DONE = register_notice(
    "assignment_work_done",
    title=_("Your assignment is carried out"),
    text=_("%(title)s. People: %(people)s."),
    icon="tasks",
)


def ask_for_work(
    *,
    assignment: Assignment,
    act: str,
    size: int,
    now: datetime,
    actor: User | None,
    details: dict[str, Any] | None = None,
    once: str | None = None,
    new: bool = False,
) -> Job:
    """Notes the work and does it: at once for a few people, by a task for more. How it stands is in what comes back.

    What was asked for ``once`` already is left to whoever does it. A ``new`` assignment is created with its work, so that
    there is one of it, too.
    """
    with transaction.atomic():
        job = ask(
            kind=WORK,
            asked_by=actor,
            now=now,
            name=assignment.titles_of(assignment.target),
            once=once,
            call=size > AT_ONCE,
        )
        if AssignmentWork.objects.filter(job=job).exists():
            return job
        if new:
            create_assignment(assignment=assignment, now=now, actor=actor)
        Job.objects.filter(pk=job.pk).update(total=size)
        AssignmentWork.objects.create(
            kind=assignment.kind,
            assignment_id=assignment.pk,
            act=act,
            details=details or {},
            requested_by=actor,
            requested_at=now,
            job=job,
        )
    if size <= AT_ONCE:
        carry_out(job_id=job.pk, told=False)
    job.refresh_from_db()
    return job


def assignment_of(work: AssignmentWork) -> Assignment:
    model = ASSIGNMENT_KINDS[work.kind]
    return model._default_manager.select_related("audience__level", model.target_field).get(pk=work.assignment_id)


def _carry_out(held: Work) -> dict[str, Any]:
    """Does one work; one that was killed goes on where it stopped."""
    return {"people": _act(held)}


def _act(held: Work) -> int:
    """Returns how many people it touched. The moment of the work is that of the request, however often it is begun."""
    work, progress = held.row, held.progress
    assignment, now, actor = assignment_of(work), work.requested_at, work.requested_by
    reason = work.details.get("reason", "")
    if work.act == AssignmentWork.Act.WITHDRAW:
        withdraw_assignment(assignment=assignment, reason=reason, now=now, actor=actor)
        return held.job.total
    if work.act == AssignmentWork.Act.TAKE_BACK:
        return take_back_withdrawal(assignment=assignment, now=now, actor=actor, progress=progress)
    if work.act == AssignmentWork.Act.EVALUATE:
        changes = evaluate_assignment(assignment=assignment, now=now, progress=progress)
        return changes.joined + changes.ended
    if work.act == AssignmentWork.Act.SHEET:
        return _write_list(held, assignment)
    rows = chosen_rows(assignment, work.details)
    if work.act == AssignmentWork.Act.TAKE_OUT:
        return take_out(rows=rows, reason=reason, now=now, actor=actor, progress=progress)
    fixed = work.details.get("due_on")
    return extend_rows(
        rows=rows,
        due_on=date.fromisoformat(fixed) if fixed else None,
        days=work.details.get("days") or 0,
        reason=reason,
        now=now,
        actor=actor,
        progress=progress,
    )


def _write_list(held: Work, assignment: Assignment) -> int:
    """The listing as its reader sees it today, in the reader's language."""
    reader, today = held.row.requested_by, local_day(timezone.now())
    question = AssigneeQuery.from_details(held.row.details)
    rows = question.rows(assignment, people_visible_to(reader, today), today)
    return write_sheet(target=held.part, assignment=assignment, rows=rows, on=today, progress=held.progress)


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


def _hopeless(job: Job) -> Any:
    """A list can be written of what is withdrawn; nothing else is to be done there."""
    work = job.academy_assignmentwork
    if work.act == AssignmentWork.Act.TAKE_BACK:
        return take_back_refusal(assignment_of(work), timezone.now())
    over = work.act != AssignmentWork.Act.SHEET and assignment_of(work).withdrawn_at is not None
    return WITHDRAWN_ALREADY if over else None


def _tell_done(held: Work, now: datetime) -> None:
    work = held.row
    if work.requested_by is not None and held.job.total > AT_ONCE:
        assignment = assignment_of(work)
        notify(
            person=work.requested_by,
            kind=DONE,
            event=f"work:{work.pk}",
            now=now,
            path=_page(held.job),
            facts={"title": assignment.titles_of(assignment.target), "people": held.result["people"]},
        )


def _page(job: Job) -> str:
    return reverse("assignments:work", args=[job.academy_assignmentwork.uuid])


WORK = register_job(
    JobKind(
        "academy.assignment_work",
        label=_("Assignment"),
        carry_out=_carry_out,
        model=AssignmentWork,
        queue="imports",
        suffix=".xlsx",
        keep=lambda: LISTS_KEPT,
        page=_page,
        ended=_tell_done,
        told=lambda job: True,
        hopeless=_hopeless,
    )
)
