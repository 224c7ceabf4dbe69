"""A migrated database, made once for a set of migrations and copied for each run and worker: migrating takes a minute."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("academy", "quizzes", "courses", "certificates")
LIBRARIES = ("django", "wagtail", "django-allauth", "django-taggit", "django-tasks-db")


def quick_folder() -> str | None:
    """Memory instead of a disk where there is enough of it: a busy disk makes tests wait, and proves nothing."""
    memory = Path("/dev/shm")
    enough = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 * 2**30
    return str(memory) if enough else None


def mark() -> str:
    """Names these migrations: those of the floors, and the versions of the libraries that bring some."""
    found = hashlib.sha256()
    for library in LIBRARIES:
        found.update(f"{library} {version(library)}\n".encode())
    for app in APPS:
        for file in sorted((ROOT / app / "migrations").glob("*.py")):
            found.update(file.name.encode() + b"\n" + file.read_bytes())
    return found.hexdigest()[:16]


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Of several workers the first migrates and the others wait for its copy; who has other migrations waits for none."""
    with (_folder() / f"academy-migrated-{os.getuid()}-{mark()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
        return
    made = connection.settings_dict["NAME"]
    connection.close()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{database_name()}" TEMPLATE "{made}"')


def sqlite_file() -> Path:
    return _folder() / f"academy-migrated-{os.getuid()}-{mark()}.sqlite3"


def database_name() -> str:
    return f"academy_migrated_{mark()}"


def lay_file(name: str) -> bool:
    if not sqlite_file().exists():
        return False
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(name + suffix).unlink(missing_ok=True)
    shutil.copyfile(sqlite_file(), name)
    return True


def _folder() -> Path:
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
