"""What was posted for a place of a paper, in the question's own names: the one way in from the names of the page."""

from collections.abc import Mapping
from typing import Any

from quizzes.types import ParsedQuestion, Response, question_type


def read_response(*, place: Mapping[str, Any], question: ParsedQuestion, raw: Mapping[str, Any]) -> Response:
    """None when unanswered. Raises ``ResponseRefused``.

    A paper that was being written when pages still named options by their ids says ``by_id``: what such a page kept
    and sends late is understood. No other paper takes an id, since the ids follow the author's order.
    """
    kind = question_type(question.type)
    if place.get("by_id"):
        raw = kind.renamed(question, place["order"], raw)
    return kind.clean_response(question, raw, place["order"])
