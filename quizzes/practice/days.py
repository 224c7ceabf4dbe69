"""Streaks: working days in a row on which the five were done. Pure."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from academy.calendar.working_days import WorkingCalendar

# Nobody's streak is told beyond a year; it also bounds what is read.
LONGEST = 366


@dataclass(frozen=True)
class DayMark:
    """One day as the strip of the practice page shows it."""

    day: date
    done: bool
    working: bool
    today: bool


def streak(*, done: AbstractSet[date], today: date, calendar: WorkingCalendar) -> int:
    """Working days done in a row, back from today. Weekends and holidays neither break nor count; today is not
    missed while it lasts."""
    count = 0
    for back in range(LONGEST):
        day = today - timedelta(days=back)
        if not calendar.is_working(day):
            continue
        if day in done:
            count += 1
        elif back:
            break
    return count


def last_days(*, done: AbstractSet[date], today: date, calendar: WorkingCalendar, count: int = 14) -> list[DayMark]:
    """The last days, oldest first."""
    days = [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return [DayMark(day, day in done, calendar.is_working(day), day == today) for day in days]
