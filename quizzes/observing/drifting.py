"""How far assessors of one case lie apart. Pure; levels are places on a criterion's scale, 0 the lowest.

SEMANTICS of the house: the drift of an assessor is the mean, over the criteria, of the own level less the median level of
all sheets handed in; fewer than five sheets say nothing about anybody. Whoever drifts by the limit or more is listed: above
the others as generous, below them as strict. Whose differences cancel out but are as large one by one is listed as uneven.
A criterion that somebody did not observe says nothing of them, and nothing to the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quizzes.marking.rubrics import NOT_OBSERVED

FEWEST = 5
type Levels = Mapping[str, int]


class Leaning(StrEnum):
    """What is said of an assessor: nothing, or why the name is listed."""

    NONE = ""
    GENEROUS = "generous"
    STRICT = "strict"
    UNEVEN = "uneven"


@dataclass(frozen=True)
class CriterionSpread:
    """One criterion over all sheets: how many chose each level, and the middle, lowest and highest level chosen."""

    criterion: str
    counts: tuple[int, ...]
    median: Decimal
    lowest: int
    highest: int
    reference: int | None = None


@dataclass(frozen=True)
class AssessorDrift:
    """In levels: ``drift`` from the median and ``distance`` without its sign, both the mean of the criteria;
    ``from_reference`` the same as ``drift`` from the reference. ``leaning`` is said of five sheets or more."""

    drift: Decimal
    distance: Decimal
    from_reference: Decimal
    leaning: Leaning = Leaning.NONE


def median_of(levels: Sequence[int]) -> Decimal:
    """The middle one, or half way between the two in the middle. Raises ``ValueError`` for none."""
    if not levels:
        raise ValueError("the median of nothing")
    ordered, middle = sorted(levels), len(levels) // 2
    if len(ordered) % 2:
        return Decimal(ordered[middle])
    return Decimal(ordered[middle - 1] + ordered[middle]) / 2


def spreads_of(sizes: Mapping[str, int], sheets: Sequence[Levels], reference: Levels) -> list[CriterionSpread]:
    """The spread of each criterion, of those who observed it; ``sizes`` says how many levels it has. What nobody observed
    is not there."""
    if not sheets:
        return []
    criterion_spreads = []
    for criterion, size in sizes.items():
        chosen = [sheet[criterion] for sheet in sheets if sheet[criterion] != NOT_OBSERVED]
        if not chosen:
            continue
        counts = tuple(chosen.count(place) for place in range(size))
        criterion_spreads.append(
            CriterionSpread(criterion, counts, median_of(chosen), min(chosen), max(chosen), _seen(reference, criterion))
        )
    return criterion_spreads


def _seen(levels: Levels, criterion: str) -> int | None:
    place = levels.get(criterion)
    return None if place == NOT_OBSERVED else place


def drift_of(sheet: Levels, spreads: Sequence[CriterionSpread], *, limit: Decimal, sheets: int) -> AssessorDrift:
    """How one sheet lies to the others; ``sheets`` is how many there are, this one counted. Raises ``ValueError`` for no
    criteria."""
    if not spreads:
        raise ValueError("a sheet without criteria")
    seen = [spread for spread in spreads if sheet[spread.criterion] != NOT_OBSERVED]
    if not seen:
        return AssessorDrift(Decimal(0), Decimal(0), Decimal(0))
    differences = [sheet[spread.criterion] - spread.median for spread in seen]
    drift = _mean(differences)
    distance = _mean([abs(difference) for difference in differences])
    told = [sheet[spread.criterion] - Decimal(spread.reference) for spread in seen if spread.reference is not None]
    leaning = _leaning(drift, distance, limit) if sheets >= FEWEST else Leaning.NONE
    return AssessorDrift(drift, distance, _mean(told) if told else Decimal(0), leaning)


def _leaning(drift: Decimal, distance: Decimal, limit: Decimal) -> Leaning:
    if drift >= limit:
        return Leaning.GENEROUS
    if drift <= -limit:
        return Leaning.STRICT
    return Leaning.UNEVEN if distance >= limit else Leaning.NONE


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)
