"""What stands between the braces of GIFT: the answers, as Moodle reads them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from academy.house_rules.quoting import is_figure
from quizzes.interchange.gift_text import TextForm, restored, text_of, typed_text_of
from quizzes.types.rich import plain

NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"


class Unreadable(Exception):
    """The question of this block cannot be read; the first argument says why."""


@dataclass
class _Answer:
    """One ``=`` or ``~`` with its weight, text and feedback."""

    sign: str
    weight: Decimal | None
    text: str
    feedback: str


def body_of(inside: str, stem: str, form: TextForm, language: str, notes: list[Any] | None = None) -> dict[str, Any]:
    """The body of the question; what of it will mark otherwise than in Moodle is added to ``notes``."""
    inside, _mark, general = inside.partition("####")
    base = {"stem": {language: stem}, "feedback": text_of(general, form, language)}
    inside = inside.strip()
    if inside == "":
        return {"type": "essay", **base}
    if inside.startswith("#"):
        return {"type": "numeric", **base, **_numeric(inside[1:].strip(), form, language)}
    if inside.startswith(">"):
        return {"type": "ordering", **base, **_ordering(inside[1:], form, language, [] if notes is None else notes)}
    if "~" in inside:
        return {**base, **_choice(inside, form, language)}
    if re.match(r"(T|F|TRUE|FALSE)\s*(#|$)", inside, re.IGNORECASE):
        return {"type": "truefalse", **base, **_true_false(inside, form, language)}
    answers = _answers(inside, "=")
    if "=" in inside and "->" in inside:
        return {"type": "matching", **base, **_matching(answers, form, language)}
    return {
        "type": "shorttext",
        **base,
        "answers": _rows(answers, form, language, typed_text_of),
        "case_sensitive": False,
    }


def _choice(inside: str, form: TextForm, language: str) -> dict[str, Any]:
    answers = _answers(inside, "~")
    rows = _rows(answers, form, language)
    if any(answer.sign == "=" for answer in answers):
        return {"type": "single", "options": rows, "shuffle": True}
    if any(answer.weight is not None for answer in answers):
        return {"type": "multiple", "options": rows, "shuffle": True, "scoring": "partial"}
    raise Unreadable(_("No answer is marked as right with “=” or a percentage."))


def _answers(inside: str, sign: str) -> list[_Answer]:
    """The answers in their order; ``sign`` stands before a first one that has none. One without words is left out, so
    that ``~=right`` is ``=right``."""
    inside = inside if inside[:1] in ("=", "~") else sign + inside
    answers = []
    for found_sign, text in re.findall(r"([=~])([^=~]*)", inside):
        text, _mark, feedback = text.partition("#")
        weight = None
        match = re.match(rf"\s*%({NUMBER})%", text)
        if match:
            weight, text = Decimal(match.group(1)), text[match.end() :]
        if text.strip():
            answers.append(_Answer(found_sign, weight, text.strip(), feedback.strip()))
    return answers


def _fraction(answer: _Answer) -> str:
    weight = answer.weight if answer.weight is not None else Decimal(100 if answer.sign == "=" else 0)
    return str(weight / 100)


def _rows(
    answers: list[_Answer], form: TextForm, language: str, read: Callable[..., dict[str, str]] = text_of
) -> list[dict[str, Any]]:
    return [
        {
            "id": f"o{number}",
            "text": read(answer.text, form, language),
            "fraction": _fraction(answer),
            "feedback": text_of(answer.feedback, form, language),
        }
        for number, answer in enumerate(answers, 1)
    ]


def _matching(answers: list[_Answer], form: TextForm, language: str) -> dict[str, Any]:
    pairs, others = [], []
    for number, answer in enumerate(answers, 1):
        left, arrow, right = answer.text.partition("->")
        if not arrow:
            raise Unreadable(_("A pair has no “->”: “%(text)s”.") % {"text": restored(answer.text)[:60]})
        row = {"id": f"p{number}", "right": text_of(right, form, language)}
        if left.strip():
            pairs.append({**row, "left": text_of(left, form, language)})
        else:
            others.append(row)
    return {"pairs": pairs, "distractors": others}


def _true_false(inside: str, form: TextForm, language: str) -> dict[str, Any]:
    value, *feedback = inside.split("#")
    key = value.strip().upper().startswith("T")
    wrong, right = ([*feedback, "", ""])[:2]
    said = {key: right, not key: wrong}
    return {
        "key": key,
        "feedback_true": text_of(said[True], form, language),
        "feedback_false": text_of(said[False], form, language),
    }


def _numeric(inside: str, form: TextForm, language: str) -> dict[str, Any]:
    inside, tilde, wrong = inside.partition("~")
    answers = _answers(inside, "=") if inside.strip() else []
    said = wrong.partition("#")[2].partition("~")[0].strip()
    if tilde and said:
        # What is said to every other number.
        answers.append(_Answer("~", None, "*", said))
    rows = []
    value: Decimal | str
    for number, answer in enumerate(answers, 1):
        span = re.fullmatch(rf"({NUMBER})\s*\.\.\s*({NUMBER})", answer.text)
        single = re.fullmatch(rf"({NUMBER})(?:\s*:\s*({NUMBER}))?", answer.text)
        if span:
            low, high = Decimal(span.group(1)), Decimal(span.group(2))
            value, tolerance = (low + high) / 2, abs(high - low) / 2
        elif single:
            value, tolerance = Decimal(single.group(1)), Decimal(single.group(2) or 0)
        elif answer.text == "*":
            value, tolerance = "*", Decimal(0)
        elif is_figure(restored(answer.text)):
            value, tolerance = restored(answer.text).strip(), Decimal(0)
        else:
            raise Unreadable(_("“%(text)s” is not a number.") % {"text": restored(answer.text)[:60]})
        rows.append(
            {
                "id": f"o{number}",
                "value": str(value),
                "tolerance": str(tolerance),
                "tolerance_kind": "absolute",
                "fraction": _fraction(answer),
                "feedback": text_of(answer.feedback, form, language),
            }
        )
    return {"answers": rows}


ORDER_HEAD = re.compile(
    r"(?:\d+\s+)?(?:(?:ALL|EXACT|RANDOM|REL|CONTIGUOUS|CONTIG)\s+)?(?:(?:HORIZONTAL|HORI|H|VERTICAL|VERT|V)\s+)?"
    r"(?:(?P<grading>ALL_OR_NOTHING|ABSOLUTE(?:_POSITION)?|ABS|RELATIVE_[A-Z_]+|REL|LONGEST_[A-Z_]+)\s+)?"
    r"(?:(?:SHOW|HIDE|TRUE|FALSE|YES|NO|1|0)\s+)?(?:(?:none|123|abc|ABC|iii|III)\s+)?"
)
# How Moodle marks an order, by what it calls it, and what that is here.
ORDER_SCORING = {
    "": "pairs",
    "ALL_OR_NOTHING": "all_or_nothing",
    "ABS": "positions",
    "ABSOLUTE": "positions",
    "ABSOLUTE_POSITION": "positions",
    "RELATIVE_NEXT_EXCLUDE_LAST": "pairs",
}


def order_scoring(grading: str, notes: list[Any]) -> str:
    """How an order is marked here; what has no like here is said."""
    if grading not in ORDER_SCORING:
        notes.append(
            _("The order is marked by items that rightly follow each other, not by %(way)s.") % {"way": grading[:60]}
        )
    return ORDER_SCORING.get(grading, "pairs")


def _ordering(inside: str, form: TextForm, language: str, notes: list[Any]) -> dict[str, Any]:
    """An item a line, behind a head of settings that may be missing; in one line they stand behind ``>`` each."""
    head, _line, others = inside.partition("\n")
    found = ORDER_HEAD.fullmatch(head.strip() + " ") if others.strip() else None
    if found or not head.strip():
        items = others.split("\n")
    else:
        items = inside.split("\n") if others.strip() else inside.split(">")
    texts = [text_of(item, form, language) for item in items if item.strip()]
    return {
        "items": [{"id": f"i{number}", "text": text} for number, text in enumerate(texts, 1)],
        "scoring": order_scoring((found["grading"] if found else "") or "", notes),
    }


def gap_of(inside: str, form: TextForm, language: str, number: int) -> dict[str, Any]:
    """One of several pairs of braces, as a gap. Raises ``Unreadable``."""
    body = body_of(inside, "", form, language)
    rows = body.get("options") or body.get("answers")
    if body["type"] not in ("single", "shorttext", "numeric") or not rows:
        raise Unreadable(_("A gap is a choice with one right answer, a word or a number."))
    for row in rows:
        words = row.get("text") or {language: row["value"]}
        row["text"] = {language: plain(text) for language, text in words.items()}
        if not row["feedback"]:
            del row["feedback"]
    return {"id": f"g{number}", "kind": "choice" if body["type"] == "single" else "text", "answers": rows}
