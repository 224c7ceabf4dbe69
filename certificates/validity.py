"""Until when a certification holds: its own last valid day, moved by leave or by a decision. Read wherever that day is asked."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from academy.dates.leave_effects import valid_through_after_leave, window_after_leave
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


def last_day_of(certification: Any, leaves: Iterable[Span], on: date, *, ended_on: date | None = None) -> date:
    """The last valid day as it stands on a day: where leave moved it to, or a decision of a person, whichever is later.

    Where it was revoked or ended on ``ended_on``, leave from that day on moves nothing any more.
    """
    if ended_on is not None and ended_on <= on:
        on = ended_on - timedelta(days=1)
        leaves = [(first, last and min(last, on)) for first, last in leaves if first <= on]
    moved = through_with_leave(
        valid_from=certification.valid_from, valid_through=certification.valid_through, leaves=leaves, on=on
    )
    return max(moved, certification.extended or moved)


def window_of(certification: Any, leaves: Iterable[Span], on: date) -> date | None:
    """The day on which its renewal window opens as it stands on a day: leave before it moves it as it moves the end. None
    where nothing renews it. What was done from ``renew_from`` on counts all the same, see ``judging.counted_from``."""
    opens: date | None = certification.renew_from
    spans = list(leaves) if opens is not None else []
    if opens is None or not spans:
        return opens
    return window_after_leave(
        valid_from=certification.valid_from,
        valid_through=certification.valid_through,
        opens=opens,
        leaves=spans,
        on=on,
        limit_months=settings.LEAVE_LIMIT_MONTHS,
    )


def not_open_yet(certifications: Any, on: date, *, known: datetime | None = None) -> list[int]:
    """Of certifications whose window is open on ``on`` by its own day those of which leave moved it beyond: their keys. Two
    small queries: only those whom leave before that day concerns are looked at."""
    before = Leave.objects.known(known).filter(
        Q(effective_until=None) | Q(effective_until__gte=OuterRef("valid_from")),
        person=OuterRef("person"),
        effective_from__lte=OuterRef("renew_from"),
    )
    asked = certifications.filter(Exists(before), renew_from__lte=on, valid_from__lte=on)
    asked = asked.filter(renew_from__gte=add_months(on, -2 * settings.LEAVE_LIMIT_MONTHS))
    rows = list(asked.only("pk", "person", "valid_from", "valid_through", "renew_from"))
    leaves = leaves_of({row.person_id for row in rows}, known) if rows else {}
    opens = {row.pk: window_of(row, leaves.get(row.person_id, ()), on) for row in rows}
    return [pk for pk, day in opens.items() if day is not None and day > on]


def moved_ends(certifications: Any, on: date, *, ahead_days: int = 0, known: datetime | None = None) -> dict[int, date]:
    """Of certifications that by their own dates end before ``on`` or within ``ahead_days`` of it: the last valid days
    that leave or a decision moved. Two small queries: only those that either concerns are looked at."""
    earliest = add_months(on, -settings.LEAVE_LIMIT_MONTHS) - timedelta(days=settings.LEAVE_CATCH_UP_DAYS + 3)
    during = Leave.objects.known(known).filter(
        Q(effective_until=None) | Q(effective_until__gte=OuterRef("valid_from")), person=OuterRef("person")
    )
    asked = certifications.with_extension(known, on).filter(
        Q(Exists(during), valid_through__gte=earliest) | Q(extended__isnull=False),
        valid_from__lte=on,
        valid_through__lte=on + timedelta(days=ahead_days),
    )
    rows = list(asked.only("pk", "person", "valid_from", "valid_through"))
    leaves = leaves_of({row.person_id for row in rows}, known) if rows else {}
    moved = {row.pk: last_day_of(row, leaves.get(row.person_id, ()), on) for row in rows}
    return {row.pk: moved[row.pk] for row in rows if moved[row.pk] != row.valid_through}


EXPIRES_SOON = _("Expiring soon")


def expires_soon(through: date, on: date, *, within: int) -> bool:
    """临期: the last valid day is at most so many days ahead. For what holds, or whose grace counts. Pure."""
    return (through - on).days <= within
