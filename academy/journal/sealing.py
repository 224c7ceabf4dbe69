"""The chain: number, previous seal, and a seal by the journal's key, whose id stands beside it.

``seal_entries`` is called by the clock and by every export. A key's id is made from the key, so that no two are mixed up:
an old key is accepted as long as the settings name it.
"""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db import transaction

from academy.clock import lock_row
from academy.models import JournalEntry


def key_id(key: str) -> str:
    """Twelve signs by which a key is known; they give nothing of it away."""
    return hmac.new(key.encode(), b"id of a key of the journal", hashlib.sha256).hexdigest()[:12]


def known_keys() -> dict[str, str]:
    """The keys of the settings by their ids, today's first."""
    return {key_id(key): key for key in (settings.JOURNAL_KEY, *settings.JOURNAL_KEYS_OLD)}


def seal_of(key: str, number: int, previous: str, digest: str) -> str:
    message = f"{number}\n{previous}\n{digest}".encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def seal_entries(*, now: datetime, limit: int = 10_000) -> int:
    """Seals what is not sealed yet, oldest first. Returns how many. Idempotent.

    Moments of sealing never go back, whoever waited for the lock and whatever the clock does: who asks for the newest seal
    at a moment that is past gets the same answer for ever.
    """
    key, identity = settings.JOURNAL_KEY, key_id(settings.JOURNAL_KEY)
    with transaction.atomic():
        lock = lock_row("journal seal")
        now = max(now, lock.last_run_at) if lock.last_run_at else now
        last = JournalEntry.objects.filter(number__isnull=False).order_by("-number").first()
        number, previous = (last.number or 0, last.seal) if last else (0, "")
        entries = list(JournalEntry.objects.filter(number=None).order_by("pk")[:limit])
        for entry in entries:
            number += 1
            entry.number, entry.previous_digest, entry.sealed_at = number, previous, now
            entry.key_id = identity
            entry.seal = previous = seal_of(key, number, previous, entry.digest)
        JournalEntry.objects.bulk_update(
            entries, ["number", "previous_digest", "seal", "sealed_at", "key_id"], batch_size=500
        )
        lock.last_run_at = now
        lock.save(update_fields=["last_run_at"])
    return len(entries)


def newest_seal(at: datetime) -> str:
    """``number:seal`` of the newest entry sealed at or before ``at``, '' when there is none."""
    entry = JournalEntry.objects.filter(sealed_at__lte=at).order_by("-number").only("number", "seal").first()
    return f"{entry.number}:{entry.seal}" if entry else ""
