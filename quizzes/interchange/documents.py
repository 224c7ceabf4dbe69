"""Reads a Word document (.docx) as the lines of a paper: text, numbers that Word writes itself, tables, powers.

A file from outside is hostile: its size unpacked, its elements and how deep they nest are bounded, macros and document
types are refused, nothing it refers to is fetched. A picture leaves its place marked.
"""

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # nosec B405

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from academy.importing.workbook import DAMAGE, swells
from quizzes.interchange.base import LOWERED, RAISED
from quizzes.interchange.decoding import Undecodable

SIZE_LIMIT = 50 * 1024 * 1024
# Unpacked, of the parts that are read.
PART_LIMIT = 20 * 1024 * 1024
MOST_PARTS = 5_000
# A paper of a thousand questions has about fifty thousand; each costs a hundred times its bytes in memory.
MOST_ELEMENTS = 500_000
DEEPEST = 150
# Word has nine levels of a list, and writes a few signs before a paragraph.
LEVELS, LABEL_LIMIT = 9, 60
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
OLD_WORD = b"\xd0\xcf\x11\xe0"
PICTURES = (f"{W}drawing", f"{W}pict", f"{W}object")
CHINESE = "零一二三四五六七八九十"


def is_document(data: bytes) -> bool:
    """Whether these bytes are a Word document, of today or of old."""
    return data.startswith(OLD_WORD) or (data.startswith(b"PK") and b"word/" in data)


def open_package(data: bytes) -> zipfile.ZipFile:
    """The parts of an Office file. Raises ``Undecodable`` for what is no such file, too large or carries macros."""
    if data.startswith(OLD_WORD):
        raise Undecodable(_("This is a file of an old Office or one with a password. Save it as .docx or .xlsx."))
    if len(data) > SIZE_LIMIT:
        raise Undecodable(_("The file is larger than %(size)s MB.") % {"size": SIZE_LIMIT // 1024 // 1024})
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        parts = package.infolist()
    except DAMAGE:
        raise Undecodable(_("The file is damaged: it cannot be opened.")) from None
    if len(parts) > MOST_PARTS or any(part.file_size > PART_LIMIT and part.filename.endswith(".xml") for part in parts):
        raise Undecodable(_("The file unpacks to more than %(size)s MB.") % {"size": PART_LIMIT // 1024 // 1024})
    if any(part.flag_bits & 1 for part in parts):
        raise Undecodable(_("The file is protected by a password. Save it without one."))
    if any(swells(part) for part in parts):
        raise Undecodable(_("The file unpacks to many times its size; that is no list and no paper."))
    if any(part.filename.lower().endswith(("vbaproject.bin", "vbadata.xml")) for part in parts):
        raise Undecodable(_("The file carries macros. Save it without them, as .docx or .xlsx."))
    return package


def part_of(package: zipfile.ZipFile, name: str) -> Element | None:
    """A part as XML, None where it is missing. Raises ``Undecodable``."""
    try:
        if name not in package.namelist():
            return None
        with package.open(name) as part:
            data = part.read(PART_LIMIT + 1)
    except DAMAGE:
        raise Undecodable(_("The file is damaged: it cannot be opened.")) from None
    if len(data) > PART_LIMIT:
        raise Undecodable(_("The file unpacks to more than %(size)s MB.") % {"size": PART_LIMIT // 1024 // 1024})
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(data)
        element: Element = parser.close()
    except DefusedXmlException:
        raise Undecodable(_("A document type or an entity of its own is not allowed in a file.")) from None
    except (ParseError, ValueError):
        raise Undecodable(_("The file is damaged: it cannot be opened.")) from None
    return element


class _BoundedBuilder(TreeBuilder):
    """Stops before a file of nothing but elements fills the memory, or nests deeper than can be read. Raises
    ``Undecodable``."""

    def __init__(self) -> None:
        super().__init__()
        self.elements = self.depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self.elements, self.depth = self.elements + 1, self.depth + 1
        if self.elements > MOST_ELEMENTS:
            raise Undecodable(_("The document has more than %(count)s elements.") % {"count": MOST_ELEMENTS})
        if self.depth > DEEPEST:
            raise Undecodable(_("This is nested too deeply."))
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def lines_of_document(data: bytes) -> tuple[list[str], list[int]]:
    """The lines of a Word document, and the numbers of those that hold a picture. Raises ``Undecodable``."""
    package = open_package(data)
    document = part_of(package, "word/document.xml")
    body = document.find(f"{W}body") if document is not None else None
    if body is None:
        raise Undecodable(_("This is no Word document."))
    reader = _Reader(_Numbering(part_of(package, "word/numbering.xml")))
    reader.read(body)
    return reader.lines, reader.pictures


class _Numbering:
    """The numbers that Word writes before a paragraph: they stand nowhere in its text."""

    def __init__(self, part: Element | None) -> None:
        self.levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        # Of each list what was counted last on each level.
        self.counters: dict[str, dict[int, int]] = defaultdict(dict)
        if part is None:
            return
        abstract = {one.get(f"{W}abstractNumId", ""): self._levels(one) for one in part.iterfind(f"{W}abstractNum")}
        for one in part.iterfind(f"{W}num"):
            found = one.find(f"{W}abstractNumId")
            if found is not None:
                self.levels[one.get(f"{W}numId", "")] = abstract.get(found.get(f"{W}val", ""), {})

    def _levels(self, abstract: Element) -> dict[int, tuple[str, str, int]]:
        levels = {}
        for level in abstract.iterfind(f"{W}lvl"):
            said = {name: _value(level, name) for name in ("numFmt", "lvlText", "start")}
            levels[_whole(level.get(f"{W}ilvl"), 0)] = (
                said["numFmt"] or "decimal",
                said["lvlText"][:LABEL_LIMIT],
                _whole(said["start"], 1),
            )
        return levels

    def label(self, number: str, level: int) -> str:
        """What Word writes before the next paragraph of this list and level."""
        form, pattern, start = self.levels.get(number, {}).get(level, ("", "", 1))
        if not form or form in ("bullet", "none") or level >= LEVELS:
            return ""
        counted = {place: count for place, count in self.counters[number].items() if place <= level}
        counted[level] = counted[level] + 1 if level in counted else start
        self.counters[number] = counted
        for place in range(level + 1):
            own = self.levels[number].get(place, ("decimal", "", 1))
            pattern = pattern.replace(f"%{place + 1}", _written(counted.get(place, own[2]), own[0]))
        return f"{pattern} "


def _value(element: Element, name: str) -> str:
    found = element.find(f"{W}{name}")
    return (found.get(f"{W}val") or "") if found is not None else ""


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else otherwise


def _written(number: int, form: str) -> str:
    if form in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (number - 1) % 26)
        return letter if form == "upperLetter" else letter.lower()
    if form.startswith(("chinese", "japanese", "ideograph")) and number < 100:
        tens, ones = divmod(number, 10)
        if number <= 10:
            return CHINESE[number]
        return f"{CHINESE[tens] if tens > 1 else ''}十{CHINESE[ones] if ones else ''}"
    return str(number)


class _Reader:
    def __init__(self, numbering: _Numbering) -> None:
        self.numbering = numbering
        self.lines: list[str] = []
        self.pictures: list[int] = []

    def read(self, body: Element) -> None:
        """Paragraphs and tables in their order, also inside fields of a form."""
        for element in body:
            if element.tag == f"{W}p":
                self._paragraph(element)
            elif element.tag == f"{W}tbl":
                self._table(element)
            elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
                self.read(element)

    def _paragraph(self, element: Element) -> None:
        text = "".join(self._runs(element))
        found = element.find(f"{W}pPr/{W}numPr")
        label = ""
        if found is not None and text.strip():
            label = self.numbering.label(_value(found, "numId"), _whole(_value(found, "ilvl"), 0))
        self.lines.append(label + text)
        if "【图】" in text:
            self.pictures.append(len(self.lines))

    def _table(self, element: Element) -> None:
        """A row a line, its cells parted by bars."""
        for row in element.iterfind(f"{W}tr"):
            cells = []
            for cell in row.iterfind(f"{W}tc"):
                paragraphs = ["".join(self._runs(paragraph)) for paragraph in _paragraphs_of(cell)]
                cells.append(" ".join(text.strip() for text in paragraphs if text.strip()))
            self.lines.append(" | ".join(cells))
            if any("【图】" in cell for cell in cells):
                self.pictures.append(len(self.lines))

    def _runs(self, element: Element) -> Iterator[str]:
        for child in element:
            if child.tag == f"{W}r":
                yield from self._run(child)
            elif child.tag in (f"{M}oMath", f"{M}oMathPara"):
                yield _formula(child)
            elif child.tag not in (f"{W}pPr", f"{W}del", f"{W}moveFrom"):
                yield from self._runs(child)

    def _run(self, run: Element) -> Iterator[str]:
        shape = run.find(f"{W}rPr/{W}vertAlign")
        form = (shape.get(f"{W}val") or "") if shape is not None else ""
        line = run.find(f"{W}rPr/{W}u")
        underlined = line is not None and line.get(f"{W}val") != "none"
        text = "".join(_said(child) for child in run)
        if form == "superscript":
            text = _moved(text, RAISED, "^")
        elif form == "subscript":
            text = _moved(text, LOWERED, "_")
        elif underlined and text and not text.strip(" \t\u3000\xa0"):
            text = "____"
        yield text


def _paragraphs_of(element: Element) -> Iterator[Element]:
    """Also of tables within; none within another, whose text that one has."""
    for child in element:
        if child.tag == f"{W}p":
            yield child
        else:
            yield from _paragraphs_of(child)


def _said(child: Element) -> str:
    if child.tag in PICTURES:
        return "【图】"
    signs = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
    if child.tag == f"{W}sym":
        return _symbol(child)
    if child.tag.endswith("AlternateContent"):
        return "【图】"
    return (child.text or "") if child.tag == f"{W}t" else signs.get(child.tag, "")


def _symbol(child: Element) -> str:
    """Ticks and crosses of Wingdings."""
    code = (child.get(f"{W}char") or "").upper()[-2:]
    return {"FC": "√", "FB": "×", "FE": "√", "FD": "×", "50": "√", "4F": "×"}.get(code, "")


def _moved(text: str, letters: dict[int, int], sign: str) -> str:
    moved = text.translate(letters)
    return (
        moved if text and all(before != after for before, after in zip(text, moved, strict=True)) else f"{sign}({text})"
    )


def _formula(element: Element) -> str:
    """A formula as text: powers raised, a fraction with its line. One that lacks a part is marked as a picture is."""
    if element.tag == f"{M}t":
        return element.text or ""
    parts: Any = {child.tag: child for child in element}
    try:
        if element.tag == f"{M}f":
            return f"({_formula(parts[f'{M}num'])})/({_formula(parts[f'{M}den'])})"
        if element.tag == f"{M}sSup":
            return f"{_formula(parts[f'{M}e'])}{_moved(_formula(parts[f'{M}sup']), RAISED, '^')}"
        if element.tag == f"{M}sSub":
            return f"{_formula(parts[f'{M}e'])}{_moved(_formula(parts[f'{M}sub']), LOWERED, '_')}"
    except KeyError:
        return "【图】"
    return "".join(_formula(child) for child in element)
