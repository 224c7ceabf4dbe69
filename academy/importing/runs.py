"""One file on its way in: uploaded, its columns confirmed, checked, corrected, confirmed once, written by a task."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from academy.errors.refusals import RuleViolation
from academy.importing.columns import Column, Layout, missing_columns, recognise, with_mapping
from academy.importing.faults import FileRefused
from academy.importing.kinds import FILE_KINDS, FileKind
from academy.importing.reading import SIZE_LIMIT, Source
from academy.importing.values import DAY_FIRST, MONTH_FIRST, orders_of
from academy.jobs.carrying import ask, begin_again
from academy.models import Branch, ColumnMapping, ImportLine, ImportRun, Role, User
from academy.staff.access import holds_bank_wide, roles_of

# Carried out by academy.importing.carrying.
IMPORT_JOB = "academy.import"
DAYS_LOOKED_AT = 5_000
IMPORT_ROLES = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)


def import_branches_of(user: User, today: date) -> tuple[Branch, ...] | None:
    """Where the person may import: None for the whole bank. Empty for one who may not at all."""
    if holds_bank_wide(user, today, *IMPORT_ROLES):
        return None
    held = roles_of(user, today)
    return tuple({branch.pk: branch for role in IMPORT_ROLES for branch in held.get(role, [])}.values())


def may_import(user: User, today: date) -> bool:
    return import_branches_of(user, today) != ()


def kinds_for(user: User, today: date) -> list[type[FileKind]]:
    """The kinds of files that the person may import."""
    branches = import_branches_of(user, today)
    found = sorted(FILE_KINDS.values(), key=lambda kind: kind.order)
    return [kind for kind in found if branches is None or (branches and not kind.whole_bank_only)]


def folder_of(run: ImportRun) -> Path:
    return Path(settings.PRIVATE_ROOT) / "imports" / str(run.uuid)


def file_of(run: ImportRun, part: int) -> Path:
    return folder_of(run) / f"part-{part}"


def spool_of(run: ImportRun, part: int) -> Path:
    return folder_of(run) / f"rows-{part}"


def without_of(run: ImportRun, part: int) -> Path:
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
    """A corrected file says its own encoding; only one that does not is read like the first."""
    part = part or run.part
    if part > 1:
        try:
            return Source(file_of(run, part))
        except FileRefused as refusal:
            if not refusal.encodings or not run.encoding:
                raise
    return Source(file_of(run, part), encoding=run.encoding)


def layout_of(run: ImportRun, source: Source) -> Layout:
    """The columns as recognised, as the person said for this shape before, or as said for this run."""
    columns = FILE_KINDS[run.kind].columns

    def kept(shape: str) -> dict[str, str]:
        found = ColumnMapping.objects.filter(person=run.started_by, kind=run.kind, shape=shape).first()
        return found.columns if found else {}

    layout = recognise(source, columns, kept)
    return with_mapping(layout, columns, run.columns) if run.columns else layout


@dataclass
class SeenDays:
    """Days of a file whose year comes last: one that leaves the order open, and the orders that the others allow."""

    open: str = ""
    possible: frozenset[str] = frozenset((DAY_FIRST, MONTH_FIRST))


def days_seen(layout: Layout, columns: Iterable[Column], source: Source, most: int = DAYS_LOOKED_AT) -> SeenDays:
    """Looks at the first rows; what stands further down is a fault of its row when the file is checked."""
    seen = SeenDays()
    places = [layout.by_key[column.key] for column in columns if column.is_day and column.key in layout.by_key]
    for row in islice(source.rows(layout.sheet), most) if places else ():
        for cell in (row.cells[place] for place in places if place < len(row.cells) and row.number > layout.header):
            orders = orders_of(cell)
            if len(orders) == 2:
                seen.open = seen.open or str(cell).strip()
            elif orders:
                seen.possible &= orders
    return seen


@transaction.atomic
def choose_columns(
    *,
    run: ImportRun,
    mapping: dict[str, str],
    shape: str,
    complete: bool,
    effective_on: date | None,
    now: datetime,
    day_order: str = "",
    for_new: dict[str, str] | None = None,
) -> None:
    """Keeps the mapping for files of this shape and starts the check. What was said of days and of new people holds for
    this file only."""
    _require(run, ImportRun.State.COLUMNS, ImportRun.State.CHECKED, ImportRun.State.FAILED)
    ColumnMapping.objects.update_or_create(
        person=run.started_by, kind=run.kind, shape=shape, defaults={"columns": mapping}
    )
    run.columns, run.complete, run.effective_on = mapping, complete, effective_on
    run.day_order, run.for_new = day_order, for_new or {}
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
            columns = FILE_KINDS[run.kind].columns
            absent = missing_columns(with_mapping(recognise(source, columns), columns, run.columns), columns)
        if absent:
            raise FileRefused(
                _("The file needs a column for: %(names)s.")
                % {"names": "、".join(str(column.label) for column in absent)}
            )
    except FileRefused:
        file_of(run, part).unlink(missing_ok=True)
        raise
    wrong = list(run.lines.filter(outcome=ImportLine.Outcome.ERROR).values_list("part", "row"))
    without_of(run, part).write_text(json.dumps(wrong), encoding="ascii")
    run.part, run.digest, run.size = part, digest, size
    _begin(run, ImportRun.State.CHECKING, now)


def _begin(run: ImportRun, state: str, now: datetime) -> None:
    run.state, run.done, run.step = state, 0, 0
    _hand_over(run, now)


def _hand_over(run: ImportRun, now: datetime) -> None:
    """The check and the writing are two stages of one job."""
    if run.job is None:
        run.job = ask(kind=IMPORT_JOB, asked_by=run.started_by, now=now, name=run.file_name)
    else:
        begin_again(run.job, now=now)
    run.save()


def _require(run: ImportRun, *states: str) -> None:
    if run.state not in states:
        raise RuleViolation(_("This import has gone on meanwhile; look at where it stands now."))


def confirm_refusal(run: ImportRun) -> Any:
    """Why the checked file cannot be written now, or None."""
    if run.state != ImportRun.State.CHECKED:
        return _("This import has gone on meanwhile; look at where it stands now.")
    if run.counts.get("errors"):
        return _("Nothing is written while rows have errors.")
    if run.counts.get("rows") == 0:
        return _("The file has headings and no row under them; there is nothing to write.")
    if not any(run.counts.get(name) for name in ("new", "changed", "left")):
        return _("Everything in the file is on record already; there is nothing to write.")
    other = (
        ImportRun.objects.filter(state=ImportRun.State.WRITING).exclude(pk=run.pk).select_related("started_by").first()
    )
    if other is not None:
        return _("%(person)s is importing “%(file)s” at the moment; try again when that is done.") % {
            "person": other.started_by,
            "file": other.file_name,
        }
    return None


def is_told_of(run: ImportRun) -> bool:
    """Whether anybody would be told of what the file writes."""
    kind = FILE_KINDS[run.kind]
    return bool(run.counts.get("new")) and (kind.brings_people or kind.tells_holders)


@transaction.atomic
def confirm_run(*, run: ImportRun, now: datetime, quiet: bool = False) -> bool:
    """The one confirmation. False when something was imported since the check: the file is then checked again first."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    refusal = confirm_refusal(run)
    if refusal:
        raise RuleViolation(refusal)
    run.quiet = quiet and is_told_of(run)
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
        raise RuleViolation(_("Part of this file is written already; it can only be continued."))
    run.state, run.finished_at = ImportRun.State.CANCELLED, now
    run.save(update_fields=["state", "finished_at"])
    run.lines.all().delete()
    transaction.on_commit(lambda: shutil.rmtree(folder_of(run), ignore_errors=True))


@transaction.atomic
def take_up(*, run: ImportRun, now: datetime) -> None:
    """Goes on with a run that was stopped, from the batch where it stopped."""
    _require(run, ImportRun.State.FAILED)
    run.state = ImportRun.State.WRITING if run.confirmed_at else ImportRun.State.CHECKING
    _hand_over(run, now)


def rows_to_write(run: ImportRun) -> int:
    return sum(run.counts.get(name, 0) for name in ("new", "changed", "left"))


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
    return "".join(character for character in text if character.isprintable())[:200] or "list"
