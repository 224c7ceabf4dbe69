"""A file from outside becomes sheets of rows: told by its content and not by its name, read again as often as asked."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy.bilingual import said as _
from academy.importing.encodings import encoding_of
from academy.importing.faults import FileRefused
from academy.importing.workbook import COLUMN_LIMIT, ROW_LIMIT, Workbook

SIZE_LIMIT = 100 * 1024 * 1024
DELIMITERS = ",\t;|，；"
CELL_LIMIT = 32_767


@dataclass(slots=True)
class Row:
    """One row; ``number`` as a spreadsheet counts it. ``fault`` says why the row cannot be read at all."""

    number: int
    cells: list[Any]
    fault: str = ""


class Source:
    """An opened file: its sheets by name, each read as often as asked. A context manager. Raises ``FileRefused``."""

    def __init__(self, path: Path, *, encoding: str = "") -> None:
        self.path = path
        self.encoding = self.delimiter = ""
        self._open = ExitStack()
        self._workbook: Workbook | None = None
        size = path.stat().st_size
        if size > SIZE_LIMIT:
            raise FileRefused(_("The file is larger than %(size)s MB.") % {"size": SIZE_LIMIT // 1024 // 1024})
        if size == 0:
            raise FileRefused(_("The file is empty."))
        with path.open("rb") as file:
            start = file.read(512)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            self._workbook = self._open.enter_context(Workbook(path))
            self.sheets = list(self._workbook.sheets)
            return
        _refuse_other_formats(start)
        self.encoding = encoding_of(path, encoding)
        self.delimiter, self._skipped = _delimiter_of(path, self.encoding)
        self.sheets = [""]

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *args: Any) -> None:
        self._open.close()

    def rows(self, sheet: str = "") -> Iterator[Row]:
        """The rows that hold anything, in order."""
        if self._workbook is not None:
            for number, cells in self._workbook.rows(sheet or self.sheets[0]):
                yield Row(number, cells)
        else:
            yield from self._records()

    def _records(self) -> Iterator[Row]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            for _line in range(self._skipped):
                file.readline()
            lines = _Lines(file)
            reader = csv.reader(lines, delimiter=self.delimiter)
            number = 0
            while True:
                lines.seen.clear()
                number += 1
                try:
                    cells: list[Any] = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield Row(
                        number, [], _("A cell of this row is longer than %(limit)s characters.") % {"limit": 131072}
                    )
                    continue
                if number > ROW_LIMIT:
                    raise FileRefused(_("The file has more than %(limit)s rows.") % {"limit": ROW_LIMIT})
                if not any(cell and not cell.isspace() for cell in cells):
                    continue
                if len(lines.seen) > 1 and lines.ended and _is_unclosed(lines.seen, self.delimiter):
                    yield Row(
                        number, cells[:COLUMN_LIMIT], _("A quotation mark is opened in this row and never closed.")
                    )
                    return
                yield _bounded(number, cells)


class _Lines:
    """Lines of a file, those of the record under way remembered."""

    def __init__(self, file: Any) -> None:
        self.file, self.ended = file, False
        self.seen: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.file.readline()
        if not line:
            self.ended = True
            raise StopIteration
        if len(self.seen) < 10_000:
            self.seen.append(line)
        return line


def _bounded(number: int, cells: list[Any]) -> Row:
    if len(cells) > COLUMN_LIMIT:
        if any(cells[COLUMN_LIMIT:]):
            raise FileRefused(_("The file has more than %(limit)s columns.") % {"limit": COLUMN_LIMIT})
        del cells[COLUMN_LIMIT:]
    return Row(number, cells)


def _is_unclosed(lines: list[str], delimiter: str) -> bool:
    """Whether the record that took the file's last lines ends inside a quotation."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as problem:
        return "unexpected end" in str(problem)
    return False


def _delimiter_of(path: Path, encoding: str) -> tuple[str, int]:
    """The delimiter that parts the first rows, and how many lines stand before them (Excel's ``sep=;``)."""
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline(2000).removeprefix("\ufeff").strip().strip('"')
        if first.lower().startswith("sep=") and len(first) == 5:
            return first[4], 1
        sample = [first, *(file.readline(20_000) for _number in range(9))]
    best = max(
        DELIMITERS,
        key=lambda delimiter: (max(_parts(line, delimiter) for line in sample), -DELIMITERS.index(delimiter)),
    )
    return best, 0


def _parts(line: str, delimiter: str) -> int:
    """How many delimiters stand outside quotations."""
    quoted, count = False, 0
    for character in line:
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            count += 1
    return count


def _refuse_other_formats(start: bytes) -> None:
    plain = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(
            _("This is an old or password-protected Excel file. Save it as XLSX or CSV, without a password.")
        )
    if plain.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta")):
        raise FileRefused(_("This is a web page or XML under the name of a spreadsheet. Save it as XLSX or CSV."))
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise FileRefused(_("This is no spreadsheet. Save the list as XLSX or CSV."))
