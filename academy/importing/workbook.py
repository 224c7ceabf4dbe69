"""XLSX read row by row in constant memory. The file is hostile: size, ratio, entities, formulas, counts.

A reader of our own, because the usual one keeps every row's properties in memory, fills gaps up to the last of 16,384 columns
and knows the Chinese date formats only by their western numbers.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

# Any DOCTYPE is refused below, so there is no entity to expand.
from xml.parsers import expat  # nosec B407

from django.utils.translation import gettext as _

from academy.importing.faults import FileRefused

MEGABYTE = 1024 * 1024
UNPACKED_LIMIT = 1024 * MEGABYTE
STRINGS_LIMIT = 256 * MEGABYTE
SMALL_PART_LIMIT = 16 * MEGABYTE
RATIO_LIMIT, RATIO_MATTERS_FROM = 250, 8 * MEGABYTE
PART_COUNT_LIMIT = 2000
ROW_LIMIT = 1_048_576
COLUMN_LIMIT = 256
CHUNK = 1 << 16

# The numbers of built-in date formats, the East Asian ones included.
BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
MERGED = re.compile(r"([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})")
MERGED_LIMIT = 20_000
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
# What the archive's, the compression's and the XML's readers raise for bytes that are none; OSError where a damaged
# directory points before the file's first byte.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    KeyError,
    ValueError,
    IndexError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
WINDOWS_EPOCH, MAC_EPOCH = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - a cell has no zone


class Formula(str):
    """A cell that computes something. Never evaluated, always an error of its row."""


class ErrorValue(str):
    """#N/A and its kin, or a date that no calendar has."""


def swells(part: zipfile.ZipInfo) -> bool:
    """Whether a part of an archive unpacks to many times its size, as no file does that people write."""
    return part.file_size > RATIO_MATTERS_FROM and part.file_size > RATIO_LIMIT * max(1, part.compress_size)


class Workbook:
    """The visible sheets of a workbook. A context manager."""

    def __init__(self, path: Path) -> None:
        self._strings: list[str] | None = None
        # Of each sheet whose rows were read to the end: (first row, last row, column) from 1 of cells merged downwards.
        self.merged: dict[str, list[tuple[int, int, int]]] = {}
        try:
            self.archive = zipfile.ZipFile(path)
        except DAMAGE:
            raise FileRefused(_("The file is damaged or is no XLSX workbook.")) from None
        try:
            self._guard()
            self.sheets, self.epoch = self._contents()
            self.formats = self._formats()
        except BaseException as fault:
            self.archive.close()
            if not isinstance(fault, DAMAGE):
                raise
            raise FileRefused(_("The file is damaged or is no XLSX workbook.")) from None

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *args: Any) -> None:
        self.archive.close()

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Any]]]:
        """Row number and cells of the rows that hold anything. Raises ``FileRefused``."""
        if self._strings is None:
            self._strings = self._shared_strings()
        try:
            pages = _Sheet(self._strings, self.formats, self.epoch)
            yield from pages.rows(self._stream(self.sheets[sheet]))
            self.merged[sheet] = pages.merged
        except DAMAGE:
            raise FileRefused(_("The sheet “%(name)s” is damaged.") % {"name": sheet}) from None

    def _guard(self) -> None:
        parts = self.archive.infolist()
        if len(parts) > PART_COUNT_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
            raise FileRefused(_("The workbook is too large when unpacked."))
        for part in parts:
            if part.flag_bits & 1:
                raise FileRefused(_("The workbook is protected by a password. Save it without one."))
            if swells(part):
                raise FileRefused(_("The workbook unpacks to many times its size; that is no list of staff."))
        names = set(self.archive.namelist())
        if "mimetype" in names and "content.xml" in names:
            raise FileRefused(_("This is an OpenDocument file. Save it as XLSX or CSV."))
        if "xl/workbook.xml" not in names:
            raise FileRefused(_("This archive is no XLSX workbook."))

    def _stream(self, name: str) -> IO[bytes]:
        return self.archive.open(name)

    def _small(self, name: str, handler: Callable[[str, dict[str, str]], None]) -> None:
        if name not in self.archive.namelist():
            return
        if self.archive.getinfo(name).file_size > SMALL_PART_LIMIT:
            raise FileRefused(_("The workbook is too large when unpacked."))
        with self._stream(name) as stream:
            _parse(stream, start=handler)

    def _contents(self) -> tuple[dict[str, str], datetime]:
        targets: dict[str, str] = {}

        def relation(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "").lstrip("/")
                targets[attributes.get("Id", "")] = target if target.startswith("xl/") else f"xl/{target}"

        found: dict[str, str] = {}
        epochs = [WINDOWS_EPOCH]

        def entry(tag: str, attributes: dict[str, str]) -> None:
            if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                epochs.append(MAC_EPOCH)
            if tag == "sheet" and attributes.get("state", "visible") == "visible":
                key = next((value for name, value in attributes.items() if name.split(":")[-1] == "id"), "")
                if key in targets and targets[key] in names:
                    found[attributes.get("name", "")[:60]] = targets[key]

        names = set(self.archive.namelist())
        self._small("xl/_rels/workbook.xml.rels", relation)
        self._small("xl/workbook.xml", entry)
        if not found:
            raise FileRefused(_("The workbook has no visible sheet."))
        return found, epochs[-1]

    def _formats(self) -> list[tuple[str, int]]:
        """For each cell style: ``("date", 0)``, ``("zeros", width)`` or ``("", 0)``."""
        codes: dict[int, str] = {}
        styles: list[tuple[str, int]] = []
        within = [False]

        def entry(tag: str, attributes: dict[str, str]) -> None:
            if tag == "numFmt":
                codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
            elif tag in ("cellXfs", "cellStyles", "dxfs"):
                within[0] = tag == "cellXfs"
            elif tag == "xf" and within[0]:
                number = int(attributes.get("numFmtId", "0"))
                styles.append(_format_of(number, codes.get(number, "")))

        self._small("xl/styles.xml", entry)
        return styles

    def _shared_strings(self) -> list[str]:
        name = next((member for member in self.archive.namelist() if member.lower() == "xl/sharedstrings.xml"), None)
        if name is None:
            return []
        if self.archive.getinfo(name).file_size > STRINGS_LIMIT:
            raise FileRefused(_("The workbook is too large when unpacked."))
        strings: list[str] = []
        pieces: list[str] = []
        state = {"text": False, "phonetic": False}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "si":
                pieces.clear()
            elif tag == "rPh":
                state["phonetic"] = True
            elif tag == "t":
                state["text"] = not state["phonetic"]

        def end(tag: str) -> None:
            if tag == "t":
                state["text"] = False
            elif tag == "rPh":
                state["phonetic"] = False
            elif tag == "si":
                strings.append(_unescaped("".join(pieces)))

        def data(text: str) -> None:
            if state["text"]:
                pieces.append(text)

        try:
            with self._stream(name) as stream:
                _parse(stream, start=start, end=end, data=data)
        except DAMAGE:
            raise FileRefused(_("The file is damaged or is no XLSX workbook.")) from None
        return strings


class _Sheet:
    """One pass over a sheet: expat calls in, rows out."""

    def __init__(self, strings: list[str], formats: list[tuple[str, int]], epoch: datetime) -> None:
        self.strings, self.formats, self.epoch = strings, formats, epoch
        self.ready: list[tuple[int, list[Any]]] = []
        self.number = self.column = 0
        self.cells: list[Any] = []
        self.kind = self.text = ""
        self.style = 0
        self.pieces: list[str] = []
        self.reading = self.formula = self.phonetic = False
        self.merged: list[tuple[int, int, int]] = []

    def rows(self, stream: IO[bytes]) -> Iterator[tuple[int, list[Any]]]:
        parser = _parser(start=self.start, end=self.end, data=self.data)
        with stream:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
                yield from self.ready
                self.ready.clear()
            parser.Parse(b"", True)
            yield from self.ready

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            place = attributes.get("r")
            self.column = _column_of(place) if place else self.column + 1
            self.kind = attributes.get("t", "n")
            self.style = int(attributes.get("s") or 0)
            self.formula = False
            self.pieces = []
        elif tag in ("v", "t"):
            self.reading = not self.phonetic
        elif tag == "f":
            self.formula = self.reading = True
            self.pieces = ["="]
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "row":
            number = int(attributes.get("r") or self.number + 1)
            if number <= self.number or number > ROW_LIMIT:
                raise FileRefused(_("The rows of the sheet are not in order."))
            self.number, self.column, self.cells = number, 0, []
        elif tag == "mergeCell" and len(self.merged) < MERGED_LIMIT:
            self._merge(attributes.get("ref", ""))

    def _merge(self, ref: str) -> None:
        places = MERGED.fullmatch(ref)
        if places and int(places[3]) > int(places[2]):
            self.merged.append((int(places[2]), int(places[3]), _column_of(places[1])))

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self.reading = False
        elif tag == "f":
            self.text, self.reading = "".join(self.pieces), False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c":
            value = Formula(self.text) if self.formula else self._value("".join(self.pieces))
            if value is not None and value != "":
                if self.column > COLUMN_LIMIT:
                    raise FileRefused(_("The sheet has more than %(limit)s columns.") % {"limit": COLUMN_LIMIT})
                self.cells.extend([None] * (self.column - 1 - len(self.cells)))
                self.cells.append(value)
        elif tag == "row" and self.cells:
            self.ready.append((self.number, self.cells))

    def data(self, text: str) -> None:
        if self.reading:
            self.pieces.append(text)

    def _value(self, raw: str) -> Any:
        if self.kind == "s":
            return self.strings[int(raw)] if raw else None
        if self.kind in ("inlineStr", "str"):
            return _unescaped(raw)
        if not raw:
            return None
        if self.kind == "b":
            return raw == "1"
        if self.kind == "e":
            return ErrorValue(raw[:20])
        if self.kind == "d":
            return datetime.fromisoformat(raw.rstrip("Z"))
        name, width = self.formats[self.style] if self.style < len(self.formats) else ("", 0)
        number = int(raw) if len(raw) <= 15 and raw.isdigit() else float(raw)
        if isinstance(number, float):
            if not abs(number) < 1e15:
                return ErrorValue(raw[:20])
            number = int(number) if number.is_integer() else number
        if name == "zeros" and isinstance(number, int) and number >= 0:
            return str(number).zfill(width)
        return day_of_serial(number, self.epoch) if name == "date" else number


def day_of_serial(number: int | float, epoch: datetime = WINDOWS_EPOCH) -> datetime | date | ErrorValue:
    """Excel's day number as a date. 60 is the 29 February 1900 that never was."""
    if epoch == WINDOWS_EPOCH and 0 < number < 60:
        number += 1
    if not 0 < number < 2_958_466 or (epoch == WINDOWS_EPOCH and int(number) == 60):
        return ErrorValue(str(number))
    moment = epoch + timedelta(days=number)
    return moment.date() if moment.time() == time.min else moment


def _format_of(number: int, code: str) -> tuple[str, int]:
    first = code.split(";", maxsplit=1)[0].strip()
    if re.fullmatch(r"0{2,32}", first):
        return "zeros", len(first)
    if not code:
        return ("date", 0) if number in BUILT_IN_DATES else ("", 0)
    letters = QUOTED.sub("", first).lower()
    return ("date", 0) if re.search(r"[ymd]", letters) and "general" not in letters else ("", 0)


def _column_of(place: str) -> int:
    column = 0
    for letter in place:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    if not 0 < column <= 16_384:
        raise ValueError(place)
    return column


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _parser(*, start: Any = None, end: Any = None, data: Any = None) -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*args: Any) -> None:
        raise FileRefused(_("The workbook declares a document type; that is refused."))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    if start:
        parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    if end:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    if data:
        parser.CharacterDataHandler = data
    return parser


def _parse(stream: IO[bytes], **handlers: Any) -> None:
    parser = _parser(**handlers)
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
