"""From when the journal speaks of every row of a kind: rows from before get one entry each, once.

That coverage began stands in a sealed entry of the kind. From then on a row without an entry was smuggled in, whatever
day it says it was written on.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import lock_row
from academy.journal.facts import FACTS, Fact
from academy.journal.recording import record, record_standing, register_action
from academy.models import JournalEntry

BATCH = 500
FOUND = register_action("journal.found", _("There already when coverage began"))
BEGAN = register_action("journal.coverage_began", _("Coverage by the journal began"))


def entries_of(fact: Fact) -> QuerySet[JournalEntry]:
    # The second condition is the index's own.
    return JournalEntry.objects.filter(fact__startswith=f"{fact.label}:").exclude(fact="")


def covered_kinds() -> set[str]:
    """The kinds of facts whose every row must have an entry."""
    return set(JournalEntry.objects.filter(action=BEGAN).values_list("about", flat=True))


def without_entry(fact: Fact) -> Iterator[list[tuple[int, datetime | None]]]:
    """Key and day of the standing rows that no entry speaks of, batch by batch."""
    rows: Any = fact.standing(fact.rows()).order_by("pk").values_list("pk", fact.since).iterator(chunk_size=2000)
    for batch in batched(rows, BATCH):
        spoken = _spoken(fact, [key for key, _since in batch])
        yield [(key, since) for key, since in batch if key not in spoken]


def is_older(fact: Fact) -> Callable[[datetime | None], bool]:
    """Tells a row from before the kind had entries by its day."""
    first: datetime | None = entries_of(fact).aggregate(first=Min("at"))["first"]
    return lambda since: first is None or since is None or since <= first


def begin_coverage(*, now: datetime) -> int:
    """Gives every older row without an entry one, once a kind. Returns how many. Idempotent; a killed run goes on.

    A row younger than the first entry of its kind gets none: it stays a finding.
    """
    written = 0
    for label, fact in FACTS.items():
        if label in covered_kinds():
            continue
        older = is_older(fact)
        for batch in without_entry(fact):
            written += _write(fact, [key for key, since in batch if older(since)], now)
        with transaction.atomic():
            lock_row("journal coverage")
            if label not in covered_kinds():
                count = JournalEntry.objects.filter(action=FOUND, about__startswith=f"{label}:").count()
                record(BEGAN, now=now, actor=None, about=label, after={"found": count})
    return written


def _write(fact: Fact, keys: list[int], now: datetime) -> int:
    with transaction.atomic():
        # Who changes one of the rows meanwhile has written its entry by the time the lock is given.
        list(fact.model._base_manager.select_for_update().filter(pk__in=keys).values_list("pk", flat=True))
        spoken = _spoken(fact, keys)
        rows = [row for row in fact.rows().filter(pk__in=keys).order_by("pk") if row.pk not in spoken]
        record_standing(FOUND, [(row, fact.digest(row)) for row in rows], now=now)
    return len(rows)


def _spoken(fact: Fact, keys: list[int]) -> set[int]:
    references = {f"{fact.label}:{key}": key for key in keys}
    said = entries_of(fact).filter(fact__in=references).values_list("fact", flat=True)
    return {references[name] for name in said}
