"""Writes questions as a paper to print, with its key behind it: as text, as a Word document, as a PDF.

The text and the document are read back as a paper; what a paper has no form for is left out and named.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html import escape

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from quizzes.interchange.files import TextFile
from quizzes.interchange.gift_writer import Exported, Written, with_its_case
from quizzes.interchange.paper_case import TITLE_READ
from quizzes.interchange.paper_document import document_of, page_of
from quizzes.interchange.paper_lines import SENTENCE_END
from quizzes.interchange.rich_writing import CannotBeWritten, as_words, has_formatting
from quizzes.types.base import Body
from quizzes.types.case import rendered
from quizzes.types.cloze.kind import right_in
from quizzes.types.cloze.markers import blanked
from quizzes.types.rich import inside_of, is_rich, marked, plain, rich_or_plain

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMERALS = "一二三四五六七八九十"
CASES = "案例分析题"
# The sections of a paper, in their order, with the types that stand in each.
SECTIONS: dict[str, tuple[str, ...]] = {
    "单选题": ("single",),
    "多选题": ("multiple",),
    "判断题": ("truefalse",),
    "填空题": ("shorttext", "numeric", "cloze"),
    "匹配与排序题": ("matching", "ordering"),
    "简答题": ("essay",),
    # Their questions, whatever their types.
    CASES: ("case",),
}
IN_ENGLISH = {
    "单选题": "Single choice",
    "多选题": "Multiple choice",
    "判断题": "True or false",
    "填空题": "Gaps to fill",
    "匹配与排序题": "Matching and ordering",
    "简答题": "Short answer",
    CASES: "Case analysis",
}
# A place for the letter stands already.
BRACKETS = re.compile(r"[（(][\s\u3000]*[）)]")


@dataclass
class Printed:
    """A question as it stands on paper: its lines, and its key and why."""

    lines: list[str]
    key: str
    why: str
    # Of the first question of a case: its title, and its text below.
    above: tuple[str, ...] = ()


@dataclass
class Section:
    title: str
    questions: list[Printed] = field(default_factory=list)


def write_paper(questions: Iterable[Exported], *, language: str) -> Written:
    rows = list(questions)
    sections, left_out = sections_of([replace(row, body=as_words(row.body)) for row in rows], language)
    for question in (question for section in sections for question in section.questions):
        question.above = tuple(map(plain, question.above))
    left_out += [(row.name, _("Its formatting is written as words.")) for row in rows if has_formatting(row.body)]
    return Written("\n".join(text for _style, text in lines_of(sections, language)) + "\n", left_out)


def write_document(questions: Iterable[Exported], *, language: str) -> Written:
    rows = list(questions)
    sections, left_out = sections_of(rows, language)
    return Written("", left_out, document_of(list(lines_of(sections, language)), files_with(rows)), "docx")


def write_pdf(questions: Iterable[Exported], *, language: str) -> Written:
    # Without Pango it fails at import.
    from weasyprint import HTML

    rows = list(questions)
    sections, left_out = sections_of(rows, language)
    page = page_of(list(lines_of(sections, language)), language, files_with(rows))
    return Written("", left_out, HTML(string=page).write_pdf(), "pdf")


def files_with(questions: list[Exported]) -> dict[str, TextFile]:
    return {digest: file for question in questions for digest, file in question.files.items()}


def sections_of(questions: Iterable[Exported], language: str) -> tuple[list[Section], list[tuple[str, str]]]:
    """The questions by sections, and which a paper has no form for and why."""
    found = {title: Section(title if language == "zh-hans" else IN_ENGLISH[title]) for title in SECTIONS}
    left_out: list[tuple[str, str]] = []
    titles = {kind: title for title, kinds in SECTIONS.items() for kind in kinds}
    # By identifier what stands above the first question of a case that was not printed yet; '' for the others.
    cases: dict[str, tuple[str, ...]] = {}
    for bank_question in questions:
        question = with_its_case(bank_question, set(cases), left_out)
        try:
            if question.type == "case":
                cases[question.external_id] = _case(question, len(cases) + 1, language, left_out)
                continue
            if question.type not in WRITERS:
                raise CannotBeWritten(_("This type cannot be printed on a paper."))
            if not question.body["stem"].get(language):
                raise CannotBeWritten(_("It has no text in this language."))
            with override(language):
                printed = WRITERS[question.type](question.body, language)
            printed.above = cases.get(question.case, ())
            cases |= {question.case: ()} if question.case else {}
            found[CASES if question.case else titles[question.type]].questions.append(printed)
        except CannotBeWritten as reason:
            left_out.append((question.name, str(reason)))
    return [section for section in found.values() if section.questions], left_out


def _case(case: Exported, number: int, language: str, left_out: list[tuple[str, str]]) -> tuple[str, ...]:
    """Title and text of a case, as the reader of papers knows them. Raises ``CannotBeWritten``."""
    text = _words(case.body["stem"], language)
    html = text if is_rich(text) else rich_or_plain(rendered(text))
    title = (case.body.get("title") or {}).get(language, "")
    if title and (len(title) > TITLE_READ or title[-1] in SENTENCE_END):
        left_out.append((case.name, _("Its title is read back as a part of its text.")))
    numeral = NUMERALS[number - 1] if number <= len(NUMERALS) else f"{number}"
    label = f"案例{numeral}" if language == "zh-hans" else f"Case {number}"
    return f"{label}{'：' if language == 'zh-hans' else ': '}{title}" if title else label, html


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
            yield from zip(("case", "material"), question.above, strict=False)
            yield "question", behind(f"{number}. ", first)
            yield from (("option", line) for line in others)
    with override(language):
        yield "key-title", pgettext("heading of a paper", "Answers")
        why = _("Explanation")
    for title, section in zip(titles, sections, strict=True):
        yield "heading", title
        for number, question in enumerate(section.questions, 1):
            yield "question", behind(f"{number}. ", question.key)
            if question.why:
                yield "option", behind(f"{why}：" if language == "zh-hans" else f"{why}: ", question.why)


def _printed(body: Body, language: str, lines: list[str], key: str) -> Printed:
    return Printed(lines, key, (body.get("feedback") or {}).get(language, ""))


def behind(before: str, text: str, after: str = "") -> str:
    """A text with words around it, also inside the first and last paragraph of a formatted one."""
    if not is_rich(text):
        return f"{before}{text}{after}"
    html, before, after = inside_of(text), escape(before, quote=False), escape(after, quote=False)
    html = f"<p>{before}{html.removeprefix('<p>')}" if html.startswith("<p>") else f"{before}{html}"
    return marked(f"{html.removesuffix('</p>')}{after}</p>" if html.endswith("</p>") else f"{html}{after}")


def _words(text: dict[str, str], language: str) -> str:
    if not text.get(language):
        raise CannotBeWritten(_("It has no text in this language."))
    return text[language]


def _choice(body: Body, language: str) -> Printed:
    options = [
        behind(f"{letter}. ", _words(row["text"], language))
        for letter, row in zip(LETTERS, body["options"], strict=False)
    ]
    right = [letter for letter, row in zip(LETTERS, body["options"], strict=False) if Decimal(row["fraction"]) > 0]
    if body["type"] == "single":
        right = [letter for letter, row in zip(LETTERS, body["options"], strict=False) if Decimal(row["fraction"]) == 1]
    return _printed(body, language, [_with_brackets(_words(body["stem"], language)), *options], "".join(right))


def _with_brackets(stem: str) -> str:
    """Where one writes the letter; a stem that has its place keeps it."""
    return stem if BRACKETS.search(stem) else behind("", stem, "（  ）")


def _judged(body: Body, language: str) -> Printed:
    return _printed(body, language, [_with_brackets(_words(body["stem"], language))], "√" if body["key"] else "×")


def _typed(body: Body, language: str) -> Printed:
    stem = _words(body["stem"], language)
    right = [row["text"].get(language, "") for row in body["answers"] if Decimal(row["fraction"]) == 1]
    return _printed(body, language, [stem if "__" in stem else behind("", stem, "____")], "/".join(filter(None, right)))


def _numeric(body: Body, language: str) -> Printed:
    stem, unit = _words(body["stem"], language), (body.get("unit") or {}).get(language, "")
    right = next(row["value"] for row in body["answers"] if Decimal(row["fraction"]) == 1)
    return _printed(body, language, [stem if "__" in stem else behind("", stem, f"____{unit}")], right)


def _cloze(body: Body, language: str) -> Printed:
    for gap in body["gaps"]:
        for row in gap["answers"]:
            _words(row["text"], language)
    stem = blanked(_words(body["stem"], language))
    return _printed(body, language, [stem], "；".join(right_in(gap, language) for gap in body["gaps"]))


def _matching(body: Body, language: str) -> Printed:
    rights = list(
        dict.fromkeys(_words(row["right"], language) for row in [*body["pairs"], *body.get("distractors", [])])
    )
    # In the order of their words, which says nothing of the pairs.
    rights.sort()
    lefts = [behind(f"({number}) ", _words(row["left"], language)) for number, row in enumerate(body["pairs"], 1)]
    key = [f"({number}) {LETTERS[rights.index(row['right'][language])]}" for number, row in enumerate(body["pairs"], 1)]
    offered = [behind(f"{letter}. ", right) for letter, right in zip(LETTERS, rights, strict=False)]
    return _printed(body, language, [_words(body["stem"], language), *lefts, *offered], "  ".join(key))


def _ordering(body: Body, language: str) -> Printed:
    words = [_words(item["text"], language) for item in body["items"]]
    shown = sorted(words)
    key = "".join(LETTERS[shown.index(word)] for word in words)
    offered = [behind(f"{letter}. ", word) for letter, word in zip(LETTERS, shown, strict=False)]
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
