"""The journal's keys by their ids. A key's id is made from the key, so that no two are mixed up.

An old key is accepted as long as the settings name it.
"""

import hashlib
import hmac

from django.conf import settings


def key_id(key: str) -> str:
    """Twelve signs by which a key is known; they give nothing of it away."""
    return hmac.new(key.encode(), b"id of a key of the journal", hashlib.sha256).hexdigest()[:12]


def known_keys() -> dict[str, str]:
    """The keys of the settings by their ids, today's first."""
    return {key_id(key): key for key in (settings.JOURNAL_KEY, *settings.JOURNAL_KEYS_OLD)}
