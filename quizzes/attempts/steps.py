"""Questions answered step by step: the server takes one step at a time, and a step once taken stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from quizzes.attempts.endings import note_ending
from quizzes.attempts.saving import Receipt, save_answer
from quizzes.models import Attempt, Quiz
from quizzes.types import ParsedQuestion, QuestionType

# One name for every page, so that the number of steps orders them, whichever page was quicker.
TAB = "steps"


def is_practice(attempt: Attempt) -> bool:
    """Moods, feedback and playing again are for practice; a quiz that counts shows none of them while it is written."""
    return attempt.quiz.kind == Quiz.Kind.PRACTICE


def take_step(
    *,
    attempt: Attempt,
    place: Mapping[str, Any],
    kind: QuestionType,
    question: ParsedQuestion,
    raw: Mapping[str, Any],
    now: datetime,
) -> Receipt | None:
    """Adds a step to the stored response; None when there is nothing new. Raises ``ResponseRefused``."""
    answer = attempt.answers.filter(slot=place["slot"]).first()
    stored = answer.response if answer else None
    response = kind.next_response(question, stored, raw, place["order"], practice=is_practice(attempt))
    if response == stored:
        return None
    with transaction.atomic():
        receipt = save_answer(
            attempt=attempt, slot=place["slot"], response=response, tab=TAB, sequence=kind.sequence(response), now=now
        )
        if receipt.status == "saved":
            note_ending(
                attempt=attempt,
                slot=place["slot"],
                version=place["version"],
                kind=kind,
                question=question,
                response=response,
                now=now,
            )
    return receipt
