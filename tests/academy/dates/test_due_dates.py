"""Due dates: fixed, or so long after an event, and what becomes of one that leaves too little time."""

from datetime import date

import pytest

from academy.dates.due_dates import Due, DueFrom, DueRule, DueUnit, Problem, ShortTime, due_on, due_with_enough_time

D = date


@pytest.mark.parametrize(
    ("rule", "event", "due"),
    [
        (DueRule(DueFrom.NONE), None, Due()),
        (DueRule(DueFrom.FIXED, D(2026, 12, 31)), None, Due(D(2026, 12, 31))),
        (DueRule(DueFrom.ASSIGNED, amount=30), D(2026, 2, 1), Due(D(2026, 3, 3))),
        (DueRule(DueFrom.HIRED, amount=3, unit=DueUnit.MONTHS), D(2026, 11, 30), Due(D(2027, 2, 28))),
        (DueRule(DueFrom.POSTED, amount=12, unit=DueUnit.MONTHS), D(2024, 2, 29), Due(D(2025, 2, 28))),
        # 365 days are no year: the leap day does not move a month's rule.
        (DueRule(DueFrom.POSTED, amount=365), D(2024, 1, 1), Due(D(2024, 12, 31))),
        (DueRule(DueFrom.COMPLETED, amount=14), None, Due(problem=Problem.UNKNOWN)),
    ],
)
def test_due_on(rule, event, due):
    assert due_on(rule, event) == due


@pytest.mark.parametrize(
    ("day", "short_time", "due"),
    [
        (D(2026, 6, 8), ShortTime.MINIMUM, Due(D(2026, 6, 8))),
        (D(2026, 6, 7), ShortTime.MINIMUM, Due(D(2026, 6, 8), Problem.SHORT)),
        (D(2019, 1, 1), ShortTime.MINIMUM, Due(D(2026, 6, 8), Problem.SHORT)),
        (D(2019, 1, 1), ShortTime.KEEP, Due(D(2019, 1, 1), Problem.SHORT)),
        (None, ShortTime.MINIMUM, Due()),
    ],
)
def test_nobody_is_late_on_the_day_of_the_assignment_unless_hr_wants_it(day, short_time, due):
    assert due_with_enough_time(Due(day), since=D(2026, 6, 1), days_needed=7, short_time=short_time) == due
