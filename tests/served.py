"""A real server in a process of its own, on a database of its own: for what only a process can show."""

import contextlib
import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests import migrated

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "a" * 32


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of a fresh database: on the PostgreSQL of the run where there is one, else an SQLite file."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server.startswith("postgres"):
        migrated.lay_file(f"{folder}/own.sqlite3")
        yield f"sqlite:///{folder}/own.sqlite3"
        return
    import psycopg

    name = f"own_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        known = [row[0] for row in connection.execute("SELECT datname FROM pg_database")]
        copied = f' TEMPLATE "{migrated.database_name()}"' if migrated.database_name() in known else ""
        connection.execute(f'CREATE DATABASE "{name}"{copied}')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Served:
    """The academy on a port of the loopback."""

    def __init__(self, folder: Path, database: str, *, workers: int = 1, threads: int = 4, **environment: str) -> None:
        self.port, self.workers, self.threads = free_port(), workers, threads
        self.process: subprocess.Popen | None = None
        variables = {key: value for key, value in os.environ.items() if key not in ("DJANGO_SETTINGS_MODULE",)}
        self.environment = {
            **variables,
            "DEBUG": "1",
            "DEMO": "0",
            "VAR_DIR": str(folder),
            "DATABASE_URL": database,
            "LOG_LEVEL": "ERROR",
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "academy.settings",
            **environment,
        }

    def python(self, code: str, *arguments: str) -> Any:
        """Runs code with Django set up; what it prints last is JSON."""
        done = self._in_a_copy(["-c", *arguments], code)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None

    def manage(self, *command: str, largest_file: int | None = None) -> subprocess.CompletedProcess:
        """Runs a command. How it starts is proven where worker, clock and backup are processes of their own."""
        return self._in_a_copy(["manage.py", *command], None, largest_file)

    def _in_a_copy(self, argv: list[str], code: str | None, largest: int | None = None) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as folder:
            output, errors = Path(folder) / "output", Path(folder) / "errors"
            asked = {"argv": argv, "code": code, "output": str(output), "errors": str(errors), "largest_file": largest}
            copied = self._copied
            copied.stdin.write(json.dumps(asked) + "\n")
            copied.stdin.flush()
            answer = copied.stdout.readline()
            assert answer, "the process that is copied has ended"
            return subprocess.CompletedProcess(argv, int(answer), output.read_text(), errors.read_text())

    @functools.cached_property
    def _copied(self) -> Any:
        """The process that is copied (tests/forked.py). It ends with this object."""
        started = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        weakref.finalize(self, started.communicate)
        return started

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "granian",
                "--interface",
                "wsgi",
                "--host",
                "127.0.0.1",
                "--port",
                str(self.port),
                "--workers",
                str(self.workers),
                "--blocking-threads",
                str(self.threads),
                "--no-access-log",
                "--log-level",
                "error",
                "academy.wsgi:application",
            ],
            env=self.environment,
            cwd=ROOT,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
                try:
                    connection.request("GET", "/healthz")
                    if connection.getresponse().status == 200:
                        return
                except OSError:
                    time.sleep(0.1)
        raise RuntimeError("the server does not answer")

    def kill(self) -> None:
        """SIGKILL to the server and all its workers: no handler runs, nothing is flushed."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def memory(self) -> float:
        """The largest resident set of a web process so far, in MB."""
        found = [0.0]
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                text = status.read_text()
                group = os.getpgid(int(status.parent.name))
                if self.process is not None and group == self.process.pid and "VmHWM" in text:
                    found.append(int(text.split("VmHWM:")[1].split()[0]) / 1024)
        return max(found)

    def client(self, session: str) -> "Client":
        return Client(self.port, session)


class Client:
    """One keep-alive connection of a person who is signed in."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}

    def __del__(self) -> None:
        self.connection.close()

    def get(self, address: str) -> tuple[int, bytes]:
        return self._ask("GET", address, None, {})

    def post(self, address: str, body: Any) -> tuple[int, bytes]:
        """JSON for a dictionary of lists, a form for text."""
        if isinstance(body, str):
            return self._ask("POST", address, body.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        return self._ask("POST", address, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _ask(self, method: str, address: str, body: bytes | None, extra: dict[str, str]) -> tuple[int, bytes]:
        self.connection.request(method, address, body, {**self.headers, **extra})
        response = self.connection.getresponse()
        return response.status, response.read()


# Asking whether anything is left to migrate takes a second and more, and a copy of the migrated database has nothing left.
MIGRATED = """
from django.core.management import call_command
from django.db import connection
if "django_migrations" not in connection.introspection.table_names():
    call_command("migrate", verbosity=0)
"""

# People with a session each and a paper each, in a course that places the quiz; prints what a client needs.
PREPARE = (
    MIGRATED
    + """
import json, sys
from datetime import timedelta
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from importlib import import_module
# They sign in by the session that is made here; a real hash of each password takes a second.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from courses.progress.learning import enrol
from quizzes.attempts import start_attempt
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of
people, questions, begin = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "begin"
quiz = quiz_of(bank_of(questions), questions, attempts_allowed=None, wait_minutes=0, wait_later_minutes=0)
course = course_of("served", lessons=1, quiz=quiz)
course.quizzes_after_lessons = False
course.save()
branch, made = bank()["BJ01"], []
store = import_module(settings.SESSION_ENGINE).SessionStore
for number in range(people):
    learner = person(f"7{number:05}", f"学员{number}", branch)
    enrol(learner=learner, course=course, now=timezone.now())
    session = store()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(learner.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = learner.get_session_auth_hash()
    session.create()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now()) if begin else None
    made.append({"session": session.session_key, "attempt": str(attempt.uuid) if attempt else ""})
print(json.dumps(made))
"""
)
