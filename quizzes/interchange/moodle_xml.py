"""Reads Moodle XML: what another learning platform exports, hints and tags included. A file from outside is hostile.

Any document type and any entity is refused. Of formatted texts the safe set is kept, with the pictures and sounds that the
file holds; what it only points to is not fetched.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # nosec B405

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser
from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import (
    ImportedQuestion,
    ReadError,
    ReadResult,
    category_path,
)
from quizzes.interchange.files import FilesAtHand
from quizzes.interchange.gathering import gather_cases
from quizzes.interchange.gift_answers import order_scoring
from quizzes.interchange.moodle_cloze import CannotBeRead, read_gaps
from quizzes.types import BodyProblems, question_type
from quizzes.types.base import Body, canonical
from quizzes.types.checking import decimal_or_none
from quizzes.types.rich import plain, rich_or_plain

LINE = "line-of-file"
PLAIN_FORMATS = ("plain_text", "markdown")
# What of ours Moodle has no place for and keeps as a tag.
OURS = re.compile(r"difficulty:(?P<difficulty>easy|medium|hard)|case:(?P<case>.+)|case")
Reader = Callable[["_Source"], Body]


class _Lines(TreeBuilder):
    """Notes for each element the line on which it begins."""

    parser: Any = None

    def start(self, tag: Any, attrs: Any, /) -> Element:
        return super().start(tag, {**attrs, LINE: str(self.parser.parser.CurrentLineNumber)})


class _Source:
    """A question's element, and the language its texts are in."""

    def __init__(self, element: Element, language: str) -> None:
        self.element, self.language = element, language
        # Each question has files of its own; two may use one name.
        self.files = FilesAtHand()
        # What of it will not be marked, or shown, as where it came from.
        self.notes: list[Any] = []

    def written(self, path: str = "", within: Element | None = None) -> str:
        """The text of a part; Moodle keeps it in ``<text>``, says beside it whether it is HTML, and lays its files there."""
        around = self.element if within is None else within
        found = around.find(path) if path else around
        if found is None:
            return ""
        inner = found.find("text")
        raw = (inner.text if inner is not None else found.text) or ""
        if found.get("format") in PLAIN_FORMATS:
            return raw.strip()
        for file in found.iterfind("file"):
            self._offer(file)
        return rich_or_plain(raw, self.files.resolve, self.notes)

    def _offer(self, file: Element) -> None:
        name = f"{file.get('path', '/').lstrip('/')}{file.get('name', '')}"
        try:
            self.files.offered[name] = b64decode("".join((file.text or "").split()), validate=True)
        except ValueError:
            self.notes.append(_("The file “%(name)s” is damaged.") % {"name": name[:80]})

    def plain(self, path: str = "", within: Element | None = None) -> str:
        """The same as words only: names, and what is typed and compared."""
        return plain(self.written(path, within))

    def text(self, path: str = "", within: Element | None = None) -> dict[str, str]:
        text = self.written(path, within)
        return {self.language: text} if text else {}

    def typed_text(self, within: Element) -> dict[str, str]:
        text = self.plain(within=within)
        return {self.language: text} if text else {}

    def value(self, path: str) -> str:
        found = self.element.find(path)
        return ((found.text if found is not None else "") or "").strip()

    def says(self, path: str) -> bool:
        return self.value(path) in ("1", "true")


def read_moodle_xml(text: str, *, language: str) -> ReadResult:
    """Reads a whole file. Never raises: what cannot be read is an error of its line."""
    result = ReadResult()
    target = _Lines()
    try:
        parser = XMLParser(target=target, forbid_dtd=True)
        target.parser = parser
        parser.feed(text)
        root = parser.close()
    except DefusedXmlException:
        return ReadResult(errors=[ReadError(1, _("A document type or an entity of its own is not allowed in a file."))])
    except (ParseError, ValueError) as fault:
        line = getattr(fault, "position", (1, 0))[0]
        return ReadResult(errors=[ReadError(line, _("This is not XML."))])
    category = ""
    for element in root.iter("question"):
        source, line = _Source(element, language), int(element.get(LINE, "1"))
        if element.get("type") == "category":
            category = category_path(source.plain("category"))
            continue
        try:
            result.questions.append(_question(source, category, line))
            result.warnings += [ReadError(line, note) for note in source.notes]
            result.files |= source.files.taken
        except CannotBeRead as reason:
            result.errors.append(ReadError(line, reason.args[0]))
        except BodyProblems as problems:
            result.errors.append(ReadError(line, "; ".join(str(message) for _place, message in problems.problems)))
    if not result.questions and not result.errors:
        result.errors.append(ReadError(1, _("There is no question in this file.")))
    return gather_cases(result)


def _question(source: _Source, category: str, line: int) -> ImportedQuestion:
    code = source.element.get("type", "")
    if code not in READERS:
        raise CannotBeRead(_("This type of question is not known: %(type)s") % {"type": code[:40]})
    tags = [
        tag.strip() for element in source.element.iterfind("tags/tag") if (tag := source.plain(within=element)).strip()
    ]
    ours = [match for tag in tags if (match := OURS.fullmatch(tag))]
    body = {"stem": source.text("questiontext"), "feedback": source.text("generalfeedback"), **READERS[code](source)}
    if body["type"] == "information" and "case" in tags:
        body |= {"type": "case", "title": source.text("casetitle")}
    kind = question_type(body["type"])
    hints = [text for hint in source.element.iterfind("hint") if (text := source.text(within=hint))]
    if hints and kind.takes_hints:
        body["hints"] = hints[:5]
    body = canonical(body)
    kind.parse(body)
    stem = kind.shown_stem(kind.parse(body), source.language)
    return ImportedQuestion(
        type=kind.code,
        name=(source.plain("name") or stem.replace("\n", " "))[:255],
        text=stem,
        category=category,
        line=line,
        body=body,
        external_id=source.value("idnumber")[:80],
        tags=tuple(tag for tag in tags if not OURS.fullmatch(tag)),
        difficulty=next((match["difficulty"] for match in ours if match["difficulty"]), ""),
        case=next((match["case"] for match in ours if match["case"]), ""),
    )


def _share(element: Element) -> str:
    """Per cent in the file, a part of the whole in the body."""
    share = decimal_or_none(element.get("fraction", "0"))
    if share is None:
        raise CannotBeRead(_("The share of the mark must lie between -100 and 100 per cent."))
    return f"{(share / 100).normalize():f}"


def _rows(source: _Source, *, typed: bool = False) -> list[dict[str, Any]]:
    return [
        {
            "id": f"o{number}",
            "text": source.typed_text(answer) if typed else source.text(within=answer),
            "fraction": _share(answer),
            "feedback": source.text("feedback", answer),
        }
        for number, answer in enumerate(source.element.iterfind("answer"), 1)
    ]


def _choice(source: _Source) -> Body:
    base = {"options": _rows(source), "shuffle": source.says("shuffleanswers")}
    if source.element.get("type") == "multichoiceset":
        return {"type": "multiple", **_whole(base), "scoring": "all_or_nothing"}
    if source.says("single"):
        return {"type": "single", **base}
    return {"type": "multiple", **base, "scoring": "partial"}


def _whole(base: dict[str, Any]) -> dict[str, Any]:
    """All or nothing says of each option only whether it is right; here the right ones share the mark."""
    right = sum(Decimal(row["fraction"]) > 0 for row in base["options"])
    share = f"{(Decimal(1) / max(right, 1)).quantize(Decimal('0.00001')).normalize():f}"
    rows = [{**row, "fraction": share if Decimal(row["fraction"]) > 0 else "0"} for row in base["options"]]
    return {**base, "options": rows}


def _true_false(source: _Source) -> Body:
    said: dict[str, Any] = {"type": "truefalse"}
    for answer in source.element.iterfind("answer"):
        value = source.plain(within=answer).lower()
        if value not in ("true", "false"):
            raise CannotBeRead(_("An answer is neither true nor false."))
        said[f"feedback_{value}"] = source.text("feedback", answer)
        if Decimal(_share(answer)) == 1:
            said["key"] = value == "true"
    return said


def _short(source: _Source) -> Body:
    return {"type": "shorttext", "answers": _rows(source, typed=True), "case_sensitive": source.says("usecase")}


def _numeric(source: _Source) -> Body:
    answers = []
    for row, answer in zip(_rows(source, typed=True), source.element.iterfind("answer"), strict=True):
        value = row.pop("text").get(source.language, "")
        tolerance = (answer.findtext("tolerance") or "0").strip() or "0"
        answers.append({**row, "value": value, "tolerance": tolerance, "tolerance_kind": "absolute"})
    units = source.element.findall("units/unit")
    named = [
        ((unit.findtext("unit_name") or "").strip(), (unit.findtext("multiplier") or "1").strip()) for unit in units
    ]
    plain = [name for name, factor in named if name and decimal_or_none(factor) == 1][:1]
    others = [
        {"name": {source.language: name}, "factor": f"{number.normalize():f}"}
        for name, factor in named
        if name and name not in plain and (number := decimal_or_none(factor))
    ]
    unit = {"unit": {source.language: plain[0]}} if plain else {}
    return {"type": "numeric", "answers": answers, **unit, **({"units": others} if others else {})}


def _matching(source: _Source) -> Body:
    pairs, others = [], []
    for number, subquestion in enumerate(source.element.iterfind("subquestion"), 1):
        left, row = source.text(within=subquestion), {"id": f"p{number}", "right": source.text("answer", subquestion)}
        if left:
            pairs.append({**row, "left": left})
        else:
            others.append(row)
    scoring = {"scoring": "all_or_nothing"} if source.value("gradingtype") == "ALL_OR_NOTHING" else {}
    return {"type": "matching", "pairs": pairs, "distractors": others, **scoring}


# Older files say by a number how an order is marked.
ORDER_NUMBERS = {"-1": "ALL_OR_NOTHING", "0": "ABSOLUTE_POSITION", "1": "RELATIVE_NEXT_EXCLUDE_LAST"}


def _ordering(source: _Source) -> Body:
    """The order is that of the numbers which Moodle writes where other types have the share of the mark."""
    answers = list(source.element.iterfind("answer"))
    answers.sort(key=lambda answer: decimal_or_none(answer.get("fraction", "")) or Decimal(0))
    items = [{"id": f"i{number}", "text": source.text(within=answer)} for number, answer in enumerate(answers, 1)]
    grading = ORDER_NUMBERS.get(source.value("gradingtype"), source.value("gradingtype"))
    return {"type": "ordering", "items": items, "scoring": order_scoring(grading, source.notes)}


def _cloze(source: _Source) -> Body:
    stem, gaps = read_gaps(source.written("questiontext"), source.language)
    return {"type": "cloze", "stem": {source.language: stem}, "gaps": gaps}


def _essay(source: _Source) -> Body:
    bounds = {
        key: int(value)
        for key, tag in (("words_min", "minwordlimit"), ("words_max", "maxwordlimit"))
        if (value := source.value(tag)).isascii() and value.isdigit() and len(value) < 6 and int(value)
    }
    guide = source.text("graderinfo")
    return {"type": "essay", **bounds, **({"guide": guide} if guide else {})}


def _information(source: _Source) -> Body:
    return {"type": "information"}


READERS: dict[str, Reader] = {
    "multichoice": _choice,
    "multichoiceset": _choice,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "cloze": _cloze,
    "essay": _essay,
    "description": _information,
}
