"""How far assessors of one case lie apart: the house's formula, by hand."""

from decimal import Decimal

import pytest

from quizzes.observing.drifting import Leaning, drift_of, median_of, spreads_of

SIZES = {"a": 4, "b": 4}
HALF = Decimal("0.5")


def sheets(*pairs):
    return [{"a": first, "b": second} for first, second in pairs]


def leanings(*pairs, limit=HALF):
    given = sheets(*pairs)
    spreads = spreads_of(SIZES, given, {"a": 2, "b": 2})
    return [drift_of(sheet, spreads, limit=limit, sheets=len(given)).leaning for sheet in given]


def test_the_median_is_the_middle_or_half_way():
    assert [median_of(levels) for levels in ([3], [1, 3, 2], [1, 2], [0, 0, 3, 3])] == [3, 2, Decimal("1.5"), HALF * 3]
    with pytest.raises(ValueError, match="nothing"):
        median_of([])


def test_drift_is_the_mean_difference_from_the_median_of_each_criterion():
    given = sheets((2, 2), (2, 2), (2, 1), (1, 2), (3, 2))
    spreads = spreads_of(SIZES, given, {"a": 3, "b": 2})
    found = drift_of(given[4], spreads, limit=HALF, sheets=5)

    assert (spreads[0].median, spreads[0].counts, spreads[0].lowest, spreads[0].highest) == (2, (0, 1, 3, 1), 1, 3)
    assert (found.drift, found.distance, found.from_reference) == (HALF, HALF, 0)
    assert found.leaning == Leaning.GENEROUS


def test_who_drifts_by_the_limit_is_listed_and_by_less_is_not():
    assert leanings((2, 2), (2, 2), (2, 2), (1, 2), (3, 3)) == ["", "", "", Leaning.STRICT, Leaning.GENEROUS]
    assert leanings((2, 2), (2, 2), (2, 2), (1, 2), (3, 3), limit=Decimal("0.6"))[3] == ""


def test_differences_that_cancel_out_are_uneven():
    assert leanings((2, 2), (2, 2), (2, 2), (2, 2), (3, 1))[4] == Leaning.UNEVEN


def test_fewer_than_five_say_nothing_about_anybody():
    assert leanings((0, 0), (2, 2), (2, 2), (2, 2)) == [""] * 4
