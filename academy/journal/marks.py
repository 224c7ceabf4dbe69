"""The mark that an entry gets when it is recorded: only the academy, which has the key, can make one.

Without it a row put into the table by SQL, with a right digest, would be sealed by the next minute and proven by the chain
from then on. A mark is used once, so that an entry cannot be copied either: it holds a random part of its own, the table
takes no mark twice, and the seal covers it.
"""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from academy.journal.digests import digest_of, entry_digest
from academy.journal.keys import key_id
from academy.models import JournalEntry


class Fault(models.TextChoices):
    """Why an entry that waits for its seal is not sealed."""

    PAYLOAD = "payload", _("Its reason, before or after was changed")
    TEXT = "text", _("Its text was changed")
    UNMARKED = "unmarked", _("It has no mark: the academy did not record it")
    KEY = "key", _("Its mark was made with a key that is not known; name it in JOURNAL_KEYS_OLD")
    MARK = "mark", _("Its mark does not fit: the academy did not record it so")


def mark_of(key: str, once: str, digest: str) -> str:
    message = f"recorded\n{once}\n{digest}".encode()
    return f"{once}:{hmac.new(key.encode(), message, hashlib.sha256).hexdigest()}"


def mark(entry: JournalEntry) -> None:
    """Marks the entry, whose digest stands, with today's key. Asks the database nothing."""
    entry.key_id = key_id(settings.JOURNAL_KEY)
    entry.mark = mark_of(settings.JOURNAL_KEY, secrets.token_hex(8), entry.digest)


def fault_of(entry: JournalEntry, keys: dict[str, str]) -> Fault | None:
    """What is wrong with an entry that is not sealed yet, None where the academy recorded it as it stands."""
    if entry.payload is not None and digest_of(entry.payload) != entry.payload_digest:
        return Fault.PAYLOAD
    if entry_digest(entry) != entry.digest:
        return Fault.TEXT
    if not entry.mark:
        return Fault.UNMARKED
    if entry.key_id not in keys:
        return Fault.KEY
    made = mark_of(keys[entry.key_id], entry.mark.partition(":")[0], entry.digest)
    return None if hmac.compare_digest(made.encode(), entry.mark.encode()) else Fault.MARK
