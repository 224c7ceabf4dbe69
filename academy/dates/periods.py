"""Calendar periods: months are months, whatever their length."""

import calendar
from datetime import date


def add_months(anchor: date, months: int) -> date:
    """The anchor's day in another month, clipped to its length."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))
