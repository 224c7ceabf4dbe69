"""Workbooks and lists that leave the academy: text staff numbers, real dates, nothing in them runs.

The one writer of both: a sheet is what was asked, then columns and rows, or only what was asked. Rows may be a generator;
memory does not grow with them. The same cells give the same bytes. What comes in is read by ``academy.importing``.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

RUNS_FIRST = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_LIMIT = 32_000
# What a sheet's name may not hold, and how long it is at most.
NOT_IN_A_NAME, NAME_LIMIT = "[]:*?/\\'", 31
# No clock of the machine stands in a file.
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001
BYTE_ORDER_MARK = "\ufeff"
# So many rows offer what a column is to be chosen from.
FILLED_IN = 2_000
HEADER_WIDTHS = (18, 70)


class ColumnKind(StrEnum):
    """What a column holds. A value of another kind, '' for instance, is written as what it is."""

    # What comes out of a value that one does not know before.
    ANY = "any"
    # Whatever it is, so that zeros stay; also what somebody types there later.
    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    # Out of 100.
    PERCENTAGE = "percentage"


FORMATS = {
    ColumnKind.TEXT: "@",
    ColumnKind.DATE: "yyyy-mm-dd",
    ColumnKind.MOMENT: "yyyy-mm-dd hh:mm:ss",
    ColumnKind.PERCENTAGE: "0.0",
}


@dataclass(frozen=True)
class Column:
    """A heading and what stands below it."""

    label: str
    kind: ColumnKind = ColumnKind.ANY
    width: int = 16
    # What somebody who fills the sheet in chooses from.
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Sheet:
    """``header`` are lines of a name and a value above the table; ``frozen`` columns stay in sight."""

    title: str
    columns: Sequence[Column] = ()
    rows: Iterable[Sequence[Any]] = ()
    header: Sequence[tuple[str, Any]] = ()
    frozen: int = 0


def columns_of(*columns: str | Column) -> list[Column]:
    """Columns by their headings where nothing else is to be said of them."""
    return [column if isinstance(column, Column) else Column(column) for column in columns]


def harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; all else is unchanged."""
    if isinstance(value, str) and value.lstrip(" \u00a0\u3000\ufeff").startswith(RUNS_FIRST):
        return "'" + value
    return value


def meanings_of(columns: Iterable[Column], meanings: Mapping[str, str], *, title: str, otherwise: str = "") -> Sheet:
    """The sheet that says what each column holds."""
    return Sheet(title, header=[(column.label, meanings.get(column.label, otherwise)) for column in columns])


def head_sheet(head: tuple[str, str]) -> Sheet:
    """The journal's head on a sheet of its own, for a table that begins with its headings."""
    return Sheet(head[0], header=[head])


def write_workbook(target: Path | BinaryIO, *sheets: Sheet) -> int:
    """Writes the sheets in order; returns how many rows the first one holds. Its title is the workbook's."""
    # Only who makes a workbook pays for the library.
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    counts, names = [], set[str]()
    with xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options) as book:
        book.set_properties({"title": sheets[0].title, "created": CREATED})
        pen = _Pen(book)
        for sheet in sheets:
            counts.append(pen.write(book.add_worksheet(_sheet_name(sheet.title, names)), sheet))
    return counts[0]


def workbook(*sheets: Sheet) -> bytes:
    target = io.BytesIO()
    write_workbook(target, *sheets)
    return target.getvalue()


def workbook_answer(name: str, *sheets: Sheet) -> HttpResponse:
    """The workbook as a download."""
    response = HttpResponse(workbook(*sheets), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The rows as lines of a list; the first says that they are UTF-8, as spreadsheets ask."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write(BYTE_ORDER_MARK)
    for row in rows:
        writer.writerow([_words(value) for value in row])
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def csv_file(rows: Iterable[Sequence[Any]]) -> bytes:
    return "".join(csv_lines(rows)).encode()


def csv_answer(name: str, rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The list as a download."""
    response = HttpResponse(csv_file(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


class _Pen:
    """Writes cells of one workbook in its formats."""

    def __init__(self, book: Any) -> None:
        self.bold = book.add_format({"bold": True})
        self.heading = book.add_format(
            {
                "bold": True,
                "bg_color": "#E0EFEB",
                "border": 1,
                "text_wrap": True,
                "valign": "vcenter",
                "num_format": "@",
            }
        )
        self.formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}

    def write(self, page: Any, sheet: Sheet) -> int:
        widths = [column.width for column in sheet.columns] or HEADER_WIDTHS
        kinds = [column.kind for column in sheet.columns]
        for number, width in enumerate(widths):
            text = self.formats[ColumnKind.TEXT] if number < len(kinds) and kinds[number] is ColumnKind.TEXT else None
            page.set_column(number, number, width, text)
        for line, (name, value) in enumerate(sheet.header):
            page.write_string(line, 0, str(name), self.bold)
            page.write_string(line, 1, _words(value))
        if not sheet.columns:
            return 0
        top = line = len(sheet.header) + 1 if sheet.header else 0
        for number, column in enumerate(sheet.columns):
            page.write_string(top, number, _words(column.label), self.heading)
            if column.choices:
                chosen = {"validate": "list", "source": list(column.choices)}
                page.data_validation(top + 1, number, top + FILLED_IN, number, chosen)
        for line, row in enumerate(sheet.rows, top + 1):
            for number, (kind, value) in enumerate(zip(kinds, row, strict=True)):
                self._cell(page, line, number, value, kind)
        page.freeze_panes(top + 1, sheet.frozen)
        page.autofilter(top, 0, max(line, top + 1), len(sheet.columns) - 1)
        return line - top

    def _cell(self, page: Any, line: int, number: int, value: Any, kind: ColumnKind) -> None:
        if value is None or value == "":
            return
        if kind is ColumnKind.TEXT or isinstance(value, bool) or not isinstance(value, date | int | float | Decimal):
            page.write_string(line, number, _words(value), self.formats.get(kind))
        elif isinstance(value, datetime) and kind is not ColumnKind.DATE:
            page.write_datetime(line, number, _local(value), self.formats[ColumnKind.MOMENT])
        elif isinstance(value, date):
            day = _local(value) if isinstance(value, datetime) else value
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
            page.write_datetime(line, number, midnight, self.formats[ColumnKind.DATE])
        else:
            page.write_number(line, number, value, self.formats.get(kind))


def _local(moment: datetime) -> datetime:
    return moment if timezone.is_naive(moment) else timezone.localtime(moment).replace(tzinfo=None)


def _words(value: Any) -> str:
    """A value as text, whatever it is; the one place where texts are made harmless."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int | float | Decimal):
        return str(value)
    return str(harmless(str(value)))[:CELL_LIMIT]


def _sheet_name(label: str, taken: set[str]) -> str:
    """The label as a sheet may be called, with a number where another has that name."""
    plain = "".join(" " if letter in NOT_IN_A_NAME else letter for letter in str(label))[:NAME_LIMIT]
    name, number = plain, 1
    while name.casefold() in taken:
        number += 1
        name = f"{plain[: NAME_LIMIT - 4]} {number}"
    taken.add(name.casefold())
    return name
