"""Documents lie outside the media folder, named by their SHA-256, and are on the disk before a row says so."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


def path_of(digest: str, suffix: str = ".pdf") -> Path:
    return Path(settings.PRIVATE_ROOT) / "documents" / digest[:2] / f"{digest}{suffix}"


def store(data: bytes, suffix: str = ".pdf") -> str:
    """Writes and syncs; the same bytes are stored once. Returns the digest."""
    digest = hashlib.sha256(data).hexdigest()
    target = path_of(digest, suffix)
    if target.exists() and target.stat().st_size == len(data):
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o600)
    Path(file.name).replace(target)
    return digest


def read(digest: str) -> bytes:
    """The stored bytes. Raises ``OSError`` when they are gone, ``ValueError`` when they changed."""
    data = path_of(digest).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"the stored document {digest} was changed")
    return data
