"""Leave moves dates by the days that were leave."""

from datetime import date

import pytest

from academy.dates.leave_effects import (
    days_of_leave,
    due_after_leave,
    is_on_leave,
    valid_through_after_leave,
    window_after_leave,
)

D = date
SINCE, DUE, ON = D(2026, 1, 1), D(2026, 6, 30), D(2026, 7, 15)


@pytest.mark.parametrize(
    ("leaves", "due"),
    [
        ([], DUE),
        ([(D(2026, 3, 1), D(2026, 3, 31))], D(2026, 7, 31)),
        # Before the assignment nothing was lost.
        ([(D(2025, 3, 1), D(2025, 12, 31))], DUE),
        ([(D(2025, 12, 1), D(2026, 1, 10))], D(2026, 7, 10)),
        # Thirty days were left on going, thirty are left on coming back.
        ([(D(2026, 6, 1), D(2026, 8, 31))], D(2026, 9, 30)),
        # After the due date it was late already.
        ([(D(2026, 7, 1), D(2026, 8, 31))], DUE),
        # A day that is leave twice is one day.
        ([(D(2026, 3, 1), D(2026, 3, 31)), (D(2026, 3, 15), D(2026, 4, 9))], D(2026, 8, 9)),
        # One that goes on counts through today.
        ([(D(2026, 6, 21), None)], D(2026, 7, 25)),
        ([(D(2026, 8, 1), None)], DUE),
    ],
)
def test_a_due_date_moves_by_the_days_of_leave(leaves, due):
    assert due_after_leave(due_on=DUE, since=SINCE, leaves=leaves, on=ON) == due


def test_days_of_leave_count_within_the_span_only():
    leaves = [(D(2026, 1, 5), D(2026, 1, 20)), (D(2026, 1, 30), None)]

    assert days_of_leave(leaves, first=D(2026, 1, 10), last=D(2026, 2, 3), on=D(2026, 2, 1)) == 11 + 3
    assert is_on_leave(leaves, D(2026, 1, 20)) and not is_on_leave(leaves, D(2026, 1, 21))
    assert is_on_leave(leaves, D(2027, 1, 1))


@pytest.mark.parametrize(
    ("leaves", "through"),
    [
        ([], D(2026, 12, 31)),
        ([(D(2026, 3, 1), D(2026, 3, 31))], D(2027, 1, 31)),
        # Five days were left on going: sixty are given to catch up.
        ([(D(2026, 12, 27), D(2027, 4, 30))], D(2027, 6, 29)),
        # Longer than the limit: it ends on the limit, catching up or not.
        ([(D(2026, 2, 1), D(2028, 6, 30))], D(2027, 12, 31)),
        # Back a fortnight before the limit: the sixty days reach beyond it.
        ([(D(2026, 12, 20), D(2027, 12, 15))], D(2028, 2, 13)),
        # Leave after the last valid day mends nothing.
        ([(D(2027, 1, 1), D(2027, 4, 30))], D(2026, 12, 31)),
    ],
)
def test_a_certification_holds_longer_by_leave_up_to_a_limit(leaves, through):
    found = valid_through_after_leave(
        valid_from=D(2026, 1, 1),
        valid_through=D(2026, 12, 31),
        leaves=leaves,
        on=D(2026, 11, 24),
        limit_months=12,
        catch_up_days=60,
    )

    assert found == through


@pytest.mark.parametrize(
    ("leaves", "opens"),
    [
        ([], D(2026, 10, 1)),
        # Three months in spring: it expires on the third of April, and the window opens three calendar months before.
        ([(D(2026, 3, 1), D(2026, 5, 31))], D(2027, 1, 3)),
        # After the window opened it stays open.
        ([(D(2026, 10, 5), D(2026, 12, 1))], D(2026, 10, 1)),
        ([(D(2026, 10, 1), D(2026, 10, 10))], D(2026, 10, 11)),
        # A month was left to it on going: a month is left on coming back.
        ([(D(2026, 9, 1), D(2026, 12, 15))], D(2027, 1, 17)),
        ([(D(2026, 3, 1), D(2026, 3, 10)), (D(2026, 11, 1), D(2026, 11, 30))], D(2026, 10, 11)),
        # Before the award, and longer than the bank's limit of twelve months.
        ([(D(2025, 3, 1), D(2025, 3, 31))], D(2026, 10, 1)),
        ([(D(2026, 2, 1), D(2027, 12, 31))], D(2027, 10, 1)),
    ],
)
def test_leave_before_the_window_moves_it_with_the_end_and_never_closes_it(leaves, opens):
    found = window_after_leave(
        valid_from=D(2026, 1, 1),
        valid_through=D(2026, 12, 31),
        opens=D(2026, 10, 1),
        leaves=leaves,
        on=D(2028, 1, 1),
        limit_months=12,
    )

    assert found == opens
