"""The register as a file: a task with a progress bar that one may leave; who asked for what stands in the journal."""

import hashlib
import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.access import is_limited, people_visible_to
from academy.clock import local_day
from academy.journal import record, register_action, seal_entries
from academy.models import Branch, User
from academy.notices import notify, register_notice
from courses.models import TrainingExport
from courses.register.rows import Question, every_row
from courses.register.workbook import write_workbook

logger = logging.getLogger(__name__)
EXPORT = register_action("courses.export_register", _("Training register exported"))
READY = register_notice(
    "courses.register_ready",
    title=_("The training register is ready"),
    text=_("%(count)s rows are written. The file can be downloaded."),
    icon="download",
)
State = TrainingExport.State
RUNNING = (State.WAITING, State.RUNNING)
STALE = timedelta(minutes=12)


def request_export(*, question: Question, requested_by: User, now: datetime) -> TrainingExport:
    """Queues an export and journals it."""
    from courses.tasks import export_register_task

    with transaction.atomic():
        export = TrainingExport.objects.create(
            requested_by=requested_by, question=question.to_json(), requested_at=now, touched_at=now
        )
        record(EXPORT, now=now, actor=requested_by, about=export, after=question.to_json())
        transaction.on_commit(lambda: export_register_task.enqueue(export.pk))
    return export


def file_of(export: TrainingExport) -> Path:
    return Path(settings.PRIVATE_ROOT) / "exports" / f"training-{export.uuid}.xlsx"


def run_export(*, export_id: int) -> int:
    """Writes one export. Idempotent: a killed run starts again, a finished one stands. Returns how many rows."""
    export = TrainingExport.objects.select_related("requested_by").get(pk=export_id)
    if export.state == State.READY:
        return export.done
    now, question = timezone.now(), Question.from_json(export.question)
    people = people_visible_to(export.requested_by, local_day(now))
    seal_entries(now=now)
    target = file_of(export)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    branch = Branch.objects.filter(code=question.branch).first()

    def progress(done: int) -> None:
        TrainingExport.objects.filter(pk=export.pk).update(state=State.RUNNING, done=done, touched_at=timezone.now())

    try:
        count = write_workbook(
            target=partial, rows=lambda: every_row(question, people), question=question,
            limited=is_limited(export.requested_by, local_day(now)), branch_name=branch.name if branch else "", progress=progress,
        )  # fmt: skip
        partial.replace(target)
    except Exception:
        partial.unlink(missing_ok=True)
        TrainingExport.objects.filter(pk=export.pk).update(state=State.FAILED, finished_at=timezone.now())
        raise
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    TrainingExport.objects.filter(pk=export.pk).update(
        state=State.READY,
        done=count,
        total=count,
        size=target.stat().st_size,
        digest=digest,
        finished_at=timezone.now(),
    )
    notify(
        person=export.requested_by, kind=READY, event=f"training-export:{export.pk}", now=timezone.now(),
        facts={"count": count},
    )  # fmt: skip
    return count


def resume_stale(*, now: datetime) -> int:
    """The minute's pass: takes up what a killed worker left lying. Returns how many."""
    from courses.tasks import export_register_task

    stale = list(TrainingExport.objects.filter(state__in=RUNNING, touched_at__lt=now - STALE))
    for export in stale:
        TrainingExport.objects.filter(pk=export.pk).update(touched_at=now)
        export_register_task.enqueue(export.pk)
    return len(stale)
