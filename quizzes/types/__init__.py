"""Question types, one class each. Adding one is adding a file and a line here."""

from quizzes.types.base import (
    BodyProblems,
    Grade,
    ParsedQuestion,
    QuestionType,
    Response,
    ResponseRefused,
    body_digest,
    canonical,
)
from quizzes.types.case import Case
from quizzes.types.choice import MultipleChoice, SingleChoice, TrueFalse
from quizzes.types.cloze import Cloze
from quizzes.types.dialogue import Dialogue
from quizzes.types.essay import Essay, Information
from quizzes.types.matching import Matching
from quizzes.types.ordering import Ordering
from quizzes.types.text import Numeric, ShortText

QUESTION_TYPES: dict[str, QuestionType] = {
    kind.code: kind
    for kind in (
        SingleChoice(),
        MultipleChoice(),
        TrueFalse(),
        ShortText(),
        Numeric(),
        Matching(),
        Ordering(),
        Cloze(),
        Essay(),
        Information(),
        Dialogue(),
        Case(),
    )
}

# A lesson asks what is answered at once and marked by the system.
ASKED_BY_LESSONS = frozenset(
    kind.code for kind in QUESTION_TYPES.values() if kind.counts and not kind.by_steps and not kind.marked_by_person
)


MARKED_BY_PERSON = tuple(kind.code for kind in QUESTION_TYPES.values() if kind.marked_by_person)


def question_type(code: str) -> QuestionType:
    """The type of that code. Raises ``LookupError`` naming it."""
    try:
        return QUESTION_TYPES[code]
    except KeyError:
        raise LookupError(f"There is no question type {code!r}.") from None


__all__ = [
    "ASKED_BY_LESSONS",
    "MARKED_BY_PERSON",
    "QUESTION_TYPES",
    "BodyProblems",
    "Grade",
    "ParsedQuestion",
    "QuestionType",
    "Response",
    "ResponseRefused",
    "body_digest",
    "canonical",
    "question_type",
]
