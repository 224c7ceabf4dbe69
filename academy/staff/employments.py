"""The employments of many people, as plain rows."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from django.db.models.query import QuerySet

from academy.models import Employment
from academy.requests.prepared import PreparedQuery


class EmploymentSpan(NamedTuple):
    """``in_finance_since`` is what was said at hiring, None where nothing was."""

    person: int
    since: date
    until: date | None
    in_finance_since: date | None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or self.until >= day)


def _spans(people: Collection[int], known: datetime | None = None) -> QuerySet:
    rows = Employment.objects.known(known).filter(person__in=people).order_by("effective_from")
    return rows.values_list("person", "effective_from", "effective_until", "in_finance_since")


EMPLOYED = PreparedQuery(_spans)


def jobs_of(people: Collection[int], known: datetime | None = None) -> list[EmploymentSpan]:
    """Each employment, the earliest first. One query."""
    return [EmploymentSpan(*row) for row in (EMPLOYED.rows(people=people) if known is None else _spans(people, known))]
