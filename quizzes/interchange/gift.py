"""Reads GIFT, Moodle's plain question format. A blank line ends a question, even inside an open brace."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import (
    ImportedQuestion,
    ReadError,
    ReadResult,
    html_to_plain,
    picture_missing,
    pictures_in,
)
from quizzes.types import BodyProblems, canonical, question_type

NAME_LIMIT = 255
ESCAPED = {"\\" + character: chr(0xE000 + number) for number, character in enumerate("~=#{}:\\")}
ESCAPE = re.compile(r"\\[~=#{}:\\]")
RESTORED = {place: escape[1] for escape, place in ESCAPED.items()}
FORMAT = re.compile(r"^\s*\[(html|markdown|plain|moodle)\]\s*", re.IGNORECASE)
# Moodle reads these as formatting where a question names no format.
MARKED_UP = re.compile(r"<\s*/?(?:b|i|u|em|strong|p|br|sub|sup|span|div|ul|ol|li|table|img)\b[^<>]*>", re.IGNORECASE)
LABEL = re.compile(r"\[(id|tag|difficulty|scoring|shuffle|case|unit|words|guide|hint):\s*([^\]]*)\]")
MATCHED_WHOLE = ("matching", "all_or_nothing")
WORDS = re.compile(r"(\d{0,4})-(\d{0,4})")
NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"


class _Wrong(Exception):
    """The question of this block cannot be read."""


@dataclass
class _Block:
    """The lines of one question, and what the comments before it say."""

    line: int
    lines: list[str] = field(default_factory=list)
    labels: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Answer:
    """One ``=`` or ``~`` with its weight, text and feedback."""

    sign: str
    weight: Decimal | None
    text: str
    feedback: str


def read_gift(text: str, *, language: str) -> ReadResult:
    """Reads a whole file. Never raises: what cannot be read is an error of its line."""
    result = ReadResult()
    category = ""
    for block in _blocks(text):
        if isinstance(block, str):
            category = block
            continue
        try:
            result.questions.append(_question(block, category, language))
            result.warnings += [picture_missing(block.line, one) for one in _pictures(block)]
        except _Wrong as wrong:
            result.errors.append(ReadError(block.line, wrong.args[0]))
        except BodyProblems as problems:
            result.errors.append(
                ReadError(block.line, "; ".join(str(message) for _place, message in problems.problems))
            )
    return result


def _pictures(block: _Block) -> list[str]:
    return pictures_in(ESCAPE.sub(lambda match: match[0][1], "\n".join(block.lines)))


def _blocks(text: str) -> list[_Block | str]:
    blocks: list[_Block | str] = []
    block: _Block | None = None
    labels: list[tuple[str, str]] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        stripped = line.strip()
        if stripped.startswith("//"):
            labels += LABEL.findall(stripped)
        elif stripped.upper().startswith("$CATEGORY:"):
            block = None
            blocks.append(stripped.split(":", 1)[1].strip())
        elif not stripped:
            block = None
        else:
            if block is None:
                block = _Block(number, labels=labels)
                labels = []
                blocks.append(block)
            block.lines.append(line)
    return blocks


def _question(block: _Block, category: str, language: str) -> ImportedQuestion:
    raw = "\n".join(block.lines)
    # From left to right, so that an escaped backslash before a sign leaves the sign what it is.
    raw = ESCAPE.sub(lambda match: ESCAPED[match[0]], raw).strip()
    name = ""
    if raw.startswith("::"):
        end = raw.find("::", 2)
        if end < 0:
            raise _Wrong(_("The name after “::” has no end."))
        name, raw = _plain(raw[2:end], ""), raw[end + 2 :].strip()
    found = FORMAT.match(raw)
    form = found.group(1).lower() if found else ""
    raw = raw[found.end() :] if found else raw
    start, end = raw.find("{"), raw.rfind("}")
    labels = dict(block.labels)
    if start < 0 and end < 0:
        text = _plain(raw, form)
        return _imported(block, category, name, text, {"type": "information", "stem": {language: text}, "feedback": {}})
    if start < 0 or end < start:
        raise _Wrong(_("A brace is not closed before the blank line, or not opened."))
    before, inside, after = raw[:start], raw[start + 1 : end], raw[end + 1 :]
    if "{" in inside or "}" in inside:
        raise _Wrong(_("There is more than one pair of braces."))
    gap = after.strip(" \t\n.") != ""
    stem = _plain(before + ("_____" + after if gap else after if not before.strip() else ""), form)
    body = _labelled(_body(inside, stem, form, language), labels, language)
    hints = [unfolded(value.strip()) for key, value in block.labels if key == "hint" and value.strip()]
    if hints:
        body["hints"] = [{language: text} for text in hints]
    return _imported(block, category, name, stem, body)


def _imported(block: _Block, category: str, name: str, stem: str, body: dict[str, Any]) -> ImportedQuestion:
    """The question, checked. Raises ``BodyProblems``."""
    kind = question_type(body["type"])
    body = canonical(body)
    kind.parse(body)
    labels = dict(block.labels)
    difficulty = labels.get("difficulty", "").strip()
    return ImportedQuestion(
        type=kind.code,
        name=(name or stem.replace("\n", " "))[:NAME_LIMIT],
        text=stem,
        category=category,
        line=block.line,
        body=body,
        external_id=labels.get("id", "").strip()[:80],
        tags=tuple(value.strip() for key, value in block.labels if key == "tag" and value.strip()),
        difficulty=difficulty if difficulty in ("easy", "medium", "hard") else "",
    )


def _labelled(body: dict[str, Any], labels: dict[str, str], language: str) -> dict[str, Any]:
    """What stands in the comment before a question because GIFT has no sign for it."""
    kind = body["type"]
    scoring = labels.get("scoring", "").strip()
    if (kind == "multiple" and scoring in ("all_or_nothing", "capped")) or (kind, scoring) == MATCHED_WHOLE:
        body["scoring"] = scoring
    if kind in ("single", "multiple") and labels.get("shuffle", "").strip() == "no":
        body["shuffle"] = False
    if kind == "shorttext" and labels.get("case", "").strip() == "yes":
        body["case_sensitive"] = True
    if kind == "numeric" and labels.get("unit", "").strip():
        body["unit"] = {language: unfolded(labels["unit"].strip())}
    bounds = WORDS.fullmatch(labels.get("words", "").strip())
    if kind == "essay" and bounds:
        found = {"words_min": bounds[1], "words_max": bounds[2]}
        body.update({key: int(value) for key, value in found.items() if value})
    if kind == "essay" and labels.get("guide", "").strip():
        body["guide"] = {language: unfolded(labels["guide"].strip())}
    return body


def unfolded(text: str) -> str:
    """A label's text with its lines and brackets."""
    signs = {"\\\\": "\\", "\\n": "\n", "\\r": "]", "\\l": "[", "\\s": " "}
    return re.sub(r"\\[\\nrls]", lambda match: signs[match[0]], text)


def _body(inside: str, stem: str, form: str, language: str) -> dict[str, Any]:
    inside, _mark, general = inside.partition("####")
    base = {"stem": {language: stem}, "feedback": _text(general, form, language)}
    inside = inside.strip()
    if inside == "":
        return {"type": "essay", **base}
    if inside.startswith("#"):
        return {"type": "numeric", **base, **_numeric(inside[1:].strip(), form, language)}
    if re.match(r"(T|F|TRUE|FALSE)\s*(#|$)", inside, re.IGNORECASE):
        return {"type": "truefalse", **base, **_true_false(inside, form, language)}
    answers = _answers(inside)
    if not answers:
        raise _Wrong(_("The answers begin neither with “=” nor with “~”."))
    signs = {answer.sign for answer in answers}
    if signs == {"="}:
        if all("->" in answer.text for answer in answers):
            return {"type": "matching", **base, **_matching(answers, form, language)}
        return {"type": "shorttext", **base, "answers": _rows(answers, form, language), "case_sensitive": False}
    rows = _rows(answers, form, language)
    if "=" in signs:
        return {"type": "single", **base, "options": rows, "shuffle": True}
    if any(answer.weight is not None for answer in answers):
        return {"type": "multiple", **base, "options": rows, "shuffle": True, "scoring": "partial"}
    raise _Wrong(_("No answer is marked as right with “=” or a percentage."))


def _answers(inside: str) -> list[_Answer]:
    if inside[0] not in "=~":
        return []
    answers = []
    for sign, text in re.findall(r"([=~])([^=~]*)", inside):
        text, _mark, feedback = text.partition("#")
        weight = None
        found = re.match(rf"\s*%({NUMBER})%", text)
        if found:
            weight, text = Decimal(found.group(1)), text[found.end() :]
        answers.append(_Answer(sign, weight, text.strip(), feedback.strip()))
    return answers


def _fraction(answer: _Answer) -> str:
    weight = answer.weight if answer.weight is not None else Decimal(100 if answer.sign == "=" else 0)
    return str(weight / 100)


def _rows(answers: list[_Answer], form: str, language: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"o{number}",
            "text": _text(answer.text, form, language),
            "fraction": _fraction(answer),
            "feedback": _text(answer.feedback, form, language),
        }
        for number, answer in enumerate(answers, 1)
    ]


def _matching(answers: list[_Answer], form: str, language: str) -> dict[str, Any]:
    pairs, others = [], []
    for number, answer in enumerate(answers, 1):
        left, _arrow, right = answer.text.partition("->")
        row = {"id": f"p{number}", "right": _text(right, form, language)}
        if left.strip():
            pairs.append({**row, "left": _text(left, form, language)})
        else:
            others.append(row)
    return {"pairs": pairs, "distractors": others}


def _true_false(inside: str, form: str, language: str) -> dict[str, Any]:
    value, *feedback = inside.split("#")
    key = value.strip().upper().startswith("T")
    wrong, right = ([*feedback, "", ""])[:2]
    said = {key: right, not key: wrong}
    return {
        "key": key,
        "feedback_true": _text(said[True], form, language),
        "feedback_false": _text(said[False], form, language),
    }


def _numeric(inside: str, form: str, language: str) -> dict[str, Any]:
    answers = _answers(inside) if inside[:1] in ("=", "~") else []
    if not answers:
        text, _mark, feedback = inside.partition("#")
        answers = [_Answer("=", None, text.strip(), feedback.strip())]
    rows = []
    for number, answer in enumerate(answers, 1):
        span = re.fullmatch(rf"({NUMBER})\s*\.\.\s*({NUMBER})", answer.text)
        single = re.fullmatch(rf"({NUMBER})(?:\s*:\s*({NUMBER}))?", answer.text)
        if span:
            low, high = Decimal(span.group(1)), Decimal(span.group(2))
            value, tolerance = (low + high) / 2, abs(high - low) / 2
        elif single:
            value, tolerance = Decimal(single.group(1)), Decimal(single.group(2) or 0)
        elif answer.text == "*":
            continue
        else:
            raise _Wrong(_("“%(text)s” is not a number.") % {"text": _restore(answer.text)[:60]})
        rows.append(
            {
                "id": f"o{number}",
                "value": str(value),
                "tolerance": str(tolerance),
                "tolerance_kind": "absolute",
                "fraction": _fraction(answer),
                "feedback": _text(answer.feedback, form, language),
            }
        )
    return {"answers": rows}


def _text(raw: str, form: str, language: str) -> dict[str, str]:
    text = _plain(raw, form)
    return {language: text} if text else {}


def _plain(raw: str, form: str) -> str:
    found = FORMAT.match(raw)
    if found:
        form, raw = found.group(1).lower(), raw[found.end() :]
    if form != "html" and not (form != "plain" and MARKED_UP.search(raw)):
        # Before the escapes are undone, so that an escaped backslash before an n stays one.
        return "\n".join(line.strip(" \t") for line in _restore(raw.replace("\\n", "\n")).strip().split("\n"))
    return html_to_plain(_restore(raw.replace("\\n", "\n")))


def _restore(text: str) -> str:
    for place, character in RESTORED.items():
        text = text.replace(place, character)
    return text
