"""The store of documents compared with its digests: what is missing, altered, or belongs to nothing."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from django.conf import settings

from certificates.document import storage
from certificates.models import Certificate, OutsideDocument

BATCH = 500
ORPHANED = "orphaned"
# A file so young may belong to a certificate whose row is being written.
YOUNG_SECONDS = 600


@dataclass(frozen=True)
class StoreFault:
    """One document or file. ``problem`` is missing, altered or orphaned; ``serial`` is that of a certificate, or the kind of an
    outside document, '' for what belongs to nothing."""

    problem: str
    serial: str
    name: str

    def __str__(self) -> str:
        return f"{self.problem}: {self.serial or 'no certificate'} ({self.name})"


def faults_of_store() -> Iterator[StoreFault]:
    """Every fault, one by one; memory does not grow with the store."""
    stored = Certificate.objects.exclude(pdf_digest="").filter(erased_at=None)
    for serial, digest in stored.order_by("pk").values_list("serial", "pdf_digest").iterator(chunk_size=2000):
        problem = storage.fault_of(digest)
        if problem:
            yield StoreFault(problem, serial, digest)
    scans = (
        OutsideDocument.objects.exclude(scan_kind="")
        .order_by("pk")
        .values_list("kind__code", "scan_digest", "scan_kind")
    )
    for code, digest, kind in scans.iterator(chunk_size=2000):
        problem = storage.fault_of(digest, storage.SCANS[kind])
        if problem:
            yield StoreFault(problem, code, digest)
    for files in batched(_files(), BATCH):
        known = set(stored.filter(pdf_digest__in=[file.stem for file in files]).values_list("pdf_digest", flat=True))
        for file in files:
            if file != storage.path_of(file.stem) or file.stem not in known:
                yield StoreFault(ORPHANED, "", str(file.relative_to(settings.PRIVATE_ROOT)))


def stored_documents() -> int:
    return Certificate.objects.exclude(pdf_digest="").filter(erased_at=None).count()


def _files() -> Iterator[Path]:
    now = time.time()
    for file in sorted((Path(settings.PRIVATE_ROOT) / "documents").glob("*/*")):
        try:
            if file.is_file() and now - file.stat().st_mtime > YOUNG_SECONDS:
                yield file
        except FileNotFoundError:
            continue
