"""Writes questions as a paper to print, with its key behind it: as text, as a Word document, as a PDF.

The text and the document are read back as a paper; what a paper has no form for is left out and named.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from xml.sax.saxutils import escape as escape_xml  # nosec B406

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from quizzes.interchange.gift_writer import CannotBeWritten, Exported, Written
from quizzes.types.base import Body
from quizzes.types.cloze.markers import blanked

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMERALS = "一二三四五六七八九十"
# The sections of a paper, in their order, with the types that stand in each.
SECTIONS: dict[str, tuple[str, ...]] = {
    "单选题": ("single",),
    "多选题": ("multiple",),
    "判断题": ("truefalse",),
    "填空题": ("shorttext", "numeric", "cloze"),
    "匹配与排序题": ("matching", "ordering"),
    "简答题": ("essay",),
}
IN_ENGLISH = {
    "单选题": "Single choice",
    "多选题": "Multiple choice",
    "判断题": "True or false",
    "填空题": "Gaps to fill",
    "匹配与排序题": "Matching and ordering",
    "简答题": "Short answer",
}
# A document that is made again has the same bytes.
MADE = (2000, 1, 1, 0, 0, 0)


@dataclass
class Printed:
    """A question as it stands on paper: its lines, and its key and why."""

    lines: list[str]
    key: str
    why: str


@dataclass
class Section:
    title: str
    questions: list[Printed] = field(default_factory=list)


def write_paper(questions: Iterable[Exported], *, language: str) -> Written:
    sections, left_out = sections_of(questions, language)
    return Written("\n".join(text for _style, text in lines_of(sections, language)) + "\n", left_out)


def write_document(questions: Iterable[Exported], *, language: str) -> Written:
    sections, left_out = sections_of(questions, language)
    return Written("", left_out, document_of(list(lines_of(sections, language))), "docx")


def write_pdf(questions: Iterable[Exported], *, language: str) -> Written:
    # Without Pango it fails at import.
    from weasyprint import HTML

    sections, left_out = sections_of(questions, language)
    rows = "".join(f'<p class="{style}">{escape(text)}</p>' for style, text in lines_of(sections, language))
    page = (
        f'<html lang="{language}"><head><meta charset="utf-8"><style>{STYLE}</style></head><body>{rows}</body></html>'
    )
    return Written("", left_out, HTML(string=page).write_pdf(), "pdf")


STYLE = """
@page { size: A4; margin: 22mm 20mm; @bottom-center { content: counter(page) ' / ' counter(pages); font-size: 9pt } }
body { font-family: 'Noto Serif CJK SC', 'Songti SC', SimSun, serif; font-size: 10.5pt; line-height: 1.6 }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
.heading { font-weight: bold; margin-top: 1.2em; break-after: avoid }
.question { margin-top: .7em; break-after: avoid }
.option { margin-left: 2em }
.key-title { break-before: page; font-weight: bold; font-size: 13pt }
"""


def sections_of(questions: Iterable[Exported], language: str) -> tuple[list[Section], list[tuple[str, str]]]:
    """The questions by sections, and which a paper has no form for and why."""
    found = {title: Section(title if language == "zh-hans" else IN_ENGLISH[title]) for title in SECTIONS}
    left_out: list[tuple[str, str]] = []
    titles = {kind: title for title, kinds in SECTIONS.items() for kind in kinds}
    for question in questions:
        try:
            if question.type not in titles:
                raise CannotBeWritten(_("A printed paper has no form for this type."))
            if not question.body["stem"].get(language):
                raise CannotBeWritten(_("It has no text in this language."))
            with override(language):
                printed = WRITERS[question.type](question.body, language)
            found[titles[question.type]].questions.append(printed)
        except CannotBeWritten as reason:
            left_out.append((question.name, str(reason)))
    return [section for section in found.values() if section.questions], left_out


def lines_of(sections: list[Section], language: str) -> Iterator[tuple[str, str]]:
    """(style, text): the paper, then the key by the same sections and numbers."""
    titles = [
        f"{NUMERALS[place]}、{section.title}" if language == "zh-hans" else f"Part {place + 1}. {section.title}"
        for place, section in enumerate(sections)
    ]
    for title, section in zip(titles, sections, strict=True):
        yield "heading", title
        for number, question in enumerate(section.questions, 1):
            first, *others = question.lines
            yield "question", f"{number}. {first}"
            yield from (("option", line) for line in others)
    with override(language):
        yield "key-title", pgettext("heading of a paper", "Answers")
        why = _("Explanation")
    for title, section in zip(titles, sections, strict=True):
        yield "heading", title
        for number, question in enumerate(section.questions, 1):
            yield "question", f"{number}. {question.key}"
            if question.why:
                yield "option", f"{why}：{question.why}" if language == "zh-hans" else f"{why}: {question.why}"


def _printed(body: Body, language: str, lines: list[str], key: str) -> Printed:
    return Printed(lines, key, (body.get("feedback") or {}).get(language, ""))


def _words(text: dict[str, str], language: str) -> str:
    if not text.get(language):
        raise CannotBeWritten(_("It has no text in this language."))
    return text[language]


def _choice(body: Body, language: str) -> Printed:
    options = [
        f"{letter}. {_words(row['text'], language)}" for letter, row in zip(LETTERS, body["options"], strict=False)
    ]
    right = [letter for letter, row in zip(LETTERS, body["options"], strict=False) if Decimal(row["fraction"]) > 0]
    if body["type"] == "single":
        right = [letter for letter, row in zip(LETTERS, body["options"], strict=False) if Decimal(row["fraction"]) == 1]
    return _printed(body, language, [_with_brackets(_words(body["stem"], language)), *options], "".join(right))


def _with_brackets(stem: str) -> str:
    """Where one writes the letter; a stem that has its place keeps it."""
    return stem if any(one in stem for one in ("（", "(")) and ("  " in stem or "　" in stem) else f"{stem}（  ）"


def _judged(body: Body, language: str) -> Printed:
    return _printed(body, language, [f"{_words(body['stem'], language)}（  ）"], "√" if body["key"] else "×")


def _typed(body: Body, language: str) -> Printed:
    stem = _words(body["stem"], language)
    right = [row["text"].get(language, "") for row in body["answers"] if Decimal(row["fraction"]) == 1]
    return _printed(body, language, [stem if "__" in stem else f"{stem}____"], "/".join(filter(None, right)))


def _numeric(body: Body, language: str) -> Printed:
    stem, unit = _words(body["stem"], language), (body.get("unit") or {}).get(language, "")
    right = next(row["value"] for row in body["answers"] if Decimal(row["fraction"]) == 1)
    return _printed(body, language, [stem if "__" in stem else f"{stem}____{unit}"], right)


def _cloze(body: Body, language: str) -> Printed:
    best = [max(gap["answers"], key=lambda row: Decimal(row["fraction"])) for gap in body["gaps"]]
    stem = blanked(_words(body["stem"], language))
    return _printed(body, language, [stem], "；".join(_words(row["text"], language) for row in best))


def _matching(body: Body, language: str) -> Printed:
    rights = list(
        dict.fromkeys(_words(row["right"], language) for row in [*body["pairs"], *body.get("distractors", [])])
    )
    # In the order of their words, which says nothing of the pairs.
    rights.sort()
    lefts = [f"({number}) {_words(row['left'], language)}" for number, row in enumerate(body["pairs"], 1)]
    key = [f"({number}) {LETTERS[rights.index(row['right'][language])]}" for number, row in enumerate(body["pairs"], 1)]
    offered = [f"{letter}. {right}" for letter, right in zip(LETTERS, rights, strict=False)]
    return _printed(body, language, [_words(body["stem"], language), *lefts, *offered], "  ".join(key))


def _ordering(body: Body, language: str) -> Printed:
    words = [_words(item["text"], language) for item in body["items"]]
    shown = sorted(words)
    key = "".join(LETTERS[shown.index(word)] for word in words)
    offered = [f"{letter}. {word}" for letter, word in zip(LETTERS, shown, strict=False)]
    return _printed(body, language, [_words(body["stem"], language), *offered], key)


def _essay(body: Body, language: str) -> Printed:
    return _printed(body, language, [_words(body["stem"], language)], (body.get("guide") or {}).get(language, "–"))


WRITERS: dict[str, Callable[[Body, str], Printed]] = {
    "single": _choice,
    "multiple": _choice,
    "truefalse": _judged,
    "shorttext": _typed,
    "numeric": _numeric,
    "cloze": _cloze,
    "matching": _matching,
    "ordering": _ordering,
    "essay": _essay,
}

TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
FONT = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/>'
SHAPES = {
    "heading": ('<w:keepNext/><w:spacing w:before="240"/>', "<w:b/>"),
    "question": ('<w:keepNext/><w:spacing w:before="120"/>', ""),
    "option": ('<w:ind w:left="420"/>', ""),
    "key-title": ("<w:pageBreakBefore/>", "<w:b/>"),
}


def document_of(lines: list[tuple[str, str]]) -> bytes:
    """A Word document of (style, text)."""
    inside = "".join(_paragraph(style, text) for style, text in lines)
    size = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1247" w:right="1134" w:bottom="1247" w:left="1134"/></w:sectPr>'
    document = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document {NAMESPACE}><w:body>{inside}{size}</w:body></w:document>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        parts = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": document}
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, MADE), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _paragraph(style: str, text: str) -> str:
    shape, letters = SHAPES[style]
    breaks = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape_xml(_printable(line))}</w:t>' for line in text.split("\n")
    )
    return f"<w:p><w:pPr>{shape}</w:pPr><w:r><w:rPr>{FONT}{letters}</w:rPr>{breaks}</w:r></w:p>"


def _printable(text: str) -> str:
    """XML 1.0 has no room for controls."""
    return "".join(one for one in text if one == "\t" or one >= " ")
