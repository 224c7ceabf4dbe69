"""Natural years between two days. Pure."""

from datetime import date


def years_within(first: date, last: date) -> list[tuple[date, date]]:
    """The natural years that lie wholly between two days; both days as one span where none does."""
    years = [(date(year, 1, 1), date(year, 12, 31)) for year in range(first.year, last.year + 1)]
    return [year for year in years if first <= year[0] and year[1] <= last] or [(first, last)]
