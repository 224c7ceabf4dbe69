"""What a learner sees of a finished paper, as the quiz allows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from academy.bilingual import pick
from quizzes.models import Attempt, Quiz
from quizzes.papers import versions_of
from quizzes.types import question_type


@dataclass(frozen=True)
class Shows:
    """Which parts of the review are open."""

    right_or_wrong: bool
    explanations: bool
    answers: bool


def review_shows(*, quiz: Quiz, attempts: Sequence[Attempt]) -> Shows:
    """The right answers come only once passed or when no attempt is left: the bank stays in use."""
    if quiz.review == Quiz.Review.RESULT:
        return Shows(False, False, False)
    over = any(one.passed for one in attempts) or (
        quiz.attempts_allowed is not None and len(attempts) >= quiz.attempts_allowed
    )
    answers = quiz.review == Quiz.Review.ANSWERS and over
    # An explanation gives the answer away, so it waits with it.
    return Shows(True, over, answers)


def review_lines(*, attempt: Attempt, shows: Shows) -> list[dict[str, Any]]:
    """One entry a slot, in the language of the attempt; empty when only the result is shown."""
    if not shows.right_or_wrong:
        return []
    versions = versions_of([attempt.paper])
    answers = {answer.slot: answer for answer in attempt.answers.all()}
    lines = []
    for place in attempt.paper:
        version = versions[place["version"]]
        kind = question_type(version.type)
        question = kind.parse(version.body)
        answer = answers.get(place["slot"])
        response = answer.response if answer else None
        grade = kind.grade(question, response)
        lines.append(
            {
                "slot": place["slot"],
                "stem": pick(question.stem, attempt.language),
                "state": grade.state,
                "mark": answer.mark if answer else 0,
                "max_mark": place["mark"],
                "said": kind.response_summary(question, response, attempt.language),
                "options": kind.review(question, place["order"], response, attempt.language) if shows.answers else [],
                "right": kind.right_answer(question, attempt.language) if shows.answers else "",
                "feedback": [pick(text, attempt.language) for text in grade.feedback] if shows.explanations else [],
                "explanation": pick(question.feedback, attempt.language) if shows.explanations else "",
            }
        )
    return lines
