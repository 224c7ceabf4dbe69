"""A year's hours against what the year asks. Leave and the days before hiring make the number smaller, in proportion."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models.query import QuerySet

from academy.dates.leave_effects import days_of_leave
from academy.requests.kept.answers import shared
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.staff.employments import EMPLOYED, jobs_of
from academy.staff.leaves import AWAY, leaves_of
from courses.hours.proportion import asked_in_proportion
from courses.models import HourCategory, HourEntry, HourQuota

DAY = timedelta(days=1)


@dataclass(frozen=True)
class HoursLine:
    """Hours of one category, or of all where ``category`` is ''. ``asked`` is None where nothing is asked of it."""

    category: str
    done: Decimal
    asked: Decimal | None = None

    @property
    def label(self) -> Any:
        return HourCategory(self.category).label if self.category else ""

    @property
    def missing(self) -> Decimal:
        return max(Decimal(0), (self.asked or Decimal(0)) - self.done)

    @property
    def met(self) -> bool:
        return self.missing == 0


@dataclass(frozen=True)
class Balance:
    """One person's year. ``full`` is what the whole year asks, ``days_off`` how many of its days do not count."""

    year: int
    total: HoursLine
    categories: tuple[HoursLine, ...]
    full: Decimal | None = None
    days_off: int = 0

    @property
    def met(self) -> bool:
        return self.total.met and all(line.met for line in self.categories)

    @property
    def asks(self) -> bool:
        """Whether the year asks for any hours."""
        return any(line.asked is not None for line in (self.total, *self.categories))

    @property
    def missing(self) -> Decimal:
        """So many hours at least are to go: those of a category may be among those of the whole."""
        return max(self.total.missing, sum((line.missing for line in self.categories), Decimal(0)))


def not_employed(
    employments: Iterable[tuple[date, date | None]], *, first: date, last: date
) -> list[tuple[date, date]]:
    """The gaps of a period in which no employment ran: before hiring, after leaving, between the two. Pure.

    Nobody whose employment is not known is taken for absent.
    """
    spans, gaps, free = sorted(employments, key=lambda span: span[0]), [], first
    if not spans:
        return []
    for since, until in spans:
        if since > free:
            gaps.append((free, min(since - DAY, last)))
        free = max(free, (until or last) + DAY)
    if free <= last:
        gaps.append((free, last))
    return [(since, until) for since, until in gaps if since <= until]


def quotas_of_year(rows: Iterable[tuple[int, str, Decimal]], year: int) -> dict[str, Decimal]:
    """What a year asks, by category ('' for all): the newest row at or before it counts, 0 ends it. Pure."""
    found: dict[str, Decimal] = {}
    for from_year, category, hours in sorted(rows):
        if from_year <= year:
            found[category] = hours
    return {category: hours for category, hours in found.items() if hours}


def balance_of(
    *,
    year: int,
    done: dict[str, Decimal],
    quotas: dict[str, Decimal],
    absences: Sequence[tuple[date, date | None]],
    on: date,
) -> Balance:
    """The year of one person from its parts. Pure."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    asked = {
        category: asked_in_proportion(hours, first=first, last=last, absences=absences, on=on)
        for category, hours in quotas.items()
    }
    lines = tuple(
        HoursLine(category, done.get(category, Decimal(0)), asked.get(category))
        for category in HourCategory.values
        if category in done or category in asked
    )
    return Balance(
        year=year,
        total=HoursLine("", sum(done.values(), Decimal(0)), asked.get("")),
        categories=lines,
        full=quotas.get(""),
        days_off=days_of_leave(absences, first=first, last=last, on=on) if quotas else 0,
    )


def _worked(
    people: Collection[int], on: date, known: datetime | None = None
) -> QuerySet[HourEntry, tuple[int, int, str, Decimal]]:
    entries = HourEntry.objects.known(known).filter(person__in=people, effective_until__lte=on)
    return entries.values_list("person", "year", "category", "hours")


# Of one person, in all years. Of many each number would have words of its own.
WORKED = PreparedQuery(_worked)


def asks_of_balance(person: int, on: date) -> list[BoundQuery[Any] | None]:
    """What ``balance_for`` asks about the hours of one person."""
    several = [query.bound(people=[person]) for query in (AWAY, EMPLOYED)]
    return [WORKED.bound(people=[person], on=on), *several]


def quotas_in(year: int) -> dict[str, Decimal]:
    """What a year asks, empty where it asks for nothing. One query, none where it was read already."""
    return quotas_of_year(
        shared("quotas", lambda: list(HourQuota.objects.values_list("from_year", "category", "hours"))), year
    )


def balances_for(people: Collection[int], *, year: int, on: date, known: datetime | None = None) -> dict[int, Balance]:
    """The year of many people. Four queries, however many they are."""
    done: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    alone = len(people) == 1 and known is None
    rows = WORKED.rows(people=people, on=on) if alone else _worked(people, on, known).filter(year=year)
    for person, worked_in, category, hours in rows:
        if worked_in == year:
            done[person][category] += hours
    quotas = quotas_in(year)
    leaves = leaves_of(people, known)
    jobs: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for job in jobs_of(people, known):
        jobs[job.person].append((job.since, job.until))
    first, last = date(year, 1, 1), date(year, 12, 31)
    return {
        person: balance_of(
            year=year,
            done=dict(done[person]),
            quotas=quotas,
            absences=[*leaves[person], *not_employed(jobs[person], first=first, last=last)],
            on=on,
        )
        for person in people
    }


def balance_for(person_id: int, *, year: int, on: date) -> Balance:
    return balances_for([person_id], year=year, on=on)[person_id]
