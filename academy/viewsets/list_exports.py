"""What Wagtail's listings export, its own reports included, ends with number and seal of the journal's newest entry.

Every listing writes its file in one of two methods. A test walks every listing with an export.
"""

import csv
from collections.abc import Iterator
from typing import Any

from django.db.models.query import QuerySet
from django.utils import timezone
from wagtail.admin.views.mixins import Echo, ExcelDateFormatter, SpreadsheetExportMixin

from academy.journal import head_line

_streamed = SpreadsheetExportMixin.stream_csv


def stream_csv(self: SpreadsheetExportMixin, queryset: QuerySet) -> Iterator[Any]:
    """The head stands in the last line, so that the first stays that of the headings."""
    yield from _streamed(self, queryset)
    yield csv.writer(Echo()).writerow(head_line(now=timezone.now()))


def write_xlsx(self: SpreadsheetExportMixin, queryset: QuerySet, output: Any) -> None:
    """As Wagtail writes it, and a second sheet with the head."""
    from openpyxl import Workbook

    book = Workbook(write_only=True, iso_dates=True)
    sheet = book.create_sheet(title="Sheet1")
    sheet.append(self.get_heading(queryset, field) for field in self.list_export)
    date_format = ExcelDateFormatter().get()
    for item in queryset:
        sheet.append(self.generate_xlsx_row(sheet, self.to_row_dict(item), date_format=date_format))
    label, head = head_line(now=timezone.now())
    book.create_sheet(title=label).append([label, head])
    book.save(output)


def write_heads() -> None:
    """Called once, when the admin's places are registered."""
    SpreadsheetExportMixin.stream_csv = stream_csv
    SpreadsheetExportMixin.write_xlsx = write_xlsx
