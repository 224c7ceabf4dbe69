"""The journal: what was done, by whom and why, sealed into a chain that shows any later change.

An entry is written unchained in the act's own transaction, so that nobody waits for the chain. ``seal_entries``,
called by the clock and by every export, numbers them in order under one lock and signs each with the key.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction

from academy.clock import lock_row
from academy.models import JournalEntry, User

ACTIONS: dict[str, Any] = {}
ERASED = "erased"


def register_action(code: str, label: Any) -> str:
    """Makes an action known. An unregistered action cannot be recorded, so the list of them is complete."""
    ACTIONS[code] = label
    return code


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
) -> JournalEntry:
    """Writes one entry in the caller's transaction. Raises ``KeyError`` for an unregistered action."""
    entry = _entry(action, now=now, actor=actor, about=_reference(about), person_id=person.pk if person else None,
                   payload={"reason": reason, "before": before, "after": after})  # fmt: skip
    entry.save(force_insert=True)
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


def record_many(entries: list[Entry], *, now: datetime, actor: User | None) -> None:
    """Writes the entries of a bulk act in the caller's transaction. Raises ``KeyError`` as ``record`` does."""
    JournalEntry.objects.bulk_create(
        [
            _entry(one.action, now=now, actor=actor, about=one.about, person_id=one.person,
                   payload={"reason": one.reason, "before": one.before, "after": one.after})
            for one in entries
        ],
        batch_size=1000,
    )  # fmt: skip


def _entry(
    action: str, *, now: datetime, actor: User | None, about: str, person_id: int | None, payload: dict[str, Any]
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
        payload_digest=_digest(payload),
    )
    entry.digest = entry_digest(entry)
    return entry


def seal_entries(*, now: datetime, limit: int = 10_000) -> int:
    """Seals what is not sealed yet, oldest first. Returns how many. Idempotent."""
    with transaction.atomic():
        lock_row("journal seal")
        last = JournalEntry.objects.filter(number__isnull=False).order_by("-number").first()
        number, previous = (last.number or 0, last.seal) if last else (0, "")
        entries = list(JournalEntry.objects.filter(number=None).order_by("pk")[:limit])
        for entry in entries:
            number += 1
            entry.number, entry.previous_digest, entry.sealed_at = number, previous, now
            entry.seal = previous = _seal(number, previous, entry.digest)
        JournalEntry.objects.bulk_update(entries, ["number", "previous_digest", "seal", "sealed_at"], batch_size=500)
    return len(entries)


@dataclass(frozen=True)
class BrokenLink:
    """The first entry that does not fit, and why."""

    entry_id: int
    number: int | None
    problem: str


def find_broken_link() -> BrokenLink | None:
    """Walks the chain from its start. None when it holds."""
    expected, previous = 1, ""
    for entry in JournalEntry.objects.filter(number__isnull=False).order_by("number").iterator(chunk_size=2000):
        problem = ""
        if entry.number != expected:
            problem = f"number {expected} is missing"
        elif entry.payload is not None and _digest(entry.payload) != entry.payload_digest:
            problem = "its payload was changed"
        elif entry_digest(entry) != entry.digest:
            problem = "its text was changed"
        elif entry.previous_digest != previous or not hmac.compare_digest(
            entry.seal, _seal(entry.number, previous, entry.digest)
        ):
            problem = "its seal does not fit"
        if problem:
            return BrokenLink(entry_id=entry.pk, number=entry.number, problem=problem)
        expected, previous = expected + 1, entry.seal
    return None


def newest_seal(at: datetime) -> str:
    """The seal that a register's header carries: the newest at or before ``at``, '' when there is none."""
    entry = JournalEntry.objects.filter(sealed_at__lte=at).order_by("-number").only("number", "seal").first()
    return f"{entry.number}:{entry.seal}" if entry else ""


def entry_digest(entry: JournalEntry) -> str:
    """SHA-256 of the entry's canonical text; the payload enters by its own digest, so erasing it breaks nothing."""
    return _digest(
        {
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "action": entry.action,
            "actor": entry.actor_id,
            "person": entry.person_id,
            "about": entry.about,
            "payload": entry.payload_digest,
        }
    )


def _reference(about: models.Model | str) -> str:
    return about if isinstance(about, str) else f"{about._meta.label_lower}:{about.pk}"


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _seal(number: int, previous: str, digest: str) -> str:
    message = f"{number}\n{previous}\n{digest}".encode()
    return hmac.new(settings.JOURNAL_KEY.encode(), message, hashlib.sha256).hexdigest()
