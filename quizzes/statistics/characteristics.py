"""How well a question was answered by those of each whole mark: a good one rises."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

MOST_BANDS = 10


@dataclass(frozen=True)
class CharacteristicPoint:
    """Attempts whose whole mark lies between two shares of the maximum, and the mean share they earned here."""

    lowest: float
    highest: float
    count: int
    mean_share: float | None


def item_characteristic(
    answers: Sequence[tuple[Fraction, Fraction]],
    *,
    most: Fraction,
    bands: int = MOST_BANDS,
    counts: Sequence[int] = (),
) -> list[CharacteristicPoint]:
    """Bands of equal width from 0 to the maximum ``most`` of the whole, out of (share earned here, whole mark);
    ``counts`` says how many attempts each stands for.

    A mark on a border belongs to the band above it, the maximum to the last. Empty where there is no maximum.
    """
    if most <= 0:
        return []
    sums, many = [Fraction(0)] * bands, [0] * bands
    for (share, total), count in zip(answers, counts or [1] * len(answers), strict=True):
        band = min(bands - 1, max(0, int(total * bands / most)))
        sums[band] += share * count
        many[band] += count
    return [
        CharacteristicPoint(
            lowest=number / bands,
            highest=(number + 1) / bands,
            count=many[number],
            mean_share=float(sums[number] / many[number]) if many[number] else None,
        )
        for number in range(bands)
    ]
