"""Writes Moodle XML, one language a file. What is read back is the same question; what it cannot say is named."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape  # nosec B406

from django.utils.translation import gettext as _

from quizzes.interchange.gift_writer import ORDER_GRADING, Exported, Written, blocks_of
from quizzes.interchange.moodle_cloze import write_gaps
from quizzes.interchange.rich_writing import CannotBeWritten, HtmlText, each_text, html_of
from quizzes.types.base import Body
from quizzes.types.checking import decimal_or_none

# XML 1.0 has no room for these, written out or escaped.
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_moodle_xml(questions: Iterable[Exported], *, language: str) -> Written:
    """One language of the questions, in their order."""
    blocks, left_out = blocks_of(
        questions,
        write=lambda question: _question(question, language),
        heading=lambda category: (
            f'<question type="category"><category>{_text(f"$course$/{category}")}</category></question>'
        ),
    )
    inside = "\n".join(blocks)
    return Written(f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{inside}\n</quiz>\n', left_out)


def _question(question: Exported, language: str) -> str:
    if question.type not in WRITERS:
        raise CannotBeWritten(_("Moodle XML has no form for this type."))
    body = each_text(question.body, lambda text: html_of(text, question.files))
    kind, parts = WRITERS[question.type](body, language)
    stem = _needed(body["stem"], language)
    if question.type == "cloze":
        stem = html_of(write_gaps(question.body, language), question.files)
    tags = [*question.tags, *([f"difficulty:{question.difficulty}"] if question.difficulty else [])]
    tags += ["case"] * (question.type == "case") + [f"case:{question.case}"] * bool(question.case)
    lines = [
        f"<name>{_text(question.name)}</name>",
        _part("questiontext", stem),
        _part("generalfeedback", (body.get("feedback") or {}).get(language, "")),
        f"<idnumber>{_safe(question.external_id)}</idnumber>" if question.external_id else "",
        *parts,
        *(_part("hint", _needed(hint, language)) for hint in body.get("hints", [])),
        f"<tags>{''.join(f'<tag>{_text(tag)}</tag>' for tag in tags)}</tags>" if tags else "",
    ]
    inside = "\n".join(f"  {line}" for line in lines if line)
    return f'<question type="{kind}">\n{inside}\n</question>'


def _safe(text: str) -> str:
    if NO_XML.search(text):
        raise CannotBeWritten(_("It holds a character that XML cannot hold."))
    return escape(text)


def _text(text: str) -> str:
    return f"<text>{_safe(text)}</text>"


def _part(name: str, text: str, more: str = "", inside: str = "") -> str:
    if not isinstance(text, HtmlText):
        return f'<{name} format="plain_text"{more}>{_text(text)}{inside}</{name}>'
    files = "".join(
        f'<file name="{file.name}" path="/" encoding="base64">{b64encode(file.content).decode()}</file>'
        for file in text.files
    )
    return f'<{name} format="html"{more}>{_text(text)}{files}{inside}</{name}>'


def _needed(text: dict[str, str] | None, language: str) -> str:
    found = (text or {}).get(language, "")
    if not found:
        raise CannotBeWritten(_("It has no text in this language."))
    return found


def _percent(fraction: str) -> str:
    return f"{(Decimal(fraction) * 100).normalize():f}"


def _answers(rows: Iterable[dict[str, Any]], language: str) -> list[str]:
    found = []
    for row in rows:
        said = (row.get("feedback") or {}).get(language, "")
        share = f' fraction="{_percent(row["fraction"])}"'
        feedback = _part("feedback", said) if said else ""
        found.append(_part("answer", _needed(row["text"], language), share, feedback))
    return found


def _flag(name: str, on: bool) -> str:
    return f"<{name}>{'true' if on else 'false'}</{name}>"


Parts = tuple[str, list[str]]


def _choice(body: Body, language: str) -> Parts:
    scoring = body.get("scoring", "partial")
    if scoring == "capped":
        raise CannotBeWritten(_("Moodle XML knows no upper bound for shares that are added."))
    shuffle = _flag("shuffleanswers", body.get("shuffle", True))
    single = _flag("single", body["type"] == "single")
    kind = "multichoiceset" if scoring == "all_or_nothing" else "multichoice"
    return kind, [single, shuffle, *_answers(body["options"], language)]


def _true_false(body: Body, language: str) -> Parts:
    rows = []
    for value in (True, False):
        said = (body.get(f"feedback_{str(value).lower()}") or {}).get(language, "")
        share = f' fraction="{100 if body["key"] is value else 0}"'
        rows.append(_part("answer", str(value).lower(), share, _part("feedback", said) if said else ""))
    return "truefalse", rows


def _short(body: Body, language: str) -> Parts:
    flag = f"<usecase>{1 if body.get('case_sensitive') else 0}</usecase>"
    return "shortanswer", [flag, *_answers(body["answers"], language)]


def _numeric(body: Body, language: str) -> Parts:
    rows = []
    for row in body["answers"]:
        tolerance = Decimal(row.get("tolerance", "0"))
        number = decimal_or_none(row["value"])
        if number is not None and row.get("tolerance_kind") == "relative":
            tolerance = abs(number) * tolerance
        said = (row.get("feedback") or {}).get(language, "")
        inside = f"<tolerance>{tolerance:f}</tolerance>{_part('feedback', said) if said else ''}"
        rows.append(_part("answer", row["value"], f' fraction="{_percent(row["fraction"])}"', inside))
    unit = (body.get("unit") or {}).get(language, "")
    named = [(unit, "1")] if unit else []
    named += [(_needed(other["name"], language), other["factor"]) for other in body.get("units", [])]
    units = "".join(
        f"<unit><multiplier>{factor}</multiplier><unit_name>{_safe(name)}</unit_name></unit>" for name, factor in named
    )
    return "numerical", [*rows, *([f"<units>{units}</units>"] if units else [])]


def _matching(body: Body, language: str) -> Parts:
    rows = []
    for pair in [*body["pairs"], *body.get("distractors", [])]:
        if "fraction" in pair:
            raise CannotBeWritten(_("Moodle XML gives every pair the same share."))
        left = _needed(pair["left"], language) if "left" in pair else ""
        if isinstance(pair["right"].get(language), HtmlText):
            raise CannotBeWritten(_("Moodle XML has no formatting for the right side of a pair."))
        rows.append(_part("subquestion", left, "", f"<answer>{_text(_needed(pair['right'], language))}</answer>"))
    whole = body.get("scoring") == "all_or_nothing"
    return "matching", [*(["<gradingtype>ALL_OR_NOTHING</gradingtype>"] if whole else []), *rows]


def _ordering(body: Body, language: str) -> Parts:
    rows = [
        _part("answer", _needed(item["text"], language), f' fraction="{number}"')
        for number, item in enumerate(body["items"], 1)
    ]
    grading = ORDER_GRADING[body.get("scoring", "pairs")]
    return "ordering", [f"<gradingtype>{grading}</gradingtype>", *rows]


def _cloze(body: Body, language: str) -> Parts:
    _needed(body["stem"], language)
    if any(not row["text"].get(language) for gap in body["gaps"] for row in gap["answers"]):
        raise CannotBeWritten(_("It has no text in this language."))
    return "cloze", []


def _essay(body: Body, language: str) -> Parts:
    guide = (body.get("guide") or {}).get(language, "")
    bounds = [
        f"<{tag}>{body[key]}</{tag}>"
        for key, tag in (("words_min", "minwordlimit"), ("words_max", "maxwordlimit"))
        if body.get(key)
    ]
    return "essay", [*bounds, *([_part("graderinfo", guide)] if guide else [])]


def _information(body: Body, language: str) -> Parts:
    return "description", []


def _case(body: Body, language: str) -> Parts:
    title = (body.get("title") or {}).get(language, "")
    return "description", [_part("casetitle", title)] if title else []


WRITERS: dict[str, Callable[[Body, str], Parts]] = {
    "single": _choice,
    "multiple": _choice,
    "truefalse": _true_false,
    "shorttext": _short,
    "numeric": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "cloze": _cloze,
    "essay": _essay,
    "information": _information,
    # A description before its questions; that it is their case, tags say.
    "case": _case,
}
