"""Marks of a paper: pure, exact decimals, no database and no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from quizzes.types import Grade, Question, Response, question_type


@dataclass(frozen=True)
class PaperSlot:
    """One place of a paper: a parsed question and the marks it is worth."""

    slot: int
    question: Question
    max_mark: Decimal


@dataclass(frozen=True)
class SlotResult:
    """What one slot earned."""

    slot: int
    grade: Grade
    mark: Decimal
    max_mark: Decimal


@dataclass(frozen=True)
class Score:
    """What a paper earned."""

    mark: Decimal
    max_mark: Decimal
    slots: tuple[SlotResult, ...]

    @property
    def percent(self) -> Decimal:
        return percent(self.mark, self.max_mark)


def grade_paper(paper: Sequence[PaperSlot], responses: Mapping[int, Response]) -> Score:
    """Marks every slot; one without a response is blank and earns nothing."""
    results = []
    for place in paper:
        grade = question_type(place.question.type).grade(place.question, responses.get(place.slot))
        results.append(SlotResult(place.slot, grade, place.max_mark * grade.fraction, place.max_mark))
    return Score(
        mark=sum((result.mark for result in results), Decimal(0)),
        max_mark=sum((place.max_mark for place in paper), Decimal(0)),
        slots=tuple(results),
    )


def passes(mark: Decimal, max_mark: Decimal, pass_mark: Decimal) -> bool:
    """True from ``pass_mark`` of 100 on, compared unrounded: 79.995 is not 80."""
    return max_mark > 0 and mark * 100 >= pass_mark * max_mark


def percent(mark: Decimal, max_mark: Decimal) -> Decimal:
    """Out of 100 with two places, for showing only."""
    if max_mark <= 0:
        return Decimal(0)
    return (mark * 100 / max_mark).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
