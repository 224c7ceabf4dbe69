"""Is everything prepared already? Answered from a digest in a tenth of a second, before Django is loaded; else prepares.

The digest is of every file of the four floors, of the libraries, and of what the environment turns on. It stands in the
database together with the count of its migrations, so that a restored or an emptied database is prepared anew, and in a
file with what ``prepare`` prints. Whatever is not as it was, or cannot be asked, leads to ``manage.py prepare``.
"""

import hashlib
import json
import os
import site
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from academy.operations.environment import Environment

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ("academy", "quizzes", "courses", "certificates")
MARK, NAME = "prepared.json", "prepared: everything"
ASKED = "SELECT file_digest FROM courses_starterrecord WHERE path = 'prepared: everything'"
MIGRATIONS = "SELECT COUNT(*), MAX(id) FROM django_migrations"
# What of the environment says what is prepared, and where.
SETTINGS = ("DEBUG", "DEMO", "VAR_DIR")


def var_folder() -> Path:
    return Path(Environment().text("VAR_DIR") or ROOT / "var")


def digest_of_code(root: Path = ROOT) -> str:
    """Of the content of each file that may change what is prepared."""
    found = hashlib.sha256(sys.version.encode())
    for folder in site.getsitepackages():
        found.update(
            "\n".join(
                sorted(folder_of_a_package.name for folder_of_a_package in Path(folder).glob("*.dist-info"))
            ).encode()
        )
    for name in SETTINGS:
        found.update(f"{name}={Environment().text(name)}\0".encode())
    # Of the address only what stands in the addresses of static files.
    found.update(urlsplit(Environment().text("BASE_URL")).path.encode())
    for floor in FLOORS:
        for path in sorted(file for file in (root / floor).rglob("*") if file.suffix != ".pyc" and file.is_file()):
            found.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    collected = var_folder() / "static" / ".prepared"
    found.update(collected.read_bytes() if collected.exists() else b"")
    return found.hexdigest()


def keep(greeting: str, applied: tuple[Any, ...]) -> str:
    """Writes the file, and returns the digest that the database is to keep."""
    digest = _sealed(digest_of_code(), applied)
    part = var_folder() / f"{MARK}.part"
    part.write_text(json.dumps({"digest": digest, "greeting": greeting}))
    part.replace(var_folder() / MARK)
    return digest


def greeting_of_prepared() -> str | None:
    """What ``prepare`` would print, or None where it must look."""
    try:
        kept = json.loads((var_folder() / MARK).read_text())
        with closing(_connect(Environment().database(folder=var_folder()))) as connection:
            cursor = connection.cursor()
            cursor.execute(ASKED)
            stored = cursor.fetchone()
            cursor.execute(MIGRATIONS)
            applied = cursor.fetchone()
        sound = stored is not None and stored[0] == kept["digest"] == _sealed(digest_of_code(), applied)
        return str(kept["greeting"]) if sound else None
    except Exception:
        # Whatever it is, prepare meets it too and says it in its own words.
        return None


def _sealed(code: str, applied: Any) -> str:
    return hashlib.sha256(f"{code} {tuple(applied)}".encode()).hexdigest()


def _connect(database: dict[str, Any]) -> Any:
    if database["ENGINE"].endswith("sqlite3"):
        import sqlite3

        # Read only: one that is not there is not made by asking.
        return sqlite3.connect(f"{Path(database['NAME']).as_uri()}?mode=ro", uri=True, timeout=5)
    import psycopg

    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    values = {key: database[name] for key, name in names.items() if database[name]}
    return psycopg.connect(**values, **database["OPTIONS"])


if __name__ == "__main__":
    said = greeting_of_prepared()
    if said is None:
        os.execv(sys.executable, [sys.executable, "manage.py", "prepare"])  # noqa: S606  # nosec B606
    print(said, end="")  # noqa: T201
