"""What goes back to HR: the rows with errors, to be corrected and sent again, and an empty template of each kind."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy.bilingual import pick
from academy.importing.columns import FAULT_HEADING, Layout, recognise, with_mapping
from academy.importing.columns import Column as FileColumn
from academy.importing.kinds import FILE_KINDS
from academy.importing.kinds.base import FileKind
from academy.importing.runs import open_source
from academy.importing.values import day, yes_or_no
from academy.models import ImportLine, ImportRun
from academy.spreadsheets import Column, ColumnKind, Sheet


def rows_with_errors(run: ImportRun) -> Iterator[list[Any]]:
    """The header and each row with errors as it was sent, the fault in an added last column."""
    wrong: dict[int, dict[int, list[list[Any]]]] = {}
    for part, number, details in run.lines.filter(outcome=ImportLine.Outcome.ERROR).values_list(
        "part", "row", "details"
    ):
        wrong.setdefault(part, {})[number] = details
    language = get_language() or settings.LANGUAGE_CODE
    columns, main = FILE_KINDS[run.kind].columns, None
    for part in sorted(wrong, reverse=True):
        with open_source(run, part) as source:
            layout = with_mapping(recognise(source, columns), columns, run.columns)
            if main is None:
                main = layout
                yield [*main.headings, str(FAULT_HEADING)]
            for row in source.rows(layout.sheet):
                if row.number in wrong[part] and row.number > layout.header:
                    said = "; ".join(
                        _("%(what)s: %(state)s") % {"what": pick(column, language), "state": pick(message, language)}
                        if column
                        else pick(message, language)
                        for column, message in wrong[part][row.number]
                    )
                    yield [*_as_in(main, layout, row.cells), said]


def _as_in(main: Layout, layout: Layout, cells: list[Any]) -> list[Any]:
    """The cells under the first file's headings; columns are matched by what they mean."""
    padded = [*cells, *[None] * (len(layout.headings) - len(cells))]
    if main.headings == layout.headings:
        return padded[: len(main.headings)]
    by_key = {key: padded[index] for key, index in layout.by_key.items()}
    return [by_key.get(key) for key in main.keys]


def errors_as_rows(run: ImportRun) -> Iterator[list[str]]:
    """Everything as text, so that no zero is lost."""
    return ([_text(cell) for cell in row] for row in rows_with_errors(run))


def errors_sheet(run: ImportRun) -> Sheet:
    rows = errors_as_rows(run)
    return _sheet(_("Rows with errors"), next(rows, []), rows)


def template_of(kind: type[FileKind]) -> Sheet:
    """A list with the house's headings in the reader's language and one row that shows how it is filled in, which is left
    out when it comes back; columns are text, so that leading zeros stay."""
    columns = [column for column in kind.columns if column.in_template]
    english = get_language() == "en"
    shown = [_shown_cell(kind, column, english) for column in columns]
    example = [f"Example: {shown[0]}" if english else f"示例：{shown[0]}", *shown[1:]]
    return _sheet(str(kind.label), [str(column.heading) for column in columns], [example])


# How cells are filled in: in Chinese, in English.
SHOWN = {
    "number": ("100001", "100001"),
    "code": ("BJ01", "BJ01"),
    "name": ("张三", "San Zhang"),
    "branch": ("BJ01", "BJ01"),
    "position": ("零售客户经理", "Retail client manager"),
    "email": ("zhangsan@example.com", "san.zhang@example.com"),
    "manager": ("100002", "100002"),
    "level": ("CM1", "CM1"),
}


def _shown_cell(kind: type[FileKind], column: FileColumn, english: bool) -> str:
    if shown := kind.shown.get(column.key) or SHOWN.get(column.key):
        return shown[english]
    if column.known_words:
        return column.known_words[0]
    if column.convert is yes_or_no:
        return "yes" if english else "是"
    if column.convert is day:
        return "2026-01-15"
    return ""


def _sheet(title: str, headings: list[str], rows: Iterable[list[str]] = ()) -> Sheet:
    return Sheet(title, [Column(heading, ColumnKind.TEXT) for heading in headings], rows)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return str(cell)
