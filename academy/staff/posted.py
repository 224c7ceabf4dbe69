"""Where somebody worked on a day; of one who has left by then, where that was last."""

from datetime import date, datetime

from django.db.models import OuterRef, Subquery
from django.db.models.query import QuerySet

from academy.models import Posting


def begun_postings(day: date, known: datetime | None) -> QuerySet[Posting]:
    """Postings that had begun by the day, the newest last."""
    return Posting.objects.known(known).filter(effective_from__lte=day).order_by("effective_from", "pk")


def last_branch(day: date, known: datetime | None, person: str = "person") -> Subquery:
    """The branch of the primary post that was the last to begin, for rows whose ``person`` leads to the person."""
    return Subquery(_last(day, known, person).values("branch")[:1])


def last_position(day: date, known: datetime | None, person: str = "person") -> Subquery:
    """The name of the position of that post."""
    return Subquery(_last(day, known, person).values("position__name")[:1])


def _last(day: date, known: datetime | None, person: str) -> QuerySet[Posting]:
    return begun_postings(day, known).filter(primary=True, person=OuterRef(person)).reverse()
