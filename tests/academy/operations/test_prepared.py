"""A second start finds at once what the first prepared, and notices whatever changed since."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from academy.operations.prepared import FLOORS
from tests.academy.operations.test_serve import CURRICULUM_STANDS, HALF_WRITTEN
from tests.migrated import lay_file, one_at_a_time
from tests.served import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.real_clock]


class Installation:
    def __init__(self, folder: Path) -> None:
        self.code, self.var = folder / "code", folder / "var"
        self.var.mkdir()
        for floor in FLOORS:
            shutil.copytree(ROOT / floor, self.code / floor, ignore=HALF_WRITTEN)
        shutil.copy(ROOT / "manage.py", self.code)
        self.database = self.var / "academy.sqlite3"
        with one_at_a_time():
            lay_file(str(self.database))
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment = {
            **kept,
            "VAR_DIR": str(self.var),
            "SECRET_KEY": "s" * 50,
            "JOURNAL_KEY": "j" * 50,
            "DEBUG": "1",
            "DEMO": "0",
            "ALLOWED_HOSTS": "127.0.0.1",
            "BASE_URL": "https://academy.bank.example",
        }

    def run(self, *arguments: str, **settings: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.code,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout + done.stderr

    def is_found(self, **settings: str) -> bool:
        """Whether the next start takes what stands for prepared."""
        asked = "from academy.operations.prepared import greeting_of_prepared as found; print(found() is not None)"
        return self.run("-c", asked, **settings).strip() == "True"


def test_what_stands_is_found_before_django_is_loaded_and_what_changed_is_noticed(tmp_path):
    it = Installation(tmp_path)
    assert not it.is_found()
    it.run("-c", CURRICULUM_STANDS)
    # Collecting takes long and is the business of test_serve; here only its mark counts.
    collected = it.var / "static" / ".prepared"
    collected.parent.mkdir()
    collected.write_text("as collected")
    with contextlib.closing(sqlite3.connect(it.database)) as connection, connection:
        # As the version before has left it, with the names of migrations that are one now.
        connection.execute("DELETE FROM django_migrations WHERE app = 'courses' AND name = '0001_courses'")
    it.run("-m", "academy.operations.prepared")
    with contextlib.closing(sqlite3.connect(it.database)) as connection:
        said = "SELECT count(*) FROM django_migrations WHERE app = 'courses' AND name = '0001_courses'"
        assert connection.execute(said).fetchone() == (1,)
    quick = it.run("-X", "importtime", "-m", "academy.operations.prepared")
    assert "django.db" not in quick
    assert it.is_found()

    for name in (
        "courses/migrations/9999_more.py",
        "academy/static/academy/new.css",
        "courses/curriculum/new.yaml",
        "academy/settings.py",
    ):
        path = it.code / name
        before = path.read_bytes() if path.exists() else None
        path.write_bytes((before or b"") + b"\n")
        assert not it.is_found(), name
        path.unlink() if before is None else path.write_bytes(before)
        assert it.is_found(), name
    assert not it.is_found(DEBUG="0")

    collected.unlink()
    assert not it.is_found(), "the collected files are gone"
    collected.write_text("as collected")

    # A database that was migrated back, emptied or taken from a backup is not the one that was prepared.
    copy = tmp_path / "backup.sqlite3"
    with contextlib.closing(sqlite3.connect(it.database)) as connection, connection:
        connection.execute("VACUUM INTO ?", [str(copy)])
        connection.execute("DELETE FROM django_migrations WHERE id = (SELECT MAX(id) FROM django_migrations)")
    assert not it.is_found(), "a migration is missing"
    for suffix in ("-wal", "-shm"):
        Path(f"{it.database}{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, it.database)
    assert it.is_found()
    it.database.unlink()
    assert not it.is_found() and not it.database.exists()
