"""Time at the edge: the bank's local day, leases for what runs each minute, and one lock by name."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from academy.models import ClockState

# Whoever is gone without a word is known by this: a lease that nobody renewed.
LEASE = timedelta(seconds=settings.LEASE_SECONDS)
ASKED_AGAIN = 5 * LEASE

MINUTE_PASSES: dict[str, Callable[[datetime], object]] = {}
DAILY_PASSES: dict[str, Callable[[datetime, date], object]] = {}


def local_day(moment: datetime) -> date:
    """The bank's local date of a moment; every date rule works on these."""
    return timezone.localtime(moment).date()


def each_minute(name: str, function: Callable[[datetime], object]) -> None:
    """Registers an idempotent pass that ``tick`` runs every minute, handed ``now``."""
    MINUTE_PASSES[name] = function


def each_day(name: str, function: Callable[[datetime, date], object]) -> None:
    """Registers an idempotent pass that the first tick of a bank-local day runs, handed ``now`` and ``today``."""
    DAILY_PASSES[name] = function


def lock_row(name: str) -> ClockState:
    """Locks a named row until the transaction ends. On SQLite the transaction itself holds the write lock."""
    ClockState.objects.get_or_create(name=name)
    return ClockState.objects.select_for_update().get(name=name)


def take_lease(name: str, *, now: datetime, span: timedelta = LEASE) -> bool:
    """True when nobody else runs the pass; the lease of a killed process runs out by itself.

    A lease that ends later than one given now would is void: the clock has jumped back since.
    """
    ClockState.objects.get_or_create(name=name)
    over = Q(leased_until=None) | Q(leased_until__lte=now) | Q(leased_until__gt=now + span)
    free = ClockState.objects.filter(over, name=name)
    return free.update(leased_until=now + span) == 1


def extend_lease(name: str, *, now: datetime, span: timedelta = LEASE, cursor: str | None = None) -> None:
    """For the holder, while a long pass goes on; ``cursor`` is how far it has come."""
    values: dict[str, object] = {"leased_until": now + span}
    if cursor is not None:
        values["cursor"] = cursor
    ClockState.objects.filter(name=name).update(**values)


def cursor_of(name: str) -> str:
    """How far the pass had come when its process ended, '' at the beginning."""
    return ClockState.objects.filter(name=name).values_list("cursor", flat=True).first() or ""


def ask_for(name: str, ask: Callable[[], object], *, now: datetime) -> None:
    """Puts a task into the queue unless it was put there already; one that got lost is put there again by and by.

    Work that would hold up the clock is done by a worker; each run of it begins with ``asked_is_answered``.
    """
    if take_lease(f"{name}: asked", now=now, span=ASKED_AGAIN):
        ask()


def asked_is_answered(name: str, *, now: datetime) -> None:
    end_lease(f"{name}: asked", now=now)


def end_lease(name: str, *, now: datetime, day: date | None = None) -> None:
    values: dict[str, object] = {"leased_until": None, "last_run_at": now}
    if day is not None:
        values["last_day"] = day
        values["cursor"] = ""
    ClockState.objects.filter(name=name).update(**values)


def daily_pass_is_due(name: str, *, today: date) -> bool:
    with transaction.atomic():
        state, _ = ClockState.objects.get_or_create(name=name)
    return state.last_day is None or state.last_day < today
