"""Reads a Word document (.docx) as the lines of a paper: text, numbers that Word writes itself, tables, powers.

Nothing it refers to is fetched. A picture is taken over where it is one that a browser shows; any
other leaves its place marked.
"""

import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any
from xml.etree.ElementTree import Element  # nosec B405

from django.utils.translation import gettext as _

from academy.importing.workbook import DAMAGE
from quizzes.interchange.decoding import Undecodable
from quizzes.interchange.files import LARGEST_PICTURE, FileRefused, FilesAtHand
from quizzes.interchange.marks import Formatting, around, html_of, without_marks
from quizzes.interchange.packages import open_package, part_of
from quizzes.interchange.standing_out import Run, ShapedOption, colours_of, options_of, shape_of_answers, with_answers
from quizzes.types.rich import LOWERED, RAISED

# Word has nine levels of a list, and writes a few signs before a paragraph.
LEVELS, LABEL_LIMIT = 9, 60
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
OLD_PICTURE = "{urn:schemas-microsoft-com:vml}imagedata"
WORDS_OF_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
PICTURES = (f"{W}drawing", f"{W}pict", f"{W}object")
EMPHASIS = {"u": "u", "em": "i", "strong": "b"}
# Letters of a key and signs of a judgement are bold because they are the key, and numbers because they count.
OPTION_LABEL = re.compile(r"[\s　]*[(（]?[A-Ha-h]\s*[.．、:：)）]\s*")
NO_EMPHASIS = re.compile(r"[\s\d()（）A-Ha-h√×✓✗对错正确误.．、,，:：_]*")
NUMBER_FILLED = re.compile(r"\s*\d[\d.,，%％\s]*")
CHINESE = "零一二三四五六七八九十"


@dataclass
class Document:
    """The lines of a document, with the private letters of their formatting; where a picture was left out, and why."""

    lines: list[str]
    formatting: Formatting
    notes: list[tuple[int, Any]]
    # The shape in which one option of nearly each question stands out, '' for none: it may be its answer.
    standing_out: str = ""

    @property
    def words(self) -> list[str]:
        """The lines without formatting."""
        return [without_marks(line, self.formatting) for line in self.lines]


def read_document(data: bytes, answers_in: str = "") -> Document:
    """An option in the shape ``answers_in`` (``standing_out.SHAPES``) is followed by a sign that it is right. Raises
    ``Undecodable``."""
    package = open_package(data)
    document = part_of(package, "word/document.xml")
    body = document.find(f"{W}body") if document is not None else None
    if body is None:
        raise Undecodable(_("This is not a Word document."))
    numbering = _Numbering(part_of(package, "word/numbering.xml"), part_of(package, "word/styles.xml"))
    reader = _Reader(numbering, _Pictures(package), answers_in)
    reader.read(body)
    return Document(reader.lines, reader.pictures.formatting, reader.notes, shape_of_answers(reader.options))


class _Pictures:
    """The pictures of a document by what its runs call them."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.files = FilesAtHand()
        self.formatting = Formatting(files=self.files.taken)
        relations = part_of(package, "word/_rels/document.xml.rels")
        found = relations.iterfind(RELATIONSHIP) if relations is not None else ()
        self.parts = {
            relation.get("Id", ""): relation.get("Target", "")
            for relation in found
            if relation.get("TargetMode") != "External"
        }

    def letter(self, element: Element) -> tuple[str, Any]:
        """The letter of the picture that an element shows, or '' and why there is none."""
        for tag, name in ((BLIP, f"{R}embed"), (OLD_PICTURE, f"{R}id")):
            for shown in element.iter(tag):
                if target := self.parts.get(shown.get(name, "")):
                    return self._taken(target, element)
        return "", _("A picture or a broken formula cannot be imported; its place is marked with 【图】.")

    def _taken(self, target: str, element: Element) -> tuple[str, Any]:
        name = posixpath.normpath(posixpath.join("word", target.lstrip("/").removeprefix("word/")))
        words = next((picture.get("descr", "") for picture in element.iter(WORDS_OF_PICTURE)), "")
        try:
            with self.package.open(name) as part:
                content = part.read(LARGEST_PICTURE + 1)
            digest = self.files.take(content)
        except (*DAMAGE, KeyError):
            return "", _("A picture or a broken formula cannot be imported; its place is marked with 【图】.")
        except FileRefused as reason:
            message = _("A picture is not imported; its place is marked with 【图】. %(why)s")
            return "", message % {"why": reason}
        html = f'<img data-file="{digest}" alt="{escape(" ".join(words.split()))}">'
        why = "" if words.strip() else _("A picture has no words that say what it shows. Write them before publishing.")
        return self.formatting.letter(html), why


class _Numbering:
    """The numbers that Word writes before a paragraph: they stand nowhere in its text."""

    def __init__(self, part: Element | None, styles: Element | None = None) -> None:
        self.levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self.styles = (
            {style.get(f"{W}styleId", ""): style for style in styles.iterfind(f"{W}style")}
            if styles is not None
            else {}
        )
        # Of each list what was counted last on each level.
        self.counters: dict[str, dict[int, int]] = defaultdict(dict)
        if part is None:
            return
        abstract = {
            numbering.get(f"{W}abstractNumId", ""): self._levels(numbering)
            for numbering in part.iterfind(f"{W}abstractNum")
        }
        for number in part.iterfind(f"{W}num"):
            found = number.find(f"{W}abstractNumId")
            if found is not None:
                self.levels[number.get(f"{W}numId", "")] = abstract.get(found.get(f"{W}val", ""), {})

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

    def of(self, paragraph: Element) -> Element | None:
        """What a paragraph or its style, or one that this rests on, says of its list."""
        found = paragraph.find(f"{W}pPr/{W}numPr")
        style = _value(paragraph, f"pPr/{W}pStyle")
        for _step in range(LEVELS):
            if found is not None or style not in self.styles:
                break
            found = self.styles[style].find(f"{W}pPr/{W}numPr")
            style = _value(self.styles[style], "basedOn")
        return found

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
    def __init__(self, numbering: _Numbering, pictures: _Pictures, answers_in: str = "") -> None:
        self.numbering, self.pictures, self.answers_in = numbering, pictures, answers_in
        self.options: list[ShapedOption] = []
        self.lines: list[str] = []
        self.notes: list[tuple[int, Any]] = []
        self.tables = 0

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
        found = self.numbering.of(element)
        label = ""
        runs = [run for run in self._runs(element) if run[0]]
        if found is not None and without_marks("".join(run[0] for run in runs), self.pictures.formatting).strip():
            label = self.numbering.label(_value(found, "numId"), _whole(_value(found, "ilvl"), 0))
        options = options_of(label, runs)
        self.options += options
        self.lines.append(label + self._said_of(with_answers(runs, options, self.answers_in)))

    def _table(self, element: Element) -> None:
        """A row a line, its cells parted by bars; where it stays one row, it becomes one of a table."""
        self.tables += 1
        for row in element.iterfind(f"{W}tr"):
            cells = []
            for cell in row.iterfind(f"{W}tc"):
                texts = [self._text(paragraph).strip() for paragraph in _paragraphs_of(cell)]
                cells.append([text for text in texts if text])
            line = " | ".join(" ".join(texts) for texts in cells)
            words = without_marks(line, self.pictures.formatting).strip()
            if sum(map(bool, cells)) > 1:
                html = "".join(f"<td>{'<br>'.join(self._html(text) for text in texts)}</td>" for texts in cells)
                line += self.pictures.formatting.letter((self.tables, words, f"<tr>{html}</tr>"))
            self.lines.append(line)

    def _html(self, text: str) -> str:
        return html_of(text, self.pictures.formatting)

    def _text(self, paragraph: Element) -> str:
        """The words of a paragraph; what stands out of it keeps its sign, not what is said in bold as a whole."""
        return self._said_of([run for run in self._runs(paragraph) if run[0]])

    def _said_of(self, runs: list[Run]) -> str:
        emphasised = {tag for tag in EMPHASIS if not all(tag in tags for _words, tags in runs)}
        text = ""
        for words, tags in runs:
            # A number that is underlined fills a gap; a letter that is, is a key.
            filled = (
                tags & EMPHASIS.keys() == {"u"} and NUMBER_FILLED.fullmatch(words) and text.rstrip()[-1:] not in "(（"
            )
            stands_out = text.strip() and (filled or not NO_EMPHASIS.fullmatch(words))
            label = OPTION_LABEL.match(words)
            before, words = (label[0], words[label.end() :]) if label else ("", words)
            for tag in EMPHASIS:
                words = around(tag, words) if stands_out and words and tag in tags and tag in emphasised else words
            text += before + words
        for tag in emphasised:
            text = text.replace(around(tag, "")[::-1], "")
        return text

    def _runs(self, element: Element) -> Iterator[tuple[str, set[str]]]:
        for child in element:
            if child.tag == f"{W}r":
                yield self._run(child)
            elif child.tag in (f"{M}oMath", f"{M}oMathPara"):
                formula = _formula(child)
                if "【图】" in formula:
                    self._note(_("A picture or a broken formula cannot be imported; its place is marked with 【图】."))
                yield formula, set()
            elif child.tag not in (f"{W}pPr", f"{W}del", f"{W}moveFrom"):
                yield from self._runs(child)

    def _run(self, run: Element) -> tuple[str, set[str]]:
        shape = run.find(f"{W}rPr/{W}vertAlign")
        form = (shape.get(f"{W}val") or "") if shape is not None else ""
        tags = {tag for tag, name in EMPHASIS.items() if _is_on(run, name)} | colours_of(run)
        text = "".join(self._said(child) for child in run)
        if form == "superscript":
            text = _raised(text)
        elif form == "subscript":
            text = _lowered(text)
        elif "u" in tags and text and not text.strip(" \t\u3000\xa0"):
            return "____", set()
        return text, tags

    def _said(self, child: Element) -> str:
        if child.tag in PICTURES or child.tag.endswith("AlternateContent"):
            letter, why = self.pictures.letter(child)
            if why:
                self._note(why)
            return letter or "【图】"
        signs = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
        if child.tag == f"{W}sym":
            return _symbol(child)
        return (child.text or "") if child.tag == f"{W}t" else signs.get(child.tag, "")

    def _note(self, message: Any) -> None:
        self.notes.append((len(self.lines) + 1, message))


def _is_on(run: Element, name: str) -> bool:
    found = run.find(f"{W}rPr/{W}{name}")
    return found is not None and found.get(f"{W}val") not in ("none", "0", "false", "off")


def _paragraphs_of(element: Element) -> Iterator[Element]:
    """Also of tables within; none within another, whose text that one has."""
    for child in element:
        if child.tag == f"{W}p":
            yield child
        else:
            yield from _paragraphs_of(child)


def _symbol(child: Element) -> str:
    """Ticks and crosses of Wingdings."""
    code = (child.get(f"{W}char") or "").upper()[-2:]
    return {"FC": "√", "FB": "×", "FE": "√", "FD": "×", "50": "√", "4F": "×"}.get(code, "")


def _raised(text: str) -> str:
    """A power in the letters that Unicode has for it, else with the sign of one."""
    return _moved(text, RAISED, "") or (around("sup", text) if text.strip() else text)


def _lowered(text: str) -> str:
    return _moved(text, LOWERED, "") or (around("sub", text) if text.strip() else text)


def _moved(text: str, letters: dict[int, int], sign: str) -> str:
    """'' without a sign where Unicode lacks a letter."""
    moved = text.translate(letters)
    if text and all(before != after for before, after in zip(text, moved, strict=True)):
        return moved
    return f"{sign}({text})" if sign else ""


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
