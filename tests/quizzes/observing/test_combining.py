"""Several assessors, one result."""

from decimal import Decimal

import pytest

from quizzes.observing.combining import Sheet, combine

SEVENTY = Decimal(70)


def sheets(*points, veto=()):
    return [Sheet(Decimal(str(point)) / 100, number in veto) for number, point in enumerate(points)]


@pytest.mark.parametrize(
    ("points", "combining", "spread", "score", "passed", "further"),
    [
        ([70], "each", None, "70.00", True, False),
        ([69.99], "each", None, "69.99", False, False),
        ([95, 69], "each", None, "82.00", False, False),
        ([95, 69], "mean", None, "82.00", True, False),
        ([95, 70], "mean", 25, "82.50", True, False),
        ([96, 70], "mean", 25, "83.00", False, True),
        ([40, 90, 90], "mean", 60, "73.33", True, False),
    ],
)
def test_each_or_the_mean_reaches_the_pass_mark(points, combining, spread, score, passed, further):
    outcome = combine(sheets(*points), combining=combining, pass_mark=SEVENTY, spread=spread)

    assert (outcome.score, outcome.passed, outcome.further) == (Decimal(score), passed, further)


@pytest.mark.parametrize(
    ("points", "score", "passed"),
    [([40, 90, 72], "72.00", True), ([40, 90, 60], "60.00", False), ([40, 90, 68, 74], "71.00", True)],
)
def test_with_one_more_assessor_the_middle_counts(points, score, passed):
    outcome = combine(sheets(*points), combining="each", pass_mark=SEVENTY, spread=10, settling=True)

    assert (outcome.score, outcome.passed, outcome.further) == (Decimal(score), passed, False)


@pytest.mark.parametrize("settling", [False, True])
def test_one_veto_of_one_assessor_fails_all_and_asks_nobody_further(settling):
    outcome = combine(sheets(100, 10, veto={0}), combining="mean", pass_mark=Decimal(1), spread=5, settling=settling)

    assert (outcome.passed, outcome.vetoed, outcome.further) == (False, True, False)


def test_a_mark_just_missed_is_not_shown_as_reached():
    two = [Sheet(Decimal("0.6999600000")), Sheet(Decimal("0.6999600000"))]

    outcome = combine(two, combining="mean", pass_mark=SEVENTY, spread=None)

    assert (outcome.score, outcome.passed) == (Decimal("69.99"), False)
