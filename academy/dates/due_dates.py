"""When something is due: a fixed day, or so many days or months after an event. Pure calendar arithmetic.

The due day is the last one in time. An event that has not happened, or that nobody recorded, leaves the date unknown,
which is another thing than having none: somebody has to look at it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from academy.dates.periods import add_months


class DueFrom(models.TextChoices):
    """What the date is counted from."""

    NONE = "none", _("No due date")
    FIXED = "fixed", _("A fixed day")
    ASSIGNED = "assigned", _("The day of the assignment")
    HIRED = "hired", _("The hire date")
    POSTED = "posted", _("The day of taking up the post")
    COMPLETED = "completed", _("The completion of another course")


RELATIVE = (DueFrom.ASSIGNED, DueFrom.HIRED, DueFrom.POSTED, DueFrom.COMPLETED)


class DueUnit(models.TextChoices):
    DAYS = "days", _("days")
    MONTHS = "months", _("months")


class Problem(models.TextChoices):
    """What is the matter with one person's due date."""

    NONE = "", _("none")
    SHORT = "short", _("Not enough time left")
    UNKNOWN = "unknown", _("Date unknown")


class ShortTime(models.TextChoices):
    """What becomes of a due date that is nearer than the time needed, or past already."""

    MINIMUM = "minimum", _("They get the time they need")
    KEEP = "keep", _("The date stays as it is")


@dataclass(frozen=True)
class DueRule:
    """``fixed_on`` for a fixed day; ``amount`` and ``unit`` for one that follows an event."""

    due_from: str
    fixed_on: date | None = None
    amount: int = 0
    unit: str = DueUnit.DAYS


@dataclass(frozen=True)
class Due:
    """A last day in time, or None; ``problem`` says when something is the matter with it."""

    day: date | None = None
    problem: str = Problem.NONE


def due_on(rule: DueRule, event: date | None) -> Due:
    """The due day for one person; ``event`` is the day that the rule counts from, None when it is not known."""
    if rule.due_from == DueFrom.NONE:
        return Due()
    if rule.due_from == DueFrom.FIXED:
        return Due(rule.fixed_on)
    if event is None:
        return Due(problem=Problem.UNKNOWN)
    if rule.unit == DueUnit.MONTHS:
        return Due(add_months(event, rule.amount))
    return Due(event + timedelta(days=rule.amount))


def due_with_enough_time(due: Due, *, since: date, days_needed: int, short_time: str) -> Due:
    """The same day, unless it lies nearer to ``since`` than the days that the thing needs."""
    if due.day is None or due.day >= since + timedelta(days=days_needed):
        return due
    if short_time == ShortTime.KEEP:
        return Due(due.day, Problem.SHORT)
    return Due(since + timedelta(days=days_needed), Problem.SHORT)
