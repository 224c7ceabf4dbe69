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


def fact_digest(row: models.Model, *, as_written: bool = False) -> str:
    """The digest of the row as the database has it, rounded and complete. Raises ``KeyError`` for an unknown kind.

    ``as_written``: the caller made the row, or locked and read all of it, in this transaction and has written what it
    holds; then it is not read again, unless a number of it has more places than the database keeps.
    """
    fact = FACTS[row._meta.label_lower]
    return fact.digest(row if as_written and _is_as_kept(row) else fact.rows().get(pk=row.pk))


def _is_as_kept(row: models.Model) -> bool:
    """Whether each number of the row is as the database gives it back, neither rounded nor of another kind."""
    numbers = [field for field in row._meta.concrete_fields if isinstance(field, models.DecimalField)]
    values = [(field.decimal_places or 0, getattr(row, field.attname)) for field in numbers]
    return all(
        value is None or (isinstance(value, Decimal) and round(value, places) == value) for places, value in values
    )


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
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(part) for part in value]
    return value if value is None or isinstance(value, bool | int) else str(value)
