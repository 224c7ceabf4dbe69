"""Where on a page a case stands above its questions, and which these are."""

from collections.abc import Mapping, Sequence
from typing import Any

from quizzes.models import Attempt
from quizzes.types import ParsedQuestion, question_type


def mark_cases(
    items: Sequence[dict[str, Any]],
    places: Sequence[Mapping[str, Any]],
    attempt: Attempt,
    questions: Mapping[int, ParsedQuestion],
) -> None:
    """Gives the first item of each case here ``case``, with its text and the numbers it is for, and the last ``case_ends``.

    ``items`` are those of ``places``, which follow each other in the paper; ``questions`` holds the cases, too.
    """
    for number, (item, place) in enumerate(zip(items, places, strict=True)):
        case = place.get("case")
        before = places[number - 1].get("case") if number else None
        after = places[number + 1].get("case") if number + 1 < len(places) else None
        # A page asks each of its items for it, and what is not there is long looked for.
        item["case"] = case_of(case, attempt, questions) if case is not None and case != before else None
        item["case_ends"] = case is not None and case != after


def case_of(version: int, attempt: Attempt, questions: Mapping[int, ParsedQuestion]) -> dict[str, Any]:
    """A case as the paper shows it: title, text, and the first and last of its questions."""
    question = questions[version]
    slots = [place["slot"] for place in attempt.paper if place.get("case") == version]
    shown = question_type(question.type).present(question, {}, attempt.language)
    return {**shown, "version": version, "first": min(slots), "last": max(slots)}
