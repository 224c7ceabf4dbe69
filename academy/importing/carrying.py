"""The task's work on a run: checks or writes it, is taken up again when it was killed, and forgets old files."""

import json
import shutil
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from academy.clock import local_day
from academy.errors import RuleViolation
from academy.importing.checking import CHUNK, Check, read_spool
from academy.importing.columns import Layout, recognise, with_mapping
from academy.importing.faults import FileRefused
from academy.importing.kinds import KINDS, Context
from academy.importing.kinds.base import UNCHANGED, Change
from academy.importing.reading import Source
from academy.importing.runs import folder_of, import_branches_of, open_source, rows_to_write, spool_of, without_of
from academy.importing.writing import import_lease, record_import, write_rows
from academy.models import ImportLine, ImportRun
from academy.notices import notify, register_notice

STALE = timedelta(minutes=12)
FILES_KEPT = timedelta(days=90)
DONE = register_notice(
    "import_done",
    title=_("Your import is written"),
    text=_("%(file)s: %(created)s new, %(updated)s changed."),
    icon="upload",
)


def carry_on(*, run_id: int) -> str:
    """The task's work: checks or writes, as the run's state says. Idempotent; a killed one is taken up again."""
    run = ImportRun.objects.select_related("started_by").get(pk=run_id)
    try:
        with override(run.started_by.language or settings.LANGUAGE_CODE):
            if run.state == ImportRun.State.CHECKING:
                _check(run)
            elif run.state == ImportRun.State.WRITING:
                _write(run)
    except (FileRefused, RuleViolation) as refusal:
        ImportRun.objects.filter(pk=run.pk).update(
            state=ImportRun.State.FAILED, problem=str(refusal.message)[:500], touched_at=timezone.now()
        )
    except Exception:
        ImportRun.objects.filter(pk=run.pk).update(
            state=ImportRun.State.FAILED,
            problem=_t("The import stopped by a fault of the system."),
            touched_at=timezone.now(),
        )
        raise
    return ImportRun.objects.values_list("state", flat=True).get(pk=run.pk)


def resume_stale(*, now: datetime) -> int:
    """The minute's pass: takes up what a killed worker left lying. Returns how many."""
    from academy.tasks import run_import_task

    stale = list(ImportRun.objects.filter(state__in=ImportRun.RUNNING, touched_at__lt=now - STALE))
    for run in stale:
        ImportRun.objects.filter(pk=run.pk).update(touched_at=now)
        run_import_task.enqueue(run.pk)
    return len(stale)


def forget_old_files(*, now: datetime) -> int:
    """The daily pass: files and rows of imports that ended long ago go; who imported what stays. Returns how many."""
    old = (
        ImportRun.objects.filter(
            state__in=[ImportRun.State.DONE, ImportRun.State.CANCELLED], finished_at__lt=now - FILES_KEPT
        )
        .filter(lines__isnull=False)
        .distinct()
    )
    runs = list(old)
    for run in runs:
        shutil.rmtree(folder_of(run), ignore_errors=True)
        run.lines.all().delete()
    return len(runs)


def context_of(run: ImportRun, now: datetime) -> Context:
    """Who imports where, asked anew: a role that ended meanwhile writes nothing."""
    today = local_day(now)
    branches = import_branches_of(run.started_by, today)
    if branches == () or not run.started_by.is_active or (branches is not None and KINDS[run.kind].whole_bank_only):
        raise RuleViolation(_("You may no longer import here."))
    return Context(
        now=now,
        today=today,
        actor=run.started_by,
        branches=branches,
        effective_on=run.effective_on,
        complete=run.complete,
    )


def _check(run: ImportRun) -> None:
    now = timezone.now()
    kind = KINDS[run.kind](context_of(run, now))
    check = Check(kind, spool_of(run, run.part))
    carried = None
    if run.part > 1:
        wrong = {(part, row) for part, row in json.loads(without_of(run, run.part).read_text(encoding="ascii"))}
        carried = read_spool(spool_of(run, run.part - 1), without=wrong)
    for part in range(1, run.part):
        with open_source(run, part) as earlier:
            check.faults.layouts[part] = _layout_of_part(run, earlier, part)
    with open_source(run) as source:
        check.read(
            source,
            _layout_of_part(run, source, run.part),
            part=run.part,
            carried=carried,
            progress=lambda done: _touch(run, done=done),
        )
    lines: list[ImportLine] = []
    run.lines.all().delete()
    for seen, change in enumerate(check.compare(), 1):
        if change.outcome != UNCHANGED:
            lines.append(_line(run, change))
        if len(lines) >= CHUNK:
            ImportLine.objects.bulk_create(lines)
            lines.clear()
        if seen % CHUNK == 0:
            _touch(run, done=seen, total=check.rows)
    ImportLine.objects.bulk_create(lines)
    ImportLine.objects.bulk_create(_error_lines(run, check), batch_size=CHUNK)
    counts = {**check.counts, "rows": check.rows, "errors": len(check.faults.rows)}
    ImportRun.objects.filter(pk=run.pk).update(
        state=ImportRun.State.CHECKED,
        counts=counts,
        checked_at=now,
        done=check.rows,
        total=check.rows,
        touched_at=timezone.now(),
    )


def _layout_of_part(run: ImportRun, source: Source, part: int) -> Layout:
    """What was said about the first part's headings holds for corrected files too, where they have them."""
    columns = KINDS[run.kind].columns
    return with_mapping(recognise(source, columns), columns, run.columns)


def _line(run: ImportRun, change: Change) -> ImportLine:
    item = change.item
    return ImportLine(
        run=run, part=item.part if item else run.part, row=item.row if item else 0, outcome=change.outcome,
        key=change.key[:64], name=change.name[:120], details=change.details,
    )  # fmt: skip


def _error_lines(run: ImportRun, check: Check) -> list[ImportLine]:
    found: dict[tuple[int, int], ImportLine] = {}
    for fault in sorted(check.faults.found, key=lambda fault: (fault.part, fault.row)):
        line = found.setdefault(
            (fault.part, fault.row),
            ImportLine(run=run, part=fault.part, row=fault.row, outcome=ImportLine.Outcome.ERROR, details=[]),
        )
        line.details.append([fault.column, fault.message])
    return list(found.values())


def _write(run: ImportRun) -> None:
    now = timezone.now()
    kind = KINDS[run.kind](context_of(run, now))
    rows = rows_to_write(run)
    ImportRun.objects.filter(pk=run.pk).update(total=rows * kind.steps, touched_at=now)

    def progress(step: int, done: int) -> None:
        _touch(run, step=step, done=done)

    with import_lease():
        write_rows(kind, spool_of(run, run.part), step=run.step, done=run.done, progress=progress)
        with transaction.atomic():
            facts = {"file": run.file_name, "sha256": run.digest, **run.counts}
            record_import(kind=kind, about=run, facts=facts, actor=run.started_by)
            ImportRun.objects.filter(pk=run.pk).update(
                state=ImportRun.State.DONE,
                finished_at=timezone.now(),
                touched_at=timezone.now(),
                step=kind.steps,
                done=rows,
            )
            notify(
                person=run.started_by, kind=DONE, event=f"import:{run.pk}", now=timezone.now(),
                facts={"file": run.file_name, "created": run.counts.get("new", 0),
                       "updated": run.counts.get("changed", 0) + run.counts.get("left", 0)},
            )  # fmt: skip


def _touch(run: ImportRun, **values: int) -> None:
    ImportRun.objects.filter(pk=run.pk).update(touched_at=timezone.now(), **values)
