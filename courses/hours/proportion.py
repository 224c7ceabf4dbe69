"""Fewer hours are asked of who was away: the number asked shrinks with the days that do not count. Pure."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from academy.dates.leave_effects import Leaves, days_of_leave

HALF = Decimal("0.5")


def asked_in_proportion(hours: Decimal, *, first: date, last: date, absences: Leaves, on: date) -> Decimal:
    """What is left of the hours asked for a period when days of absence do not count, to the nearest half hour.

    An absence that goes on has lasted through ``on``; days of overlapping absences count once.
    """
    days = (last - first).days + 1
    off = days_of_leave(absences, first=first, last=last, on=on)
    share = hours * (days - off) / days
    return (share / HALF).quantize(Decimal(1), ROUND_HALF_UP) * HALF
