"""A migrated SQLite database, made once for a set of migrations and copied for each run: migrating takes half a minute."""

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


def template() -> Path:
    """Where the database of these migrations lies, or is to be laid."""
    found = hashlib.sha256()
    for library in LIBRARIES:
        found.update(f"{library} {version(library)}\n".encode())
    for app in APPS:
        for file in sorted((ROOT / app / "migrations").glob("*.py")):
            found.update(file.name.encode() + b"\n" + file.read_bytes())
    return (
        Path(quick_folder() or tempfile.gettempdir())
        / f"academy-migrated-{os.getuid()}-{found.hexdigest()[:16]}.sqlite3"
    )


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Of several workers the first migrates and the others wait for its copy."""
    with (Path(tempfile.gettempdir()) / f"academy-migrated-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def lay(name: str) -> None:
    """Lays a copy of the template as the test database; what a broken run left there goes."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(name + suffix).unlink(missing_ok=True)
    shutil.copyfile(template(), name)


def keep(connection) -> None:
    """Keeps the database of a connection as the template; whole or not at all."""
    part = template().with_suffix(f".{os.getpid()}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(part)])
    part.replace(template())
