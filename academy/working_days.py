"""Working days: Monday to Friday, less the holidays, plus the weekend days worked in exchange."""

from dataclasses import dataclass
from datetime import date, timedelta

from academy.models import CalendarException


@dataclass(frozen=True)
class WorkingCalendar:
    """The exceptions of a span of days. Pure; a day outside of the span is judged by its weekday alone."""

    holidays: frozenset[date] = frozenset()
    exchanged: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """A day worked in exchange is one even where somebody entered it as a holiday too."""
        if day in self.exchanged:
            return True
        return day not in self.holidays and day.weekday() < 5


def working_calendar(*, first: date, last: date) -> WorkingCalendar:
    """The calendar of the days from ``first`` through ``last``. One query."""
    found: dict[str, set[date]] = {kind: set() for kind in CalendarException.Kind.values}
    spans = CalendarException.objects.filter(first_day__lte=last, last_day__gte=first)
    for kind, begin, end in spans.values_list("kind", "first_day", "last_day"):
        for offset in range((end - begin).days + 1):
            found[kind].add(begin + timedelta(days=offset))
    return WorkingCalendar(frozenset(found["holiday"]), frozenset(found["working"]))
