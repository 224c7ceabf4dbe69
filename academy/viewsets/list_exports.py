"""What Wagtail's listings export, its own reports included: by the house's writer, with number and seal of the journal's
newest entry at the end.

Every listing writes its file in one of two methods. A test walks every listing with an export.
"""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

from django.db.models.query import QuerySet
from django.utils import timezone
from wagtail.admin.views.mixins import SpreadsheetExportMixin, list_to_str

from academy.journal import head_line
from academy.spreadsheets import Sheet, columns_of, csv_lines, head_sheet, write_workbook


def stream_csv(self: SpreadsheetExportMixin, queryset: QuerySet) -> Iterator[bytes]:
    """The head stands in the last line, so that the first stays that of the headings."""

    def rows() -> Iterator[Any]:
        yield _headings(self, queryset)
        yield from _rows(self, queryset, self.FORMAT_CSV)
        yield head_line(now=timezone.now())

    return (line.encode() for line in csv_lines(rows()))


def write_xlsx(self: SpreadsheetExportMixin, queryset: QuerySet, output: Any) -> None:
    """The listing, and a second sheet with the head."""
    listing = Sheet("Sheet1", columns_of(*_headings(self, queryset)), _rows(self, queryset, self.FORMAT_XLSX))
    write_workbook(output, listing, head_sheet(head_line(now=timezone.now())))


def _headings(view: SpreadsheetExportMixin, queryset: QuerySet) -> list[str]:
    return [view.get_heading(queryset, field) for field in view.list_export]


def _rows(view: SpreadsheetExportMixin, queryset: QuerySet, form: str) -> Iterator[list[Any]]:
    for row in queryset:
        cells = view.to_row_dict(row).items()
        yield [view.preprocess_field_value(field, value, form) for field, value in cells]


def write_heads() -> None:
    """Called once, when the admin's places are registered."""
    SpreadsheetExportMixin.stream_csv = stream_csv
    SpreadsheetExportMixin.write_xlsx = write_xlsx
    as_it_is = dict.fromkeys(SpreadsheetExportMixin.FORMATS)
    in_words = dict.fromkeys(SpreadsheetExportMixin.FORMATS, list_to_str)
    # Days and moments go to the writer as they are; Wagtail would turn moments into those of Greenwich.
    SpreadsheetExportMixin.custom_value_preprocess = {(date, time): as_it_is, list: in_words}
