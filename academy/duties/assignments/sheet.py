"""The people of an assignment as a workbook: text staff numbers, real dates, nothing that runs."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.duties.assignments.listing import AssigneeRow, lines_of, needs_of
from academy.journal import head_line
from academy.models import Assignment
from academy.models.assignments import AssigneeRows
from academy.spreadsheets import Column, Sheet, columns_of, head_sheet, write_workbook

CHUNK = 2000


def write_sheet(
    *, target: Path, assignment: Assignment, rows: AssigneeRows, on: date, progress: Callable[[int, int], None]
) -> int:
    """Writes the rows in order, some thousand at a time, so that memory does not grow with them. Returns how many."""
    cells = (_cells(assignment, line) for line in _lines(assignment, rows, on, progress))
    return write_workbook(
        target, Sheet(_("People"), _columns(), cells, frozen=2), head_sheet(head_line(now=timezone.now()))
    )


def _lines(
    assignment: Assignment, rows: QuerySet, on: date, progress: Callable[[int, int], None]
) -> Iterator[AssigneeRow]:
    wanted = list(rows.order_by("person__staff_number", "pk").values_list("pk", flat=True))
    for start in range(0, len(wanted), CHUNK):
        chunk = rows.filter(pk__in=wanted[start : start + CHUNK]).order_by("person__staff_number", "pk")
        chunk = chunk.select_related("person", *needs_of(assignment)).prefetch_related("extensions")
        yield from lines_of(assignment, chunk, on)
        progress(min(start + CHUNK, len(wanted)), len(wanted))


def _columns() -> list[Column]:
    return columns_of(
        _("Staff number"),
        pgettext("person", "Name"),
        _("Branch code"),
        _("Branch"),
        _("Position"),
        pgettext("assignment", "What"),
        _("Required"),
        _("Assigned since"),
        _("Due date"),
        _("State"),
        _("Done on"),
        _("Extended because"),
        _("Exception"),
        pgettext("last day", "Until"),
        _("Ended because"),
    )


def _cells(assignment: Assignment, line: AssigneeRow) -> list[Any]:
    row, posting = line.row, line.posting
    extensions = list(row.extensions.all())
    return [
        row.person.staff_number,
        row.person.display_name,
        posting.branch.code if posting else "",
        posting.branch.local_name if posting else "",
        str(posting.position) if posting else "",
        str(assignment.target),
        _("Required") if assignment.required else _("Optional"),
        row.since,
        line.stand.due_on or "",
        str(line.label),
        line.stand.done_on or "",
        extensions[-1].reason if extensions else "",
        line.exception,
        row.last_day or "",
        row.get_ended_because_display(),
    ]
