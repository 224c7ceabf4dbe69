"""The signature that both directions of the gateway carry: HMAC-SHA256 over the moment and the body."""

import hashlib
import hmac
from datetime import datetime

SCHEME = "v1"
# A call that was overheard is of no use after this.
TOLERANCE_SECONDS = 300


def signature_of(*, secret: str, timestamp: str, body: bytes) -> str:
    """``v1=`` and 64 hex digits of HMAC-SHA256(secret, timestamp + "." + body)."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"{SCHEME}={digest}"


def is_signed(*, secret: str, timestamp: str, signature: str, body: bytes, now: datetime) -> bool:
    """True for a signature that fits and a moment within five minutes of ``now``."""
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = signature_of(secret=secret, timestamp=timestamp, body=body)
    return hmac.compare_digest(expected.encode(), signature.encode())
