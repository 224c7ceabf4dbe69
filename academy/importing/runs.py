"""One file on its way in: uploaded, its columns confirmed, checked, corrected, confirmed once, written by a task."""

import hashlib
import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from academy.access import roles_of
from academy.clock import local_day
from academy.errors import RuleViolation
from academy.importing.checking import CHUNK, Check, read_spool
from academy.importing.columns import Layout, recognise, with_mapping
from academy.importing.faults import FileRefused
from academy.importing.kinds import KINDS, Context, FileKind
from academy.importing.kinds.base import UNCHANGED, Change
from academy.importing.reading import SIZE_LIMIT, Source
from academy.importing.writing import import_lease, record_import, write_rows
from academy.models import Branch, ColumnMapping, ImportLine, ImportRun, Role, User
from academy.notices import notify, register_notice

IMPORT_ROLES = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
STALE = timedelta(minutes=12)
FILES_KEPT = timedelta(days=90)
DONE = register_notice(
    "import_done",
    title=_("Your import is written"),
    text=_("%(file)s: %(created)s new, %(updated)s changed."),
    icon="upload",
)


def import_branches_of(user: User, today: date) -> tuple[Branch, ...] | None:
    """Where the person may import: None for the whole bank. Empty for one who may not at all."""
    if user.is_superuser:
        return None
    held = roles_of(user, today)
    found = {branch.pk: branch for role in IMPORT_ROLES for branch in held.get(role, [])}
    return None if any(branch.parent_id is None for branch in found.values()) else tuple(found.values())


def may_import(user: User, today: date) -> bool:
    return import_branches_of(user, today) != ()


def kinds_for(user: User, today: date) -> list[type[FileKind]]:
    """The kinds of files that the person may import."""
    branches = import_branches_of(user, today)
    found = sorted(KINDS.values(), key=lambda kind: kind.order)
    return [kind for kind in found if branches is None or branches and not kind.whole_bank_only]


def folder_of(run: ImportRun) -> Path:
    return Path(settings.PRIVATE_ROOT) / "imports" / str(run.uuid)


def file_of(run: ImportRun, part: int) -> Path:
    return folder_of(run) / f"part-{part}"


def spool_of(run: ImportRun, part: int) -> Path:
    return folder_of(run) / f"rows-{part}"


def _without_of(run: ImportRun, part: int) -> Path:
    """The rows of earlier parts that the part takes the place of."""
    return folder_of(run) / f"without-{part}"


def start_run(*, kind: str, upload: UploadedFile, actor: User, now: datetime) -> ImportRun:
    """Stores the file. Raises ``FileRefused`` for one that cannot be read, unless only its encoding must be chosen."""
    run = ImportRun(
        kind=kind,
        file_name=_plain_name(upload.name),
        size=0,
        digest="",
        started_by=actor,
        started_at=now,
        touched_at=now,
    )
    run.digest, run.size = _store(upload, file_of(run, 1))
    try:
        with open_source(run) as source:
            run.sheet = layout_of(run, source).sheet
    except FileRefused as refusal:
        if not refusal.encodings:
            shutil.rmtree(folder_of(run), ignore_errors=True)
            raise
    run.save()
    return run


def open_source(run: ImportRun, part: int | None = None) -> Source:
    return Source(file_of(run, part or run.part), encoding=run.encoding)


def layout_of(run: ImportRun, source: Source) -> Layout:
    """The columns as recognised, as the person said for this shape before, or as said for this run."""
    columns = KINDS[run.kind].columns

    def kept(shape: str) -> dict[str, str]:
        found = ColumnMapping.objects.filter(person=run.started_by, kind=run.kind, shape=shape).first()
        return found.columns if found else {}

    layout = recognise(source, columns, kept)
    return with_mapping(layout, columns, run.columns) if run.columns else layout


@transaction.atomic
def choose_columns(
    *, run: ImportRun, mapping: dict[str, str], shape: str, complete: bool, effective_on: date | None, now: datetime
) -> None:
    """Keeps the mapping for files of this shape and starts the check."""
    _require(run, ImportRun.State.COLUMNS, ImportRun.State.CHECKED, ImportRun.State.FAILED)
    ColumnMapping.objects.update_or_create(
        person=run.started_by, kind=run.kind, shape=shape, defaults={"columns": mapping}
    )
    run.columns, run.complete, run.effective_on = mapping, complete, effective_on
    _begin(run, ImportRun.State.CHECKING, now)


def choose_encoding(*, run: ImportRun, encoding: str) -> None:
    """Raises ``FileRefused`` when it does not fit."""
    _require(run, ImportRun.State.COLUMNS)
    run.encoding = encoding[:40]
    with open_source(run) as source:
        run.sheet = layout_of(run, source).sheet
    run.save(update_fields=["encoding", "sheet"])


@transaction.atomic
def add_correction(*, run: ImportRun, upload: UploadedFile, now: datetime) -> None:
    """A corrected file: its rows take the place of the rows with errors, the good ones stay. Raises ``FileRefused``."""
    _require(run, ImportRun.State.CHECKED)
    part = run.part + 1
    digest, size = _store(upload, file_of(run, part))
    try:
        with open_source(run, part) as source:
            recognise(source, KINDS[run.kind].columns)
    except FileRefused:
        file_of(run, part).unlink(missing_ok=True)
        raise
    wrong = list(run.lines.filter(outcome=ImportLine.Outcome.ERROR).values_list("part", "row"))
    _without_of(run, part).write_text(json.dumps(wrong), encoding="ascii")
    run.part, run.digest, run.size = part, digest, size
    _begin(run, ImportRun.State.CHECKING, now)


def _begin(run: ImportRun, state: str, now: datetime) -> None:
    from academy.tasks import run_import_task

    run.state, run.touched_at, run.problem, run.done, run.step = state, now, "", 0, 0
    run.save()
    transaction.on_commit(lambda: run_import_task.enqueue(run.pk))


def _require(run: ImportRun, *states: str) -> None:
    if run.state not in states:
        raise RuleViolation(_("This import has gone on meanwhile; look at where it stands now."))


def confirm_refusal(run: ImportRun) -> Any:
    """Why the checked file cannot be written now, or None."""
    if run.state != ImportRun.State.CHECKED:
        return _("This import has gone on meanwhile; look at where it stands now.")
    if run.counts.get("errors"):
        return _("Nothing is written while rows have errors.")
    if not any(run.counts.get(name) for name in ("new", "changed", "left")):
        return _("Everything in the file stands here already; there is nothing to write.")
    other = (
        ImportRun.objects.filter(state=ImportRun.State.WRITING).exclude(pk=run.pk).select_related("started_by").first()
    )
    if other is not None:
        return _("%(person)s is importing “%(file)s” just now; try again when that is done.") % {
            "person": other.started_by, "file": other.file_name,
        }  # fmt: skip
    return None


@transaction.atomic
def confirm_run(*, run: ImportRun, now: datetime) -> bool:
    """The one confirmation. False when something was imported since the check: the file is then checked again first."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    refusal = confirm_refusal(run)
    if refusal:
        raise RuleViolation(refusal)
    stale = ImportRun.objects.filter(state=ImportRun.State.DONE, finished_at__gt=run.checked_at).exists()
    if not stale:
        run.confirmed_at = now
    _begin(run, ImportRun.State.CHECKING if stale else ImportRun.State.WRITING, now)
    return not stale


@transaction.atomic
def cancel_run(*, run: ImportRun, now: datetime) -> None:
    """Gives a run up: its file goes, its line in the history stays."""
    _require(run, ImportRun.State.COLUMNS, ImportRun.State.CHECKED, ImportRun.State.FAILED)
    if run.confirmed_at is not None:
        raise RuleViolation(_("Part of this file is written already; it can only be taken up again."))
    run.state, run.finished_at = ImportRun.State.CANCELLED, now
    run.save(update_fields=["state", "finished_at"])
    run.lines.all().delete()
    transaction.on_commit(lambda: shutil.rmtree(folder_of(run), ignore_errors=True))


@transaction.atomic
def take_up(*, run: ImportRun, now: datetime) -> None:
    """Goes on with a run that was stopped, from the batch where it stopped."""
    _require(run, ImportRun.State.FAILED)
    step, done = run.step, run.done
    _begin(run, ImportRun.State.WRITING if run.confirmed_at else ImportRun.State.CHECKING, now)
    ImportRun.objects.filter(pk=run.pk).update(step=step, done=done)


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
        wrong = {(part, row) for part, row in json.loads(_without_of(run, run.part).read_text(encoding="ascii"))}
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
    rows = run.counts.get("rows", 0)
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


def _store(upload: UploadedFile, path: Path) -> tuple[str, int]:
    if upload.size is not None and upload.size > SIZE_LIMIT:
        raise FileRefused(_("The file is larger than %(size)s MB.") % {"size": SIZE_LIMIT // 1024 // 1024})
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    path.chmod(0o600)
    return digest.hexdigest(), size


def _plain_name(name: str | None) -> str:
    text = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in text if one.isprintable())[:200] or "list"
