"""Which question of a bank serves which of the three uses: check and practice, course quiz, exam. Pure.

No question serves two. A lesson's own question is its check; what the blueprints draw is set aside for exams and for
course quizzes, and what is left is dealt to the two in turn, since a pool as small as its draw is the same paper for all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

PRACTICE, QUIZ, EXAM = "practice", "quiz", "exam"
DIFFICULTIES = ("easy", "medium", "hard")

Draw = Mapping[str, Any]


class TooFew(Exception):
    """A category holds fewer questions than its uses need; the message says how many."""


class Sorted(Protocol):
    """What of a question decides."""

    @property
    def external_id(self) -> str: ...

    @property
    def difficulty(self) -> str: ...


def pool_slug(category: str, use: str) -> str:
    """The category of a use: a lesson's own holds its check and practice, the others stand beside it."""
    return category if use == PRACTICE else f"{category}-{use}"


def use_of(spec: Mapping[str, Any]) -> str:
    """What a quiz of a file draws from."""
    return EXAM if spec.get("kind") == "exam" else QUIZ


def asks_alone(draw: Draw) -> bool:
    """Whether a line asks for questions one by one; cases are written for exams and never dealt."""
    return not draw.get("cases") or any(draw.get(name) for name in (*DIFFICULTIES, "count"))


def split_uses(
    questions: Sequence[Sorted], *, checks: Iterable[str], exam: Sequence[Draw], quiz: Sequence[Draw]
) -> dict[str, str]:
    """The use of each question of one category, by its identifier; the same files give the same.

    ``exam`` and ``quiz`` are the lines by which each exam and each course quiz draws from it. Raises ``TooFew``.
    """
    uses = dict.fromkeys(checks, PRACTICE)
    free = [question for question in questions if question.external_id not in uses]
    draws = {EXAM: exam, QUIZ: quiz}
    for use, lines in draws.items():
        for difficulty, count in _needs(lines).items():
            _take([question for question in free if _difficulty(question) == difficulty], count, use, uses)
            free = [question for question in free if question.external_id not in uses]
    for use, lines in draws.items():
        missing = _size(lines) - sum(one == use for one in uses.values())
        # From where most are left, so that a pool keeps every difficulty.
        for _number in range(missing):
            _take(_most(free), 1, use, uses)
            free = [question for question in free if question.external_id not in uses]
    turns = [use for use, lines in draws.items() if lines] or [PRACTICE]
    for number, one in enumerate(free):
        uses[one.external_id] = turns[number % len(turns)]
    return uses


def _needs(lines: Sequence[Draw]) -> dict[str, int]:
    """How many of each difficulty the greediest line asks for."""
    return {difficulty: max((int(line.get(difficulty, 0)) for line in lines), default=0) for difficulty in DIFFICULTIES}


def _size(lines: Sequence[Draw]) -> int:
    return max((sum(int(line.get(name, 0)) for name in (*DIFFICULTIES, "count")) for line in lines), default=0)


def _take(questions: Sequence[Sorted], count: int, use: str, uses: dict[str, str]) -> None:
    if len(questions) < count:
        raise TooFew(f"{len(questions)} questions are left where the {use} draws {count}")
    for question in questions[:count]:
        uses[question.external_id] = use


def _most(questions: Sequence[Sorted]) -> list[Sorted]:
    """The questions of the difficulty that has most of them."""
    counts = Counter(_difficulty(question) for question in questions)
    most = max(counts, key=lambda count: counts[count], default="")
    return [question for question in questions if _difficulty(question) == most]


def _difficulty(question: Sorted) -> str:
    return question.difficulty or "medium"
