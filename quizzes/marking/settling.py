"""One mark out of several markers'. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from quizzes.grading.marks import exact_share, stored_share


def settled(fractions: Sequence[Decimal], *, markers: int, tolerance: Decimal) -> Decimal | None:
    """The fraction that counts, None while another marker is needed.

    With ``markers`` marks that differ by ``tolerance`` at most, their mean; where they differ more, one further
    marker settles, and what that marker gave counts.
    """
    if len(fractions) < markers:
        return None
    asked = fractions[:markers]
    if max(asked) - min(asked) <= tolerance:
        return stored_share(sum((exact_share(fraction) for fraction in asked), Fraction(0)) / markers)
    return fractions[markers] if len(fractions) > markers else None


def is_settling(fractions: Sequence[Decimal], *, markers: int, tolerance: Decimal) -> bool:
    """Whether the next mark settles a difference."""
    return len(fractions) >= markers and settled(fractions, markers=markers, tolerance=tolerance) is None
