"""Marks of a paper: pure, exact fractions, no database and no clock.

A share is the fraction of the mark that an answer earns; a slot's mark is share times maximum; the attempt's mark is
the sum of them. All is exact and rounded once, at the end, to four places, half up: so it is stored, shown and
compared with the pass mark. Shares lie in the database with ten places, from which ``exact_share`` has them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor

from quizzes.types import Grade, ParsedQuestion, Response, question_type

# Fractions with such denominators lie further apart than ten places blur: the nearest is the one that was stored.
LARGEST_DENOMINATOR = 70_000
BLUR = Fraction(1, 2 * 10**10)


@dataclass(frozen=True)
class PaperSlot:
    """One place of a paper: a parsed question and the marks it is worth."""

    slot: int
    question: ParsedQuestion
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
        results.append(SlotResult(place.slot, grade, slot_mark(grade.fraction, place.max_mark), place.max_mark))
    return Score(
        mark=total_mark((result.grade.fraction, result.max_mark) for result in results),
        max_mark=sum((place.max_mark for place in paper), Decimal(0)),
        slots=tuple(results),
    )


def slot_mark(share: Fraction | Decimal, worth: Decimal | str) -> Decimal:
    """What a share is worth, as it is shown. A ``Decimal`` is a stored share."""
    return shown_mark(_earned(share, worth))


def total_mark(parts: Iterable[tuple[Fraction | Decimal, Decimal | str]]) -> Decimal:
    """The mark of a paper out of (share, worth), as it is shown."""
    return shown_mark(sum((_earned(share, worth) for share, worth in parts), Fraction(0)))


def shown_mark(mark: Fraction) -> Decimal:
    """Four places, half up."""
    return _rounded(mark, 4)


def stored_share(share: Fraction | Decimal) -> Decimal:
    """A share as the database keeps it: ten places, half up."""
    return _rounded(Fraction(share), 10)


@lru_cache(maxsize=4096, typed=True)
def _earned(share: Fraction | Decimal, worth: Decimal | str) -> Fraction:
    return exact_share(share) * Fraction(worth)


@lru_cache(maxsize=4096, typed=True)
def exact_share(share: Fraction | Decimal) -> Fraction:
    """The fraction that a stored share stands for: 0.6666666667 is two thirds."""
    if isinstance(share, Fraction):
        return share
    stored = Fraction(share)
    nearest = stored.limit_denominator(LARGEST_DENOMINATOR)
    return nearest if abs(nearest - stored) <= BLUR else stored


def passes(mark: Decimal, max_mark: Decimal, pass_mark: Decimal) -> bool:
    """The one decision: whether the mark that is shown reaches ``pass_mark`` of 100."""
    return max_mark > 0 and reaches(score_of(mark, max_mark), pass_mark)


def reaches(score: Fraction | Decimal, wanted: Decimal) -> bool:
    """Whether a score out of 100 reaches what is asked: 79.995 is not 80."""
    return Fraction(score) >= Fraction(wanted)


def score_of(mark: Decimal, max_mark: Decimal) -> Fraction:
    """A mark as it is shown, out of 100."""
    return Fraction(mark) * 100 / Fraction(max_mark)


def percent(mark: Decimal, max_mark: Decimal, pass_mark: Decimal | None = None) -> Decimal:
    """Out of 100 with two places, for showing only; never rounded up to a pass mark that was not reached."""
    if max_mark <= 0:
        return Decimal(0)
    exact = mark * 100 / max_mark
    rounded = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if pass_mark is not None and rounded >= pass_mark and not passes(mark, max_mark, pass_mark):
        return exact.quantize(Decimal("0.01"), rounding=ROUND_FLOOR)
    return rounded


@lru_cache(maxsize=4096)
def _rounded(number: Fraction, places: int) -> Decimal:
    return Decimal(floor(number * 10**places + Fraction(1, 2))).scaleb(-places)
