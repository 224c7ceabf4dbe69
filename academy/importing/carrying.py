"""The task's work on a run: checks or writes it, is taken up again when it was killed, and forgets old files."""

import json
import shutil
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.bilingual import kept
from academy.calendar.clock import LEASE, local_day
from academy.calendar.turns import register_turns
from academy.errors.refusals import RuleViolation
from academy.importing.checking import CHUNK, Check, read_spool
from academy.importing.columns import Layout, recognise, with_mapping
from academy.importing.faults import FileRefused
from academy.importing.kinds import FILE_KINDS, Context
from academy.importing.kinds.base import UNCHANGED, Change
from academy.importing.reading import Source
from academy.importing.runs import (
    IMPORT_JOB,
    folder_of,
    import_branches_of,
    open_source,
    rows_to_write,
    spool_of,
    take_up,
    without_of,
)
from academy.importing.telling import notices_of_file
from academy.importing.undoing import forget_what_was_before
from academy.importing.writing import ImportBusy, import_lease, record_import, write_rows
from academy.jobs.carrying import JobKind, Later, LeaseLost, Work, register_job
from academy.models import ImportLine, ImportRun, Job
from academy.notices.inbox import notify, register_notice

FORGETTING = register_turns("forget old import files", label=_("Files of old imports"), model=ImportRun, tries=3)
FILES_KEPT = timedelta(days=90)
DONE = register_notice(
    "import_done",
    title=_("Your import is written"),
    text=_("%(file)s: %(created)s new, %(updated)s changed."),
    icon="upload",
)


def _carry_out(work: Work) -> dict[str, Any]:
    """The job's work: checks or writes, as the run's state says. One that was killed is taken up where it stopped."""
    run = work.row
    try:
        return _check(run, work) if run.state == ImportRun.State.CHECKING else _write(run, work)
    except FileRefused as refusal:
        raise RuleViolation(refusal.message) from refusal
    except ImportBusy as busy:
        raise Later(LEASE / 2, busy.message) from busy


def _ended(work: Work, now: datetime) -> None:
    """The check is over and a person looks at it; or everything is written, which is said once."""
    run = work.row
    if run.state == ImportRun.State.CHECKING:
        ImportRun.objects.filter(pk=run.pk).update(
            state=ImportRun.State.CHECKED, counts=work.result["counts"], checked_at=work.result["checked_at"]
        )
        return
    counts = {key: count for key, count in run.counts.items() if key not in ("new_names", "notices_to", "renamed")}
    facts = {"file": run.file_name, "sha256": run.digest, **counts}
    record_import(kind=FILE_KINDS[run.kind](context_of(run, now)), about=run, facts=facts, actor=run.started_by)
    ImportRun.objects.filter(pk=run.pk).update(
        state=ImportRun.State.DONE, finished_at=now, step=FILE_KINDS[run.kind].steps, done=rows_to_write(run)
    )
    notify(
        person=run.started_by,
        kind=DONE,
        event=f"import:{run.pk}",
        now=now,
        path=_page(work.job),
        facts={
            "file": run.file_name,
            "created": run.counts.get("new", 0),
            "updated": run.counts.get("changed", 0) + run.counts.get("left", 0),
        },
    )


def _stopped(job: Job) -> None:
    ImportRun.objects.filter(job=job).update(state=ImportRun.State.FAILED)


def _again(job: Job, now: datetime) -> None:
    take_up(run=ImportRun.objects.select_related("job", "started_by").get(job=job), now=now)


def _page(job: Job) -> str:
    return reverse("imports:run", args=[job.academy_importrun.uuid])


register_job(
    JobKind(
        IMPORT_JOB,
        label=_("Import"),
        carry_out=_carry_out,
        model=ImportRun,
        queue="imports",
        page=_page,
        ended=_ended,
        # A file is looked at on its page; that it was written is told.
        told=lambda job: job.academy_importrun.state != ImportRun.State.CHECKING,
        stopped=_stopped,
        again=_again,
    )
)


def forget_old_files(*, now: datetime) -> int:
    """The daily pass: files and rows of imports that ended long ago go; who imported what stays. Returns how many."""
    forget_what_was_before(now=now)
    old = (
        ImportRun.objects.filter(
            state__in=[ImportRun.State.DONE, ImportRun.State.CANCELLED], finished_at__lt=now - FILES_KEPT
        )
        .filter(lines__isnull=False)
        .distinct()
    )

    def forget(run: ImportRun) -> bool:
        shutil.rmtree(folder_of(run), ignore_errors=True)
        run.lines.all().delete()
        return True

    return FORGETTING.one_by_one(old, forget, now=now, most=None)


def context_of(run: ImportRun, now: datetime) -> Context:
    """Who imports where, asked anew: a role that ended meanwhile writes nothing."""
    today, actor = local_day(now), run.started_by
    branches = import_branches_of(actor, today) if actor else ()
    if (
        actor is None
        or branches == ()
        or not actor.is_active
        or (branches is not None and FILE_KINDS[run.kind].whole_bank_only)
    ):
        raise RuleViolation(_("You may no longer import here."))
    return Context(
        now=now,
        today=today,
        actor=actor,
        branches=branches,
        effective_on=run.effective_on,
        complete=run.complete,
        quiet_load=run if run.quiet else None,
        run=run,
        day_order=run.day_order,
        for_new=run.for_new,
    )


def _check(run: ImportRun, work: Work) -> dict[str, Any]:
    now = timezone.now()
    kind = FILE_KINDS[run.kind](context_of(run, now))
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
            progress=work.progress,
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
            work.progress(seen, check.rows)
    ImportLine.objects.bulk_create(lines)
    ImportLine.objects.bulk_create(_error_lines(run, check), batch_size=CHUNK)
    ImportLine.objects.bulk_create(_left_out_lines(run, check), batch_size=CHUNK)
    ahead = None
    if not check.faults.rows and (check.created or check.updated):
        ahead = notices_of_file(FILE_KINDS[run.kind](context_of(run, now)), check.spool, now=now)
    counts = {
        **check.counts,
        "rows": check.rows,
        "errors": len(check.faults.rows),
        "left_out": len(check.left_out),
        "ambiguous_days": check.ambiguous_days,
        "new_names": [[name, rows, kept(nearest)] for name, rows, nearest in kind.brings_new()],
        "renamed": check.renamed,
        **(
            {"notices": ahead.count, "notices_exact": ahead.exact, "notices_to": list(ahead.people)}
            if ahead is not None
            else {}
        ),
    }
    work.progress(check.rows, check.rows)
    return {"counts": counts, "checked_at": now.isoformat()}


def _layout_of_part(run: ImportRun, source: Source, part: int) -> Layout:
    """What was said about the first part's headings holds for corrected files too, where they have them."""
    columns = FILE_KINDS[run.kind].columns
    return with_mapping(recognise(source, columns), columns, run.columns)


def _line(run: ImportRun, change: Change) -> ImportLine:
    item = change.item
    return ImportLine(
        run=run,
        part=item.part if item else run.part,
        row=item.row if item else 0,
        outcome=change.outcome,
        key=change.key[:64],
        name=change.name[:120],
        details=[[kept(part) for part in detail] for detail in change.details],
    )


def _left_out_lines(run: ImportRun, check: Check) -> list[ImportLine]:
    return [
        ImportLine(run=run, part=part, row=row, outcome=ImportLine.Outcome.LEFT_OUT, details=[["", "", text]])
        for part, row, text in check.left_out
    ]


def _error_lines(run: ImportRun, check: Check) -> list[ImportLine]:
    found: dict[tuple[int, int], ImportLine] = {}
    for fault in sorted(check.faults.found, key=lambda fault: (fault.part, fault.row)):
        key, name = check.faults.named.get((fault.part, fault.row), ("", ""))
        line = found.setdefault(
            (fault.part, fault.row),
            ImportLine(
                run=run,
                part=fault.part,
                row=fault.row,
                outcome=ImportLine.Outcome.ERROR,
                key=key[:64],
                name=name[:120],
                details=[],
            ),
        )
        line.details.append([kept(fault.column), kept(fault.message)])
    for some in batched([line for line in found.values() if line.key and not line.name], CHUNK):
        names = check.kind.names_of({line.key for line in some})
        for line in some:
            line.name = names.get(line.key, "")[:120]
    return list(found.values())


def _write(run: ImportRun, work: Work) -> dict[str, Any]:
    kind = FILE_KINDS[run.kind](context_of(run, timezone.now()))
    rows = rows_to_write(run)

    def progress(step: int, done: int) -> None:
        """Inside the batch's transaction: how far it is, and that nobody else has taken it up."""
        ImportRun.objects.filter(pk=run.pk).update(step=step, done=done)
        if not work.renew(done=step * rows + done, total=rows * kind.steps):
            raise LeaseLost

    with import_lease():
        write_rows(kind, spool_of(run, run.part), step=run.step, done=run.done, progress=progress)
    return {}
