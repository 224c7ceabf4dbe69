"""What an entry says of a row: a digest of the fact as it was written, so that a change by SQL is seen.

A floor registers each kind of fact once, with what of it must never change without an entry. Texts that an erasure may
empty (reasons, names) are left out: they stand in the entry's payload, which has a digest of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models.query import QuerySet

from academy.journal.digests import digest_of


@dataclass(frozen=True)
class Fact:
    """One kind of fact.

    ``rows`` are all of them, with what ``told`` reads; ``told`` is what the digest is made of. ``since`` is a field: a
    row without an entry that is younger by it than the first entry of its kind is a finding, an older one is not covered.
    ``standing`` narrows to the rows that must have an entry.
    """

    model: type[models.Model]
    rows: Callable[[], QuerySet]
    told: Callable[[Any], dict[str, Any]]
    since: str
    standing: Callable[[QuerySet], QuerySet] = lambda rows: rows
    # What digests were made of before: an entry of then proves what it spoke of, and no more.
    told_before: tuple[Callable[[Any], dict[str, Any]], ...] = ()

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    def digest(self, row: Any) -> str:
        return _digest(self.told(row))

    def is_as_told(self, row: Any, digest: str) -> bool:
        """Whether the row is still what an entry with this digest says."""
        return any(_digest(told(row)) == digest for told in (self.told, *self.told_before))


def _digest(told: dict[str, Any]) -> str:
    return digest_of({name: plain(value) for name, value in told.items()})


FACTS: dict[str, Fact] = {}


def register_fact(fact: Fact) -> Fact:
    FACTS[fact.label] = fact
    return fact


def fact_digest(row: models.Model) -> str:
    """The digest of the row as the database has it, rounded and complete. Raises ``KeyError`` for an unknown kind."""
    fact = FACTS[row._meta.label_lower]
    return fact.digest(fact.rows().get(pk=row.pk))


def reference_to(about: models.Model | str) -> str:
    return about if isinstance(about, str) else f"{about._meta.label_lower}:{about.pk}"


def plain(value: Any) -> Any:
    """A value in the one form in which every database gives it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int) else str(value)
