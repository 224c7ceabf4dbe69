"""The drill: a backup while people write, an empty place, keys supplied apart, and everything proves true again."""

import contextlib
import hashlib
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.quizzes.attempts.test_killed import STORED, write
from tests.served import PREPARE, ROOT, Served, own_database

pytestmark = [pytest.mark.database, pytest.mark.both, pytest.mark.real_clock]
PEOPLE, QUESTIONS = 3, 12
# They answer while each backup is made, some twenty times a second: as fast as they can, the backup itself would wait.
PAUSE = 0.1
KEYS = {"SECRET_KEY": "s" * 50, "JOURNAL_KEY": "j" * 50}


def started(served: Served, *command: str) -> subprocess.CompletedProcess:
    """The command as a person starts it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        env=served.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def empty_place(folder: Path, **keys: str) -> Iterator[Served]:
    folder.mkdir()
    with own_database(folder) as database:
        if database.startswith("sqlite"):
            database = f"sqlite:///{folder}/fresh/academy.sqlite3"
        yield Served(folder / "var", database, **{**KEYS, **keys})


def files_of(folder: Path) -> dict[str, str]:
    paths = [path for name in ("private", "media") for path in (folder / name).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_a_backup_under_load_stands_up_again_in_an_empty_place(tmp_path):
    var, file = tmp_path / "var", tmp_path / "academy.backup"
    document = b"%PDF a document"
    with own_database(tmp_path) as database:
        served = Served(var, database, **KEYS)
        people = served.python(PREPARE, str(PEOPLE), str(QUESTIONS), "begin")
        for place in (f"private/documents/{hashlib.sha256(document).hexdigest()}.pdf", "media/images/老师.png"):
            (var / place).parent.mkdir(parents=True)
            (var / place).write_bytes(document)
        assert served.manage("tick").returncode == 0, "the journal is sealed"
        receipts: dict = {}
        stop = threading.Event()
        served.start()
        threads = [threading.Thread(target=write, args=(served, person, receipts, stop, PAUSE)) for person in people]
        for thread in threads:
            thread.start()
        try:
            end = time.monotonic() + 60
            while len(receipts) < PEOPLE and time.monotonic() < end:
                time.sleep(0.1)
            before = dict(receipts)
            full = served.manage("backup", str(file), largest_file=10_000)
            left = [path.name for path in tmp_path.iterdir() if "backup" in path.name]
            done = started(served, "backup", str(file))
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=40)
            served.kill()

        assert full.returncode == 1
        assert "was not written" in full.stderr
        assert left == [], "a disk that ran full keeps nothing of a backup"
        assert done.returncode == 0, done.stderr
        assert len(before) >= PEOPLE
        with zipfile.ZipFile(file) as archive:
            whole = b"".join(archive.read(name) for name in archive.namelist())
        assert not any(key.encode() in whole for key in KEYS.values()), "a key is never in a backup"

        with empty_place(tmp_path / "strange", JOURNAL_KEY="k" * 50, SECRET_KEY="t" * 50) as strange:
            refused = strange.manage("restore", str(file))
            assert refused.returncode == 1
            assert "SECRET_KEY with the id" in refused.stderr
            assert "JOURNAL_KEY with the id" in refused.stderr
            assert not files_of(tmp_path / "strange" / "var")

        with empty_place(tmp_path / "other") as other:
            restored = started(other, "restore", str(file))
            assert restored.returncode == 0, restored.stderr
            for proof in ("verify_journal", "verify_documents"):
                proved = other.manage(proof)
                assert proved.returncode == 0, proved.stdout + proved.stderr
            assert files_of(tmp_path / "other" / "var") == files_of(var)
            stored = {(uuid, slot): sequence for uuid, slot, sequence, _response in other.python(STORED)}
            assert all(stored[place] >= sequence for place, (sequence, _response) in before.items())

            # One signs in and goes on with the paper, and what is new gets numbers of its own.
            other.start()
            try:
                client = other.client(people[0]["session"])
                assert client.get(f"/quizzes/attempts/{people[0]['attempt']}/")[0] == 200
                assert client.post(f"/quizzes/attempts/{people[0]['attempt']}/submit/", "")[0] == 302
            finally:
                other.kill()

            again = other.manage("restore", str(file))
            assert again.returncode == 1
            assert "no empty place" in again.stderr
            whole = bytearray(file.read_bytes())
            (tmp_path / "torn.backup").write_bytes(whole[: len(whole) // 2])
            torn = other.manage("restore", str(tmp_path / "torn.backup"), "--replace")
            assert torn.returncode == 1
            assert "no whole backup" in torn.stderr
            replaced = other.manage("restore", str(file), "--replace")
            assert replaced.returncode == 0, replaced.stderr
            assert files_of(tmp_path / "other" / "var") == files_of(var)
