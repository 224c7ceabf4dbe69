"""Typed answers for which their order decides: the first that matches, as in Moodle, is worth less than a later one.

Read only. What is tried are the accepted answers themselves, with something in place of a ``*``, and what learners said.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from quizzes.models import Answer, Question
from quizzes.types.base import Body
from quizzes.types.text import first_match, first_number

TYPES = ("shorttext", "numeric", "cloze")
FILLINGS = ("", "x", "一")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class OrderDecides:
    """``said`` earns ``first`` of the mark, though a later accepted answer that matches it, too, is worth ``best``."""

    question: int
    name: str
    gap: str
    said: str
    first: str
    best: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def questions_by_order(questions: Iterable[Question]) -> Iterator[OrderDecides]:
    """One line for each answer that would be marked otherwise by its best match. A query for each question."""
    for question in questions:
        said = _said(question)
        for gap, answers, judge in _judged_lists(question.body):
            tried = dict.fromkeys([*_samples(answers), *said.get(gap, [])])
            for text in tried:
                found, best = judge(answers, text), _best(answers, text, judge)
                if found is not None and best is not None and Decimal(found["fraction"]) < Decimal(best["fraction"]):
                    yield OrderDecides(question.pk, str(question), gap, text, found["fraction"], best["fraction"])


def _judged_lists(body: Body) -> Iterator[tuple[str, list[dict[str, Any]], Any]]:
    """The answers that are tried in order, with the name of their gap and what finds the first."""
    if body["type"] == "shorttext":
        sensitive = bool(body.get("case_sensitive"))
        yield "", body["answers"], lambda answers, text: first_match(answers, text, sensitive)
    elif body["type"] == "numeric":
        yield (
            "",
            body["answers"],
            lambda answers, text: first_number(answers, text, body.get("unit") or {}, body.get("units", [])),
        )
    else:
        for gap in body.get("gaps", []):
            if gap["kind"] == "text":
                numbers = any("value" in answer for answer in gap["answers"])
                sensitive = bool(gap.get("case_sensitive"))
                yield gap["id"], gap["answers"], _judge_of_gap(numbers=numbers, sensitive=sensitive)


def _judge_of_gap(*, numbers: bool, sensitive: bool) -> Any:
    return first_number if numbers else lambda answers, text: first_match(answers, text, sensitive)


def _best(answers: list[dict[str, Any]], text: str, judge: Any) -> dict[str, Any] | None:
    matching = [answer for answer in answers if judge([answer], text) is not None]
    return max(matching, key=lambda answer: Decimal(answer["fraction"]), default=None)


def _samples(answers: list[dict[str, Any]]) -> Iterator[str]:
    for answer in answers:
        texts = [answer["value"]] if "value" in answer else list((answer.get("text") or {}).values())
        for text in texts:
            bare = text.replace("\\*", "\0")
            yield from (bare.replace("*", filling).replace("\0", "*") for filling in FILLINGS if bare != "*")


def _said(question: Question) -> dict[str, list[str]]:
    """What learners typed into it, by gap."""
    responses = Answer.objects.filter(version__question=question, response__isnull=False).order_by()
    found: dict[str, list[str]] = {}
    for response in responses.values_list("response", flat=True).iterator(chunk_size=2000):
        given = (response or {}).get("gaps", {"": (response or {}).get("text", "")})
        for gap, text in given.items():
            if isinstance(text, str) and text and text not in found.setdefault(gap, []):
                found[gap].append(text)
    return found
