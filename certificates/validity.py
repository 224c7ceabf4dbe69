"""Until when a certification holds: its own last valid day, moved by leave. Read wherever that day is asked."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.query import QuerySet

from academy.dates.leave_effects import valid_through_after_leave
from academy.dates.periods import add_months
from academy.models import Leave
from academy.staff.leaves import leaves_of

Span = tuple[date, date | None]


def through_with_leave(*, valid_from: date, valid_through: date, leaves: Iterable[Span], on: date) -> date:
    """The last valid day as it stands on a day, by the bank's limit and time to catch up."""
    spans = list(leaves)
    if not spans:
        return valid_through
    return valid_through_after_leave(
        valid_from=valid_from,
        valid_through=valid_through,
        leaves=spans,
        on=on,
        limit_months=settings.LEAVE_LIMIT_MONTHS,
        catch_up_days=settings.LEAVE_CATCH_UP_DAYS,
    )


def moved_by_leave(
    certifications: QuerySet, on: date, *, ahead_days: int = 0, known: datetime | None = None
) -> dict[int, date]:
    """Of certifications that by their own dates end before ``on`` or within ``ahead_days`` of it: the last valid days
    that leave moved. Two small queries: only people with a leave during the certification are looked at."""
    earliest = add_months(on, -settings.LEAVE_LIMIT_MONTHS) - timedelta(days=settings.LEAVE_CATCH_UP_DAYS + 3)
    during = Leave.objects.known(known).filter(
        Q(effective_until=None) | Q(effective_until__gte=OuterRef("valid_from")), person=OuterRef("person")
    )
    asked = certifications.filter(
        Exists(during),
        valid_from__lte=on,
        valid_through__gte=earliest,
        valid_through__lte=on + timedelta(days=ahead_days),
    )
    rows = list(asked.values_list("pk", "person", "valid_from", "valid_through"))
    leaves = leaves_of({person for _pk, person, _first, _last in rows}, known) if rows else {}
    found = {}
    for pk, person, valid_from, valid_through in rows:
        moved = through_with_leave(
            valid_from=valid_from, valid_through=valid_through, leaves=leaves.get(person, ()), on=on
        )
        if moved != valid_through:
            found[pk] = moved
    return found
