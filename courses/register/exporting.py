"""The register as a file: a task with a progress bar that one may leave; who asked for what stands in the journal."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.jobs.carrying import JobKind, Work, ask, register_job
from academy.journal import record, register_action, seal_entries
from academy.models import Branch, Job, User
from academy.notices.inbox import notify, register_notice
from academy.staff.access import is_limited, people_visible_to
from courses.models import TrainingExport
from courses.register.rows import TrainingQuery, every_row
from courses.register.workbook import write_register

EXPORT = register_action("courses.export_register", _("Training register exported"))
READY = register_notice(
    "courses.register_ready",
    title=_("The training register is ready"),
    text=_("Rows written: %(count)s. The file can be downloaded."),
    icon="download",
)
FILES_KEPT = timedelta(days=90)


@transaction.atomic
def request_export(
    *, question: TrainingQuery, requested_by: User, now: datetime, once: str | None = None
) -> TrainingExport:
    """Queues an export and journals it."""
    job = ask(kind=WRITING, asked_by=requested_by, now=now, name=question.branch, once=once)
    if (asked := TrainingExport.objects.filter(job=job).first()) is not None:
        return asked
    export = TrainingExport.objects.create(
        requested_by=requested_by,
        question=question.to_json(),
        requested_at=now,
        job=job,
    )
    record(EXPORT, now=now, actor=requested_by, about=export, after=question.to_json())
    return export


def _write(work: Work) -> dict[str, Any]:
    """Writes one export; a killed run starts again."""
    export, now = work.row, timezone.now()
    question = TrainingQuery.from_json(export.question)
    people = people_visible_to(export.requested_by, local_day(now))
    seal_entries(now=now)
    branch = Branch.objects.filter(code=question.branch).first()
    count = write_register(
        target=work.part,
        rows=lambda: every_row(question, people),
        question=question,
        limited=is_limited(export.requested_by, local_day(now)),
        branch_name=branch.name if branch else "",
        progress=work.progress,
    )
    work.progress(count, count)
    return {"count": count}


def _tell_ready(work: Work, now: datetime) -> None:
    notify(
        person=work.row.requested_by,
        kind=READY,
        event=f"training-export:{work.row.pk}",
        now=now,
        facts={"count": work.result["count"]},
        path=_page(work.job),
    )


def _page(job: Job) -> str:
    return reverse("training_register:progress", args=[job.courses_trainingexport.uuid])


WRITING = register_job(
    JobKind(
        "courses.training_register",
        label=_("Training register as a file"),
        carry_out=_write,
        model=TrainingExport,
        queue="exports",
        suffix=".xlsx",
        keep=lambda: FILES_KEPT,
        page=_page,
        ended=_tell_ready,
        told=lambda job: True,
    )
)
