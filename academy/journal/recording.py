"""One entry an act, written unchained in the act's own transaction, so that nobody waits for the chain.

``record`` refuses to write outside of a transaction: an act and its entry stand or fall together, and an act that a rule
refuses leaves no entry.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext_lazy as _

from academy.journal.digests import digest_of, entry_digest
from academy.journal.facts import fact_digest, reference_to
from academy.journal.marks import mark
from academy.models import JournalEntry, User
from academy.requests.prepared_writes import PreparedInsert

ACTIONS: dict[str, Any] = {}
NEW = PreparedInsert(JournalEntry)


def register_action(code: str, label: Any) -> str:
    """Makes an action known. An unregistered action cannot be recorded, so the list of them is complete."""
    ACTIONS[code] = label
    return code


ALONG = register_action("journal.along", _("Changed by the same act"))


def record(
    action: str,
    *,
    now: datetime,
    actor: User | None,
    about: models.Model | str = "",
    person: User | None = None,
    reason: str = "",
    before: Any = None,
    after: Any = None,
    fact: models.Model | None = None,
    also: Iterable[models.Model | None] = (),
    as_written: bool = False,
) -> JournalEntry:
    """Writes one entry in the caller's transaction, where it may wait (``written_together``) and then has no key yet; ``fact`` is the row whose digest it holds, as it stands now, and read
    again but where the caller made it in this transaction and it is ``as_written`` (``fact_digest``).

    ``also`` are further rows that the act wrote: each gets an entry of its own, which proves it.

    Raises ``KeyError`` for an unregistered action or kind of fact, ``TransactionManagementError`` outside of one.
    """
    _demand_transaction()
    entry = _entry(
        action,
        now=now,
        actor=actor,
        about=reference_to(about),
        person_id=person.pk if person else None,
        payload={"reason": reason, "before": before, "after": after},
        fact=fact,
        found=fact_digest(fact, as_written=True) if fact is not None and as_written else "",
    )
    NEW.add(entry)
    rows = [row for row in also if row is not None]
    if rows:
        further = [
            Entry(
                ALONG, about=reference_to(row), person=entry.person_id, reason=reason, after={"act": action}, fact=row
            )
            for row in rows
        ]
        record_many(further, now=now, actor=actor)
    return entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of many: ``about`` is a reference and ``person`` a key."""

    action: str
    about: str
    person: int | None = None
    reason: str = ""
    before: Any = None
    after: Any = None
    fact: models.Model | None = None
    # The fact was made or locked in this transaction and is as it was written (``fact_digest``).
    as_written: bool = False


def record_many(entries: list[Entry], *, now: datetime, actor: User | None) -> None:
    """Writes the entries of a bulk act in the caller's transaction. Raises as ``record`` does."""
    _demand_transaction()
    rows = [
        _entry(
            entry.action,
            now=now,
            actor=actor,
            about=entry.about,
            person_id=entry.person,
            payload={"reason": entry.reason, "before": entry.before, "after": entry.after},
            fact=entry.fact,
            found=fact_digest(entry.fact, as_written=True) if entry.fact is not None and entry.as_written else "",
        )
        for entry in entries
    ]
    if len(rows) == 1:
        NEW.add(rows[0])
    else:
        JournalEntry.objects.bulk_create(rows, batch_size=1000)


def record_standing(action: str, facts: list[tuple[models.Model, str]], *, now: datetime) -> None:
    """Writes one entry a row as it was found, in the caller's transaction; each comes with its digest. Raises as ``record``."""
    _demand_transaction()
    JournalEntry.objects.bulk_create(
        [
            _entry(
                action, now=now, actor=None, about=reference_to(row), person_id=None, payload={}, fact=row, found=digest
            )
            for row, digest in facts
        ],
        batch_size=1000,
    )


def _demand_transaction() -> None:
    # The blocks that a test case opens around everything are no transaction of the act.
    blocks = transaction.get_connection().atomic_blocks
    if all(getattr(block, "_from_testcase", False) for block in blocks):
        raise TransactionManagementError("An act and its journal entry stand in one transaction.")


def _entry(
    action: str,
    *,
    now: datetime,
    actor: User | None,
    about: str,
    person_id: int | None,
    payload: dict[str, Any],
    fact: models.Model | None = None,
    found: str = "",
) -> JournalEntry:
    if action not in ACTIONS:
        raise KeyError(f"journal action {action!r} is not registered")
    payload = json.loads(json.dumps(payload, default=str))
    entry = JournalEntry(
        at=now,
        action=action,
        actor=actor,
        person_id=person_id,
        about=about,
        payload=payload,
        payload_digest=digest_of(payload),
    )
    if fact is not None:
        entry.fact, entry.fact_digest = reference_to(fact), found or fact_digest(fact)
    entry.digest = entry_digest(entry)
    mark(entry)
    return entry
