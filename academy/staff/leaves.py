"""The leave of many people, as the pure rules of ``academy.dates.leave_effects`` take it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from django.db.models.query import QuerySet

from academy.models import Leave
from academy.requests.kept.presence import none_of
from academy.requests.prepared import PreparedQuery


def _spans(people: Collection[int], known: datetime | None = None) -> QuerySet[Leave, tuple[int, date, date | None]]:
    rows = Leave.objects.known(known).filter(person__in=people)
    return rows.values_list("person", "effective_from", "effective_until")


AWAY = PreparedQuery(_spans)


def leaves_of(
    people: Collection[int], known: datetime | None = None
) -> defaultdict[int, list[tuple[date, date | None]]]:
    """First and last day of each leave, by person; nothing for one who never was away. One query."""
    found: defaultdict[int, list[tuple[date, date | None]]] = defaultdict(list)
    if none_of(Leave, people):
        return found
    for person, first, last in AWAY.rows(people=people) if known is None else _spans(people, known):
        found[person].append((first, last))
    return found
