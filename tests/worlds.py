"""A world that takes long to load: the starter curriculum, the demo bank. SQLite loads it once and lays copies.

What is loaded is kept for a state of the product's files, so that a second run, a second worker and a second journey take
a copy of its file. A test that says how loading itself behaves calls the command or reads ``said``. PostgreSQL takes over
the rows that SQLite loaded (tests/carried.py), once on a server, and copies its database. Before a release it loads each
world itself (``./run test --everywhere``).
"""

import contextlib
import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from tests import migrated
from tests.moments import NOW

# Journeys live by the machine's clock, whatever it says: the curriculum stands long before.
LONG_AGO = datetime(2024, 1, 8, 2, 0, tzinfo=UTC)
# What is loaded, when, and on top of which other world.
WORLDS = {"starter": ("load_starter_curriculum", LONG_AGO, None), "demo": ("load_demo", NOW, "starter")}
DATABASE, SAID, FILES = "database.sqlite3", "said.txt", "private"
OF_A_SERVER = ("TEST_DATABASE_URL", "DATABASE_URL", "VAR_DIR")


@contextlib.contextmanager
def standing_in(name: str) -> Iterator[None]:
    """The database is the world's as long as this lasts, and behind it what it was before."""
    if connection.vendor != "sqlite":
        with _on_server(name):
            yield
        return
    folder = _folder_of(name)
    copy = Path(f"{connection.settings_dict['NAME']}-{name}")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    try:
        with _database(copy / DATABASE), override_settings(PRIVATE_ROOT=copy / FILES):
            yield
    finally:
        shutil.rmtree(copy, ignore_errors=True)


@contextlib.contextmanager
def _on_server(name: str) -> Iterator[None]:
    """As ``standing_in`` on PostgreSQL: a database of its own, which is a copy of the kept one."""
    with migrated.one_at_a_time(f"worlds-{connection.vendor}-{_mark()}"):
        kept = _kept_on_server(name)
    copy = f"{connection.settings_dict['NAME']}_{name}"
    files = Path(settings.VAR_DIR) / copy
    _copy_database(copy, kept)
    shutil.copytree(_files_of(kept), files)
    try:
        with _database(copy), override_settings(PRIVATE_ROOT=files):
            yield
    finally:
        shutil.rmtree(files, ignore_errors=True)
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def _kept_on_server(name: str) -> str:
    """The database of the loaded world, which nobody connects to; loads it, and what it stands on, where there is none."""
    itself = "loaded" if os.environ.get(migrated.LOADS_ITSELF) else ""
    kept = f"academy_{name}{itself}_{_mark()}"
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [kept])
        if cursor.fetchone() and _files_of(kept).exists():
            return kept
    part = f"{kept}_{os.getpid()}"
    if itself:
        _load_on_server(name, kept, part)
    else:
        _carry_to_server(name, kept, part)
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{kept}"')
        cursor.execute(f'ALTER DATABASE "{part}" RENAME TO "{kept}"')
        migrated.forget_old_databases(cursor, f"academy_{name}{itself}_", keep=kept)
    migrated.forget_old(f"academy_{name}{itself}_*", keep=_files_of(kept))
    return kept


def _load_on_server(name: str, kept: str, part: str) -> None:
    below = WORLDS[name][2]
    under = _kept_on_server(below) if below else migrated.database_name()
    _copy_database(part, under)
    shutil.rmtree(_files_of(kept), ignore_errors=True)
    shutil.copytree(_files_of(under), _files_of(kept)) if below else _files_of(kept).mkdir()
    with _database(part), override_settings(PRIVATE_ROOT=_files_of(kept)):
        _load(name)


def _carry_to_server(name: str, kept: str, part: str) -> None:
    from tests.carried import carry

    folder = _named(name)
    if not folder.exists():
        # In a process that knows SQLite; it waits for whoever is loading already.
        variables = {key: value for key, value in os.environ.items() if key not in OF_A_SERVER}
        subprocess.run([sys.executable, "-m", "tests.worlds"], env=variables, cwd=migrated.ROOT, check=True)
    _copy_database(part, migrated.database_name())
    shutil.rmtree(_files_of(kept), ignore_errors=True)
    shutil.copytree(folder / FILES, _files_of(kept))
    with _database(part), override_settings(PRIVATE_ROOT=_files_of(kept)):
        carry(folder / DATABASE)


def _files_of(kept: str) -> Path:
    """The folder of the files beside a kept database of a server."""
    return migrated.kept_folder() / kept


def _copy_database(name: str, template: str) -> None:
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def stand_committed(name: str) -> None:
    """The database holds the world as if it had been loaded there, for the requests of a browser; SQLite only."""
    connection.close()
    migrated.lay_over(str(connection.settings_dict["NAME"]), _folder_of(name) / DATABASE)
    shutil.copytree(_folder_of(name) / FILES, settings.PRIVATE_ROOT, dirs_exist_ok=True)


def said(name: str) -> str:
    """What the command of a world said when it was loaded."""
    return (_folder_of(name) / SAID).read_text(encoding="utf-8")


def _folder_of(name: str) -> Path:
    """The folder of the loaded world; the first who asks loads it, the others wait."""
    folder = _named(name)
    if not folder.exists():
        with migrated.one_at_a_time(f"worlds-{_mark()}"):
            _load_once(name)
    os.utime(folder)
    return folder


def _named(name: str) -> Path:
    return migrated.kept_folder() / f"academy-{name}-{os.getuid()}-{_mark()}"


def _load_once(name: str) -> None:
    folder = _named(name)
    if folder.exists():
        return
    part = folder.with_name(f"{folder.name}.{os.getpid()}")
    below = WORLDS[name][2]
    if below is not None:
        _load_once(below)
        shutil.copytree(_named(below), part)
    else:
        (part / FILES).mkdir(parents=True)
        shutil.copyfile(migrated.sqlite_file(), part / DATABASE)
    with _database(part / DATABASE), override_settings(PRIVATE_ROOT=part / FILES):
        (part / SAID).write_text(_load(name), encoding="utf-8")
    part.rename(folder)
    migrated.forget_old(f"academy-{name}-{os.getuid()}-*", keep=folder)


def _load(name: str) -> str:
    # The receivers stand where Django is ready, which the settings of a run are not yet.
    from academy.journal import seal_entries
    from tests.indexing import indexed_when_asked

    command, moment, _below = WORLDS[name]
    heard = StringIO()
    with (
        time_machine.travel(moment, tick=True),
        transaction.atomic(),
        indexed_when_asked() as pending,
        pending.waiting(),
    ):
        call_command(command, stdout=StringIO(), stderr=heard)
        pending.settle()
        # As the clock does a minute later. Else each list with a head that a test asks for would seal all of it anew.
        while seal_entries(now=timezone.now()):
            pass
    return heard.getvalue()


@contextlib.contextmanager
def _database(file: Path | str) -> Iterator[None]:
    """Every connection made meanwhile is to this file, or database of that name: they read the one dictionary of settings."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@functools.cache
def _mark() -> str:
    """Names this state of the product: its migrations and every file that a load could read or run."""
    found = hashlib.sha256(migrated.mark().encode())
    for app in migrated.APPS:
        for file in sorted((migrated.ROOT / app).rglob("*")):
            if file.suffix not in (".pyc", ".css", ".js", ".html", ".po", ".mo") and file.is_file():
                found.update(f"{file.relative_to(migrated.ROOT)}\n".encode() + file.read_bytes())
    return found.hexdigest()[:16]


if __name__ == "__main__":
    with migrated.as_a_test():
        migrated.make()
        _folder_of("demo")
