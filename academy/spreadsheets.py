"""Workbooks and cells that leave the academy: text staff numbers, real dates, nothing in them runs."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

RUNS_FIRST = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_LIMIT = 32_000


def harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; all else is unchanged."""
    if isinstance(value, str) and value.lstrip(" \u00a0\u3000\ufeff").startswith(RUNS_FIRST):
        return "'" + value
    return value


def workbook(
    *, title: str, header: Sequence[tuple[str, str]], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> bytes:
    """One sheet: what was asked, a blank row, the headings frozen with a filter, the rows. The same cells give the same bytes."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": title, "created": datetime(2000, 1, 1)})  # noqa: DTZ001
    sheet = book.add_worksheet(title[:31])
    bold, head = (
        book.add_format({"bold": True}),
        book.add_format({"bold": True, "bg_color": "#E0EFEB", "border": 1, "text_wrap": True, "valign": "vcenter"}),
    )
    formats = {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        float: book.add_format({"num_format": "0.0"}),
    }
    sheet.set_column(0, len(columns) - 1, 16)
    for line, (name, value) in enumerate(header):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, str(harmless(value)))
    top = line = len(header) + 1
    for column, name in enumerate(columns):
        sheet.write_string(top, column, name, head)
    for line, row in enumerate(rows, top + 1):
        for column, value in enumerate(row):
            _write(sheet, line, column, value, formats)
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, max(line, top + 1), len(columns) - 1)
    book.close()
    return target.getvalue()


def _write(sheet: Any, line: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(line, column, timezone.localtime(value).replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), formats[date])  # noqa: DTZ001
    elif isinstance(value, float):
        sheet.write_number(line, column, value, formats[float])
    elif isinstance(value, int):
        sheet.write_number(line, column, value)
    elif value not in (None, ""):
        sheet.write_string(line, column, str(harmless(str(value)))[:CELL_LIMIT])
