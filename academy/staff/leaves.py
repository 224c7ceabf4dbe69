"""The leave of many people, as the pure rules of ``academy.dates.leave_effects`` take it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from academy.models import Leave


def leaves_of(
    people: Collection[int], known: datetime | None = None
) -> defaultdict[int, list[tuple[date, date | None]]]:
    """First and last day of each leave, by person; nothing for one who never was away. One query."""
    found: defaultdict[int, list[tuple[date, date | None]]] = defaultdict(list)
    rows = Leave.objects.known(known).filter(person__in=people)
    for person, first, last in rows.values_list("person", "effective_from", "effective_until"):
        found[person].append((first, last))
    return found
