"""Whether a question treats two groups alike: Mantel and Haenszel's odds among those of the same whole mark.

A difference says that a question is to be looked at, and never why: people of a line learn other things.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import erfc, log, sqrt
from typing import NamedTuple

# ETS's scale of difficulty: what the logarithm of the odds is worth on it, and where its classes begin.
DELTA = -2.35
SLIGHT, LARGE = 1.0, 1.5
SIGNIFICANT, DEVIATIONS_BEYOND = 0.05, 1.645
# Below this many in the smaller group nothing should be concluded.
FEWEST_IN_A_GROUP = 50
# Below this many nothing is told at all: figures of so few people would be figures of persons.
FEWEST_TOLD = 10


class GroupedAnswer(NamedTuple):
    """One attempt: of the group that is compared (focal) or of the one it is compared with; its whole mark. ``many``
    attempts that are alike may be one."""

    focal: bool
    right: bool
    total: Fraction
    many: int = 1


class DifferenceClass(StrEnum):
    """ETS: negligible, slight to moderate, large."""

    A = "A"
    B = "B"
    C = "C"


class Incomparable(StrEnum):
    """Why two groups cannot be compared."""

    ONE_GROUP = "one_group"
    NO_COMMON_MARKS = "no_common_marks"
    NO_ODDS = "no_odds"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Differential:
    """``odds`` above 1 and ``delta`` below 0: easier for the reference group. ``few``: a group is too small to conclude.

    Of a group of fewer than ``FEWEST_TOLD`` not even its size is told: both sizes are None then.
    ``chi_square`` is corrected for continuity, one degree of freedom. Figures are None where ``why`` says so.
    """

    reference: int | None
    focal: int | None
    odds: float | None = None
    delta: float | None = None
    chi_square: float | None = None
    p_value: float | None = None
    difference: DifferenceClass | None = None
    few: bool = False
    why: Incomparable | None = None


@dataclass
class _Stratum:
    """Those of one whole mark: reference right and wrong (a, b), focal right and wrong (c, d)."""

    a: int = 0
    b: int = 0
    c: int = 0
    d: int = 0

    @property
    def count(self) -> int:
        return self.a + self.b + self.c + self.d

    def add(self, answer: GroupedAnswer) -> None:
        name = ("d" if answer.focal else "b") if not answer.right else ("c" if answer.focal else "a")
        setattr(self, name, getattr(self, name) + answer.many)


def mantel_haenszel(answers: Iterable[GroupedAnswer]) -> Differential:
    """The odds of being right in the reference group, over those in the focal group, at the same whole mark."""
    by_total: dict[Fraction, _Stratum] = defaultdict(_Stratum)
    for answer in answers:
        by_total[answer.total].add(answer)
    reference = sum(stratum.a + stratum.b for stratum in by_total.values())
    focal = sum(stratum.c + stratum.d for stratum in by_total.values())
    few = min(reference, focal) < FEWEST_IN_A_GROUP
    if not reference or not focal:
        return Differential(reference, focal, few=few, why=Incomparable.ONE_GROUP)
    strata = [stratum for stratum in by_total.values() if stratum.a + stratum.b and stratum.c + stratum.d]
    if not strata:
        return Differential(reference, focal, few=few, why=Incomparable.NO_COMMON_MARKS)
    right = sum((Fraction(stratum.a * stratum.d, stratum.count) for stratum in strata), Fraction(0))
    wrong = sum((Fraction(stratum.b * stratum.c, stratum.count) for stratum in strata), Fraction(0))
    chi_square = _chi_square(strata)
    if not right or not wrong or chi_square is None:
        return Differential(reference, focal, few=few, why=Incomparable.NO_ODDS)
    odds = float(right / wrong)
    delta, p_value = DELTA * log(odds), erfc(sqrt(chi_square / 2))
    error = abs(DELTA) * sqrt(_variance(strata, right, wrong))
    return Differential(reference, focal, odds, delta, chi_square, p_value, _class_of(delta, error, p_value), few=few)


def told(found: Differential) -> Differential:
    """The same, or nothing of it where either group is so small that a person could be known by it."""
    sizes = (found.reference or 0, found.focal or 0)
    return found if min(sizes) >= FEWEST_TOLD else Differential(None, None, few=True, why=Incomparable.TOO_FEW)


def _chi_square(strata: Iterable[_Stratum]) -> float | None:
    """None where every stratum is all right or all wrong."""
    away = spread = Fraction(0)
    for stratum in strata:
        ours, theirs, right, wrong, count = (
            stratum.a + stratum.b,
            stratum.c + stratum.d,
            stratum.a + stratum.c,
            stratum.b + stratum.d,
            stratum.count,
        )
        away += stratum.a - Fraction(ours * right, count)
        if count > 1:
            spread += Fraction(ours * theirs * right * wrong, count * count * (count - 1))
    if not spread:
        return None
    return float(max(Fraction(0), abs(away) - Fraction(1, 2)) ** 2 / spread)


def _variance(strata: Iterable[_Stratum], right: Fraction, wrong: Fraction) -> float:
    """Of the logarithm of the odds (Robins, Breslow and Greenland)."""
    first = both = second = Fraction(0)
    for stratum in strata:
        agree, differ = Fraction(stratum.a + stratum.d, stratum.count), Fraction(stratum.b + stratum.c, stratum.count)
        plus, minus = Fraction(stratum.a * stratum.d, stratum.count), Fraction(stratum.b * stratum.c, stratum.count)
        first += agree * plus
        both += agree * minus + differ * plus
        second += differ * minus
    return float(first / (2 * right**2) + both / (2 * right * wrong) + second / (2 * wrong**2))


def _class_of(delta: float, error: float, p_value: float) -> DifferenceClass:
    size = abs(delta)
    if size < SLIGHT or p_value >= SIGNIFICANT:
        return DifferenceClass.A
    if size >= LARGE and size - DEVIATIONS_BEYOND * error > SLIGHT:
        return DifferenceClass.C
    return DifferenceClass.B
