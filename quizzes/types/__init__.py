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
    )
}


def question_type(code: str) -> QuestionType:
    """The type of that code. Raises ``LookupError`` naming it."""
    try:
        return QUESTION_TYPES[code]
    except KeyError:
        raise LookupError(f"There is no question type {code!r}.") from None


__all__ = [
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
