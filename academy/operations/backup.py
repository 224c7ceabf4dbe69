"""One file with all that is needed to stand up again: the database, private and public files, of the keys the ids only.

Consistent while people write: the database is read in one snapshot, and the files after it. Documents are named by
their digest and on the disk before the row that names them is committed, so whatever the snapshot names is there.
"""

import hashlib
import json
import os
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from academy.journal.keys import key_id
from academy.models import JournalEntry
from academy.operations import dumping
from academy.operations.sweeping import PART

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 2**20


def folders() -> dict[str, Path]:
    """Name in the file, and where it lies here. Static files and logs are made anew."""
    return {"private": Path(settings.PRIVATE_ROOT), "media": Path(settings.MEDIA_ROOT)}


def keys_in_use() -> dict[str, list[str]]:
    """Ids of the keys without which the restored academy cannot prove or read what it holds; never a key."""
    journal = set(JournalEntry.objects.exclude(key_id="").values_list("key_id", flat=True))
    return {
        "SECRET_KEY": [key_id(settings.SECRET_KEY)],
        "JOURNAL_KEY": [key_id(settings.JOURNAL_KEY)],
        "JOURNAL_KEYS_OLD": sorted(journal - {key_id(settings.JOURNAL_KEY)}),
    }


def keys_at_hand() -> dict[str, set[str]]:
    return {
        "SECRET_KEY": {key_id(settings.SECRET_KEY)},
        "JOURNAL_KEY": {key_id(settings.JOURNAL_KEY)},
        "JOURNAL_KEYS_OLD": {key_id(key) for key in settings.JOURNAL_KEYS_OLD},
    }


def write_backup(*, file: Path, now: datetime) -> dict[str, int]:
    """Writes the file, whole or not at all. Returns how many tables, rows and files it holds.

    Raises ``OSError`` when there is no room; what was written until then is removed.
    """
    part = file.with_name(file.name + PART)
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            with dumping.snapshot(folder=file.parent) as database:
                manifest: dict[str, Any] = {
                    "format": FORMAT,
                    "made_at": now.isoformat(),
                    "database": connection.vendor,
                    "migrations": applied_migrations(),
                    "keys": keys_in_use(),
                    "rows": {},
                    "files": {},
                }
                for name, chunks, rows in database.parts():
                    manifest["files"][name] = _write(archive, name, chunks)
                    manifest["rows"].update(rows())
            for prefix, folder in folders().items():
                for path in sorted(folder.rglob("*")):
                    if path.is_file() and not path.is_symlink() and path.suffix != PART:
                        name = f"{prefix}/{path.relative_to(folder).as_posix()}"
                        digest = _write_file(archive, name, path)
                        if digest is not None:
                            manifest["files"][name] = digest
            archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.chmod(0o600)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return {
        "tables": len(manifest["rows"]),
        "rows": sum(manifest["rows"].values()),
        "files": sum(not name.startswith("database/") for name in manifest["files"]),
    }


def applied_migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _write(archive: zipfile.ZipFile, name: str, chunks: Any) -> str:
    found = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as target:
        for chunk in chunks:
            found.update(chunk)
            target.write(chunk)
    return found.hexdigest()


def _write_file(archive: zipfile.ZipFile, name: str, path: Path) -> str | None:
    """None for a file that went since it was listed: an export that was cleared away meanwhile."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return None
    with source:
        return _write(archive, name, iter(lambda: source.read(CHUNK), b""))
