"""Documents lie outside the media folder, named by their SHA-256, and are on the disk before a row says so."""

import hashlib
import io
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from academy.operations.sweeping import PART

# What people handed in lies apart from what was issued, though it may be the same bytes: by kind of file.
SCANS = {"pdf": ".scan.pdf", "jpg": ".scan.jpg"}


def path_of(digest: str, suffix: str = ".pdf") -> Path:
    folder = "scans" if suffix in SCANS.values() else "documents"
    return Path(settings.PRIVATE_ROOT) / folder / digest[:2] / f"{digest}{suffix}"


def store(data: bytes, suffix: str = ".pdf") -> str:
    """Writes and syncs; the same bytes are stored once. Returns the digest."""
    digest = hashlib.sha256(data).hexdigest()
    target = path_of(digest, suffix)
    if not fault_of(digest, suffix):
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=PART, delete=False) as file:
        part = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o600)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return digest


class DocumentFault(OSError):
    """A stored document that cannot be handed out: ``missing`` or ``altered``."""

    def __init__(self, digest: str, problem: str) -> None:
        super().__init__(f"the stored document {digest} is {problem}")
        self.digest, self.problem = digest, problem


MISSING, ALTERED = "missing", "altered"


def read(digest: str, suffix: str = ".pdf") -> bytes:
    """The stored bytes, compared with the digest. Raises ``DocumentFault`` when they are gone or changed."""
    try:
        data = path_of(digest, suffix).read_bytes()
    except OSError as problem:
        raise DocumentFault(digest, MISSING) from problem
    if hashlib.sha256(data).hexdigest() != digest:
        raise DocumentFault(digest, ALTERED)
    return data


def opened(digest: str, suffix: str = ".pdf") -> BinaryIO:
    """What was compared, to be sent: nobody can change the file in between. Raises as ``read``."""
    return io.BytesIO(read(digest, suffix))


def fault_of(digest: str, suffix: str = ".pdf") -> str:
    """``missing``, ``altered`` or '' for a stored document, read piece by piece."""
    try:
        with path_of(digest, suffix).open("rb") as file:
            return "" if hashlib.file_digest(file, "sha256").hexdigest() == digest else ALTERED
    except OSError:
        return MISSING
