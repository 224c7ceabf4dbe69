"""Working days: Monday to Friday, less holidays and leave, plus the weekend days worked in exchange."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from academy.models import CalendarException, Leave, User


@dataclass(frozen=True)
class WorkingCalendar:
    """The exceptions of a span of days. Pure; a day outside of the span is judged by its weekday alone."""

    holidays: frozenset[date] = frozenset()
    exchanged: frozenset[date] = frozenset()
    away: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """A day worked in exchange is one even where somebody entered it as a holiday too; nobody works on leave."""
        if day in self.away:
            return False
        if day in self.exchanged:
            return True
        return day not in self.holidays and day.weekday() < 5


def working_calendar(*, first: date, last: date, person: User | None = None) -> WorkingCalendar:
    """The calendar of the days from ``first`` through ``last``, with a person's leave where one is given.

    One query, with a person two.
    """
    found: dict[str, set[date]] = {kind: set() for kind in CalendarException.Kind.values}
    spans = CalendarException.objects.filter(first_day__lte=last, last_day__gte=first)
    for kind, begin, end in spans.values_list("kind", "first_day", "last_day"):
        found[kind] |= _days(begin, end)
    calendar = WorkingCalendar(frozenset(found["holiday"]), frozenset(found["working"]))
    if person is None:
        return calendar
    leaves = Leave.objects.current().filter(person=person).values_list("effective_from", "effective_until")
    return with_leave(calendar, leaves, first=first, last=last)


def with_leave(
    calendar: WorkingCalendar, leaves: Iterable[tuple[date, date | None]], *, first: date, last: date
) -> WorkingCalendar:
    """The same for who was away in these spans. Pure."""
    away: set[date] = set()
    for gone, back in leaves:
        if gone <= last and (back is None or back >= first):
            away |= _days(max(gone, first), min(back or last, last))
    return replace(calendar, away=frozenset(away))


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=offset) for offset in range((last - first).days + 1)}
