"""Canonical texts and their SHA-256. Pure."""

import hashlib
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from academy.models import JournalEntry


def digest_of(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def entry_digest(entry: "JournalEntry") -> str:
    """SHA-256 of the entry's canonical text; the payload enters by its own digest, so erasing it breaks nothing.

    The fact enters only where there is one: entries from before facts had digests keep theirs.
    """
    text: dict[str, Any] = {
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "action": entry.action,
        "actor": entry.actor_id,
        "person": entry.person_id,
        "about": entry.about,
        "payload": entry.payload_digest,
    }
    if entry.fact:
        text["fact"] = [entry.fact, entry.fact_digest]
    return digest_of(text)
