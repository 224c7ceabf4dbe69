"""The commands of the unit and the container file, under a plain supervisor: what dies starts again, all ends together."""

import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import MIGRATED, ROOT, free_port, own_database

pytestmark = pytest.mark.real_clock

DEPLOY = ROOT / "docs" / "deploy"
FLOORS = ("academy", "quizzes", "courses", "certificates")
UNIT = (DEPLOY / "academy.service").read_text()
COMMAND = next(line for line in UNIT.splitlines() if line.startswith("ExecStart=")).removeprefix("ExecStart=")
# What another process compiles at this moment.
HALF_WRITTEN = shutil.ignore_patterns("*.pyc.*")
# A first start collects the static files, on a machine that may be busy.
STARTS_WITHIN, ENDS_WITHIN, COMES_BACK_WITHIN = 300, 20, 60


def until(question, seconds: float = COMES_BACK_WITHIN):
    end = time.monotonic() + seconds
    while not (found := question()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


class Supervised:
    """Keeps one process, as systemd or a container does, on a copy of the code that stands where the unit expects it."""

    def __init__(self, folder: Path, database: str) -> None:
        self.code, self.var, self.port = folder / "code", folder / "var", free_port()
        self.var.mkdir()
        for floor in FLOORS:
            # With what is compiled already: nobody may write it here, and every process would compile all of it.
            shutil.copytree(ROOT / floor, self.code / floor, ignore=HALF_WRITTEN)
        shutil.copy(ROOT / "manage.py", self.code)
        for path in [self.code, *self.code.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        self.before = self.files()
        said = next(line for line in UNIT.splitlines() if line.startswith("Environment=")).removeprefix("Environment=")
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment = {
            **kept,
            **dict(one.split("=", 1) for one in said.split()),
            "VAR_DIR": str(self.var),
            "DATABASE_URL": database,
            "SECRET_KEY": "s" * 50,
            "JOURNAL_KEY": "j" * 50,
            "ALLOWED_HOSTS": "academy.bank.example,127.0.0.1",
            "BASE_URL": "https://academy.bank.example",
            "BEHIND_GATEWAY": "1",
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
        }
        self.output = (folder / "output").open("w+")
        self.process: subprocess.Popen | None = None

    def files(self) -> dict[str, tuple[int, int]]:
        paths = [path for path in self.code.rglob("*") if path.is_file()]
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}

    def python(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=self.code, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done

    def begin(self, *more: str) -> None:
        command = [*shlex.split(COMMAND.replace("/opt/academy/.venv/bin/python", sys.executable)), *more]
        self.process = subprocess.Popen(
            command, cwd=self.code, env=self.environment, stdout=self.output, stderr=self.output, start_new_session=True
        )

    def start(self) -> None:
        self.begin()
        assert until(lambda: self.ready() == [], STARTS_WITHIN), (self.ready(), self.said())

    def said(self) -> str:
        return Path(self.output.name).read_text()

    def answer(self, path: str) -> bytes | None:
        """What the server answers; None while there is none."""
        with (
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection,
            contextlib.suppress(OSError, http.client.HTTPException),
        ):
            connection.request("GET", path, headers={"Host": "academy.bank.example", "X-Forwarded-Proto": "https"})
            return connection.getresponse().read()
        return None

    def status(self, path: str) -> int:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path, headers={"Host": "academy.bank.example", "X-Forwarded-Proto": "https"})
            return connection.getresponse().status

    def ready(self) -> list[str] | None:
        """What ``/readyz`` calls stale; None while nothing answers."""
        answer = self.answer("/readyz")
        return None if answer is None else json.loads(answer)["stale"]

    def family(self, word: str = "") -> list[int]:
        """The living processes that run with this installation's folder in their environment."""
        mark, found = f"VAR_DIR={self.var}".encode(), []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                living = "(zombie)" not in (folder / "status").read_text()
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if living and mark in (folder / "environ").read_bytes().split(b"\0") and word in command:
                    found.append(int(folder.name))
        return sorted(found)


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    """Where the static files lie that the first start collected: half a minute for each of several starts, otherwise."""
    return tmp_path_factory.mktemp("collected") / "static"


@pytest.fixture
def supervised(tmp_path, collected) -> Iterator[Supervised]:
    with own_database(tmp_path) as database:
        it = Supervised(tmp_path, database)
        if collected.exists():
            shutil.copytree(collected, it.var / "static")
        # Loading the curriculum is proven elsewhere and takes minutes.
        it.python("-c", CURRICULUM_STANDS)
        try:
            yield it
        finally:
            for pid in it.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if it.process is not None:
                it.process.wait(timeout=20)
            it.output.close()
            if not collected.exists() and (it.var / "static" / ".prepared").exists():
                shutil.copytree(it.var / "static", collected)


CURRICULUM_STANDS = f"""
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "academy.settings"
django.setup()
{MIGRATED}
from certificates.management.commands.prepare import CURRICULUM, _digest_of, _keep
_keep("prepared: curriculum", _digest_of(CURRICULUM))
"""


def test_the_family_lives_and_ends_together(supervised):
    supervised.start()
    first = supervised.family()
    assert len(first) >= 5, "the parent, the web server and its worker, the worker, the clock"
    # A second start finds what the first prepared.
    again = supervised.python("manage.py", "prepare")
    assert (again.stdout, again.stderr) == ("", "")

    for word, name in (("manage.py work", "worker 1"), ("manage.py tick", "clock"), ("granian", "web")):
        killed = supervised.family(word)[0]
        os.kill(killed, signal.SIGKILL)
        # The server's own worker answers for a moment yet: what the parent says comes first, then the answer counts.
        said = f"The {name} ended (SIGKILL); it starts again"
        assert until(lambda said=said: said in supervised.said()), supervised.said()
        assert until(lambda word=word, killed=killed: [pid for pid in supervised.family(word) if pid != killed]), word
        assert until(lambda: supervised.ready() == []), supervised.said()
    assert supervised.process.poll() is None

    begun = time.monotonic()
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(timeout=ENDS_WITHIN) == 0
    assert time.monotonic() - begun < ENDS_WITHIN
    assert supervised.family() == []

    # Nobody is told goodbye, and yet nobody stays behind to hold the port or a task.
    supervised.start()
    supervised.process.kill()
    supervised.process.wait(timeout=ENDS_WITHIN)
    assert until(lambda: supervised.family() == [], ENDS_WITHIN), supervised.family()
    supervised.start()
    supervised.process.send_signal(signal.SIGHUP)
    supervised.process.wait(timeout=ENDS_WITHIN)
    assert supervised.family() == []

    assert supervised.files() == supervised.before, "something was written into the folder of the code"
    assert "Traceback" not in supervised.said()


def test_what_the_worker_of_a_browser_lays_down_is_there_where_files_have_digests(supervised):
    """A worker that finds one of its files missing is never installed, and only here files have their lasting names."""
    supervised.start()
    told = supervised.answer("/service-worker.js").decode()
    known = json.loads(told.partition("=")[2].partition(";\n")[0])
    wanted = [*known["shell"], *known["withoutLine"].values()]
    pages = [supervised.answer(address).decode() for address in known["withoutLine"].values()]
    files = {found for page in pages for found in re.findall(r'(?:src|href)="([^"]+)"', page)}

    assert known["keeps"] and known["digests"] and len(known["shell"]) > 5
    assert [one for one in known["shell"] if not re.search(r"\.[0-9a-f]{12}\.", one)] == []
    assert [one for one in wanted if supervised.status(one) != 200] == []
    # What the page without a line needs lies beside it, under the same names; lessons bring their own style sheet.
    of_us = {file for file in files if file.startswith(known["files"]) and not re.search("[.]png$|/learning[.]", file)}
    assert of_us and of_us <= set(known["shell"])


def test_the_server_for_work_on_the_code_loads_what_was_changed(supervised):
    supervised.begin("--reload")
    assert until(lambda: supervised.answer("/healthz") is not None, STARTS_WITHIN), supervised.said()
    views = supervised.code / "academy" / "views.py"
    views.chmod(0o644)
    with views.open("a") as code:
        code.write(
            '\n\nfrom django.http import HttpResponse\n\n\ndef healthz(request):\n    return HttpResponse("loaded anew")\n'
        )

    def saved_and_loaded() -> bool:
        # Django's watcher takes what it first sees for unchanged: who was quicker than it saves once more.
        views.touch()
        return until(lambda: supervised.answer("/healthz") == b"loaded anew", 15)

    assert until(saved_and_loaded, STARTS_WITHIN), supervised.said()

    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(timeout=ENDS_WITHIN) == 0
    assert supervised.family() == []


def test_the_container_runs_what_the_unit_runs():
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    command = json.loads(next(line for line in lines if line.startswith("CMD ")).removeprefix("CMD "))

    assert f"/opt/academy/{' '.join(command)}" == COMMAND
    assert "WORKDIR /opt/academy" in lines
    assert {f"COPY {floor} {floor}" for floor in FLOORS} <= set(lines)


def test_systemd_accepts_the_unit(tmp_path):
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("no systemd-analyze on this machine: the unit is not verified")
    unit = tmp_path / "academy.service"
    unit.write_text(UNIT.replace("/opt/academy/.venv/bin/python", sys.executable).replace("/opt/academy", str(ROOT)))

    done = subprocess.run([tool, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
    assert "academy.service" not in done.stderr, done.stderr
