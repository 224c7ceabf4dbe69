"""What leave does to dates: a due date and the last valid day of a certification move by the days that were leave.

Pure: a span is its first and last day, both inclusive, the last one None while it goes on. A leave that goes on counts
up to the day asked (``on``), so its dates move with each day until the return; one that is entered ahead with both
days counts whole. Leave that reaches beyond the date itself counts as well: who had ten days left on going has ten
days left on coming back.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from academy.dates.periods import add_months

Leaves = Iterable[tuple[date, date | None]]
DAY = timedelta(days=1)


def is_on_leave(leaves: Leaves, day: date) -> bool:
    return any(first <= day and (last is None or day <= last) for first, last in leaves)


def days_of_leave(leaves: Leaves, *, first: date, last: date, on: date) -> int:
    """How many days from ``first`` through ``last`` are leave; days of two overlapping leaves count once."""
    days, counted = 0, first - DAY
    for begins, ends in sorted(_closed(leaves, on)):
        begins, ends = max(begins, counted + DAY), min(ends, last)
        if begins <= ends:
            days += (ends - begins).days + 1
            counted = ends
    return days


def due_after_leave(*, due_on: date, since: date, leaves: Leaves, on: date) -> date:
    """The due date moved by the days of leave from ``since``, the day from which the time runs, to that date."""
    spans = list(leaves)
    moved = due_on
    # Each round counts the leave within the days that the last round added; the leave is finite, so it ends.
    while True:
        further = due_on + timedelta(days=days_of_leave(spans, first=since, last=moved, on=on))
        if further == moved:
            return moved
        moved = further


def valid_through_after_leave(
    *, valid_from: date, valid_through: date, leaves: Leaves, on: date, limit_months: int, catch_up_days: int
) -> date:
    """The last valid day of a certification moved by the days of leave during it, by ``limit_months`` at most.

    Who comes back while it still holds has ``catch_up_days`` at least, the day of return among them, before it ends.
    A leave that outlasts the limit lets it end: on that day the renewal is late, and a person decides.
    """
    spans = list(leaves)
    limit = add_months(valid_through + DAY, limit_months) - DAY
    through = min(limit, due_after_leave(due_on=valid_through, since=valid_from, leaves=spans, on=on))
    for begins, ends in sorted(_closed(spans, on)):
        returned = ends + DAY
        if begins <= valid_through and valid_from <= ends and returned <= through:
            through = max(through, ends + timedelta(days=catch_up_days))
    return through


def window_after_leave(
    *, valid_from: date, valid_through: date, opens: date, leaves: Leaves, on: date, limit_months: int
) -> date:
    """The day on which the renewal window opens, moved by the leave before it, with the end by ``limit_months`` at most.

    It is counted back from the end so many calendar months as it was before. Leave that begins once it is open closes it
    no more, nor does the time to catch up: that is given for the renewal.
    """
    spans = list(leaves)
    moved = due_after_leave(due_on=opens, since=valid_from, leaves=spans, on=on)
    if moved == opens:
        return opens
    limit = add_months(valid_through + DAY, limit_months)
    ends = min(limit, due_after_leave(due_on=valid_through, since=valid_from, leaves=spans, on=on) + DAY)
    before = days_of_leave(spans, first=valid_from, last=moved, on=on)
    expires = valid_through + DAY
    months = (expires.year - opens.year) * 12 + expires.month - opens.month
    if add_months(expires, -months) == opens and (
        before == days_of_leave(spans, first=valid_from, last=ends, on=on) or ends == limit
    ):
        return add_months(ends, -months)
    return min(moved, ends)


def _closed(leaves: Leaves, on: date) -> list[tuple[date, date]]:
    """Every span with a last day; one that goes on has been leave through ``on``."""
    found = [(first, on if last is None else last) for first, last in leaves]
    return [(first, last) for first, last in found if first <= last]
