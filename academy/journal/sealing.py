"""The chain: number, previous seal, and a seal by the journal's key, whose id stands beside it.

``seal_entries`` is called by the clock and by every export. Only what the academy recorded is sealed; what has no right
mark stays aside and raises an alarm, and the entries after it go on.
"""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.calendar.clock import lock_row
from academy.doors import by_name
from academy.journal.keys import key_id, known_keys
from academy.journal.marks import Fault, fault_of
from academy.models import JournalEntry


def seal_of(key: str, number: int, previous: str, digest: str, mark: str = "") -> str:
    """Entries from before there were marks have none, and their seals keep."""
    message = "\n".join([str(number), previous, digest, *([mark] if mark else [])]).encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def waiting_entries() -> Iterator[tuple[JournalEntry, Fault | None]]:
    """What is not sealed yet, oldest first, and what is wrong with it. One query."""
    keys = known_keys()
    for entry in JournalEntry.objects.filter(number=None).order_by("pk").iterator(chunk_size=2000):
        yield entry, fault_of(entry, keys)


def seal_entries(*, now: datetime, limit: int = 10_000) -> int:
    """Seals what is not sealed yet, oldest first. Returns how many. Idempotent.

    Moments of sealing never go back, whoever waited for the lock and whatever the clock does: who asks for the newest seal
    at a moment that is past gets the same answer for ever.
    """
    key, identity = settings.JOURNAL_KEY, key_id(settings.JOURNAL_KEY)
    unproven: list[tuple[JournalEntry, Fault]] = []
    with transaction.atomic():
        lock = lock_row("journal seal")
        now = max(now, lock.last_run_at) if lock.last_run_at else now
        last = JournalEntry.objects.filter(number__isnull=False).order_by("-number").first()
        number, previous = (last.number or 0, last.seal) if last else (0, "")
        entries = list(islice(_proven(unproven), limit))
        for entry in entries:
            number += 1
            entry.number, entry.previous_digest, entry.sealed_at = number, previous, now
            entry.key_id = identity
            entry.seal = previous = seal_of(key, number, previous, entry.digest, entry.mark)
        JournalEntry.objects.bulk_update(
            entries, ["number", "previous_digest", "seal", "sealed_at", "key_id"], batch_size=500
        )
        lock.last_run_at = now
        lock.save(update_fields=["last_run_at"])
    if unproven:
        # The notices' module is a reader of the journal.
        by_name("academy.notices.journal_alarms.raise_alarm")(unproven, now=now)
    return len(entries)


def _proven(unproven: list[tuple[JournalEntry, Fault]]) -> Iterator[JournalEntry]:
    for entry, fault in waiting_entries():
        if fault is None:
            yield entry
        else:
            unproven.append((entry, fault))


def newest_seal(at: datetime) -> str:
    """``number:seal`` of the newest entry sealed at or before ``at``, '' when there is none."""
    entry = JournalEntry.objects.filter(sealed_at__lte=at).order_by("-number").only("number", "seal").first()
    return f"{entry.number}:{entry.seal}" if entry else ""


def head_line(*, now: datetime) -> tuple[str, str]:
    """The line of every list and archive that leaves: its label, and number and seal of the newest entry as it is made.

    Registers, which give the same bytes again, name the newest of their own moment by ``newest_seal``.
    """
    seal_entries(now=now)
    return _("Seal"), newest_seal(max(now, timezone.now()))
