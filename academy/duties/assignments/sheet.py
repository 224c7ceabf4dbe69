"""The people of an assignment as a workbook: text staff numbers, real dates, nothing that runs."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.duties.assignments.listing import Line, lines_of, needs_of
from academy.journal import head_line
from academy.models import Assignee, Assignment
from academy.spreadsheets import harmless

CHUNK = 2000


def write_sheet(
    *, target: Path, assignment: Assignment, rows: QuerySet[Assignee], on: date, progress: Callable[[int, int], None]
) -> int:  # fmt: skip
    """Writes the rows in order, some thousand at a time, so that memory does not grow with them. Returns how many."""
    import xlsxwriter

    count = 0
    with xlsxwriter.Workbook(
        str(target), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("People"))
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 2)
        for column, heading in enumerate(_headings()):
            sheet.write_string(0, column, heading, bold)
            sheet.set_column(column, column, 16)
        for line in _lines(assignment, rows, on, progress):
            count += 1
            for column, value in enumerate(_cells(assignment, line)):
                if isinstance(value, date):
                    sheet.write_datetime(count, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                else:
                    sheet.write_string(count, column, str(harmless(value)))
        sheet.autofilter(0, 0, max(1, count), len(_headings()) - 1)
        label, head = head_line(now=timezone.now())
        book.add_worksheet(label).write_row(0, 0, [label, head])
    return count


def _lines(assignment: Assignment, rows: QuerySet, on: date, progress: Callable[[int, int], None]) -> Iterator[Line]:
    wanted = list(rows.order_by("person__staff_number", "pk").values_list("pk", flat=True))
    for start in range(0, len(wanted), CHUNK):
        chunk = rows.filter(pk__in=wanted[start : start + CHUNK]).order_by("person__staff_number", "pk")
        chunk = chunk.select_related("person", *needs_of(assignment)).prefetch_related("extensions")
        yield from lines_of(assignment, chunk, on)
        progress(min(start + CHUNK, len(wanted)), len(wanted))


def _headings() -> list[str]:
    return [
        _("Staff number"), _("Name"), _("Branch code"), _("Branch"), _("Position"),
        pgettext("assignment", "What"), _("Required"),
        _("Assigned since"), _("Due date"), _("State"), _("Done on"), _("Extended because"), _("Exception"), _("Until"),
        _("Ended because"),
    ]  # fmt: skip


def _cells(assignment: Assignment, line: Line) -> list[Any]:
    row, posting = line.row, line.posting
    extensions = list(row.extensions.all())  # type: ignore[attr-defined]
    return [
        row.person.staff_number, row.person.display_name, posting.branch.code if posting else "",
        posting.branch.local_name if posting else "", str(posting.position) if posting else "", str(assignment.target),
        _("Required") if assignment.required else _("Optional"), row.since, line.stand.due_on or "", str(line.label),
        line.stand.done_on or "", extensions[-1].reason if extensions else "",
        row.get_problem_display() if row.problem else "", row.until or "", row.get_ended_because_display(),
    ]  # fmt: skip
