"""A backup stands up again in an empty place: keys first, then everything is compared, then it is put in place."""

import hashlib
import json
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from academy.models import User
from academy.operations import dumping
from academy.operations.backup import CHUNK, FORMAT, MANIFEST, applied_migrations, folders, keys_at_hand
from academy.operations.migrating import taken_over


class Refused(Exception):
    """Why nothing was restored; nothing was changed."""


def restore_backup(*, file: Path, replace: bool, now: datetime) -> dict[str, Any]:
    """Returns the manifest. With ``replace`` what stood here is put aside (files) or goes (database)."""
    try:
        archive = zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as fault:
        raise Refused(f"{file} is no whole backup of the academy ({fault}).") from fault
    with archive:
        return _restore(archive, file=file, replace=replace, now=now)


def _restore(archive: zipfile.ZipFile, *, file: Path, replace: bool, now: datetime) -> dict[str, Any]:
    try:
        manifest = json.loads(archive.read(MANIFEST))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as fault:
        raise Refused(f"{file} is no whole backup of the academy ({fault}).") from fault
    if manifest.get("format") != FORMAT:
        raise Refused(f"{file} was made by another version (format {manifest.get('format')}).")
    _demand_keys(manifest)
    if manifest["database"] != connection.vendor:
        raise Refused(f"The backup is of {manifest['database']}, DATABASE_URL names {connection.vendor}.")
    if connection.vendor == "sqlite":
        Path(connection.settings_dict["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    if not replace:
        _demand_empty_place()
    _put_in_place(archive, manifest, now)
    return manifest


def _demand_keys(manifest: dict[str, Any]) -> None:
    known, problems = keys_at_hand(), []
    for name, wanted in manifest["keys"].items():
        # A key that was changed since may seal no more, but must still prove.
        have = known.get(name, set()) | (
            known["JOURNAL_KEY"] | known["JOURNAL_KEYS_OLD"] if "JOURNAL" in name else set()
        )
        problems += [f"{name} with the id {identity}" for identity in wanted if identity not in have]
    if problems:
        raise Refused(
            f"Missing: {'; '.join(problems)}. Set the keys of the installation that was backed up; "
            "former journal keys stand in JOURNAL_KEYS_OLD."
        )


def _demand_empty_place() -> None:
    taken = [str(folder) for folder in folders().values() if folder.exists() and any(folder.iterdir())]
    if User._meta.db_table in connection.introspection.table_names() and User.objects.exists():
        taken.append("the database")
    if taken:
        raise Refused(f"This is no empty place: {', '.join(taken)}. With --replace what is there makes way.")


def _put_in_place(archive: zipfile.ZipFile, manifest: dict[str, Any], now: datetime) -> None:
    parent = next(iter(folders().values())).parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".restoring-") as room:
        for name, digest in manifest["files"].items():
            _unpack(archive, name, digest, Path(room))
        _restore_database(manifest, Path(room))
        for prefix, place in folders().items():
            if place.exists() and any(place.iterdir()):
                place.rename(place.with_name(f"{place.name}.before-{now:%Y%m%d%H%M%S}"))
            elif place.exists():
                place.rmdir()
            fresh = Path(room) / prefix
            fresh.mkdir(exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh.rename(place)


def _restore_database(manifest: dict[str, Any], room: Path) -> None:
    if connection.vendor == "sqlite":
        dumping.restore_sqlite(source=room / dumping.SQLITE_FILE)
        return
    call_command("migrate", verbosity=0, interactive=False)
    if set(applied_migrations()) != taken_over(set(manifest["migrations"])):
        raise Refused("The backup was made by another version of the academy. Restore with that one, then update.")
    dumping.restore_postgresql(sources={path.stem: path for path in sorted((room / "database").glob("*.copy"))})


def _unpack(archive: zipfile.ZipFile, name: str, digest: str, room: Path) -> None:
    target = room / name
    if not target.resolve().is_relative_to(room.resolve()):
        raise Refused(f"The backup holds a name that leads elsewhere: {name}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    try:
        with archive.open(name) as source, target.open("wb") as written:
            for chunk in iter(lambda: source.read(CHUNK), b""):
                found.update(chunk)
                written.write(chunk)
    except (KeyError, zipfile.BadZipFile) as fault:
        raise Refused(f"The backup is damaged at {name} ({fault}).") from fault
    if found.hexdigest() != digest:
        raise Refused(f"The backup is damaged at {name}: its digest is another.")
    target.chmod(0o600 if name.startswith("private/") else 0o640)
