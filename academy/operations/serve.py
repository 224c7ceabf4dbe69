"""One parent for web, worker and clock: starts them, starts again what dies and says so, ends them all together.

Imports neither Django nor the academy, so that it is up at once and stands when they fall. ``./run``, the systemd unit
and the container start this: ``python -m academy.operations.serve --prepare``.
"""

import argparse
import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess  # nosec B404
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
# The worker gives back its task after 8 seconds; who has not ended after these is killed.
GRACE = 12.0
LONGEST_PAUSE = 30.0
# Who lived so long did not fail at its start.
LIVED = 60.0
COMES_UP_WITHIN = 90.0
PR_SET_PDEATHSIG = 1


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


@dataclass
class Member:
    """One process of the family, in a process group of its own."""

    name: str
    command: list[str]
    log: Path | None = None
    pid: int = 0
    started: float = 0.0
    start_again_at: float = 0.0
    pause: float = 1.0

    def start(self) -> None:
        output = self.log.open("ab") if self.log else None
        process = subprocess.Popen(  # noqa: S603  # nosec B603
            self.command,
            cwd=ROOT,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - no thread runs here yet
            stdin=subprocess.DEVNULL,
            stdout=output or sys.stderr,
            stderr=output or sys.stderr,
        )
        if output:
            output.close()
        self.pid, self.started = process.pid, time.monotonic()
        # Reaped below, together with what falls to this process as the first of a container.
        process.returncode = 0

    def signal(self, number: int, *, group: bool = False) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                (os.killpg if group else os.kill)(self.pid, number)


class Family:
    def __init__(self, members: list[Member], *, is_up: Callable[[], bool], greet: Callable[[], None]) -> None:
        self.members, self.is_up, self.greet = members, is_up, greet
        self.asked_to_end = 0
        self.came_up = False

    def live(self) -> int:
        """Until a signal comes. Returns the exit status."""
        begun = time.monotonic()
        # The others begin when the web is up: whoever waits, waits for a page.
        self.members[0].start()
        while not self.asked_to_end:
            for member, status in self._reap():
                if member.name == "web" and not self.came_up:
                    say(f"The web server ended as it started ({_told(status)}).")
                    self._end()
                    return 1
                self._note_death(member, status)
            for member in self.members:
                if not member.pid and self.came_up and time.monotonic() >= member.start_again_at:
                    member.start()
            if not self.came_up:
                self.came_up = self.is_up()
                if self.came_up:
                    self.greet()
                elif time.monotonic() - begun > COMES_UP_WITHIN:
                    say("The web server does not answer.")
                    self._end()
                    return 1
            time.sleep(0.2)
        return self._end()

    def _note_death(self, member: Member, status: int) -> None:
        lived = time.monotonic() - member.started
        member.pause = 1.0 if lived > LIVED else min(LONGEST_PAUSE, member.pause * 2)
        wait = 0.0 if lived > LIVED else member.pause / 2
        member.start_again_at = time.monotonic() + wait
        say(f"The {member.name} ended ({_told(status)}); it starts again in {wait:.0f} s.")

    def _end(self) -> int:
        for member in self.members:
            member.signal(signal.SIGTERM)
        until, patience = time.monotonic() + GRACE, self.asked_to_end + 1
        while any(member.pid for member in self.members) and time.monotonic() < until and self.asked_to_end <= patience:
            for _ended in self._reap():
                pass
            time.sleep(0.05)
        for member in self.members:
            if member.pid:
                say(f"The {member.name} does not end and is killed.")
                member.signal(signal.SIGKILL, group=True)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(member.pid, 0)
        return 0

    def _reap(self) -> list[tuple[Member, int]]:
        ended = []
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                for member in self.members:
                    if member.pid == pid:
                        # Children of its own would keep the port or a task.
                        member.signal(signal.SIGKILL, group=True)
                        member.pid = 0
                        ended.append((member, os.waitstatus_to_exitcode(status)))
        return ended


def _told(status: int) -> str:
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


def _die_with(parent: int) -> Callable[[], None] | None:
    """On Linux a child is told to end when this process is gone, by whatever way it went."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)

    def prepare_child() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return prepare_child


def _is_free(host: str, port: str) -> str:
    """Why the address cannot be used, '' when it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, int(port)))
        except (OSError, ValueError, OverflowError) as fault:
            return f"{host}:{port} cannot be used ({fault}). Choose another: PORT=8001 ./run"
    return ""


def _answers(host: str, port: str, base_url: str) -> bool:
    place = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104
    headers = {"Host": urlsplit(base_url).netloc, "X-Forwarded-Proto": urlsplit(base_url).scheme}
    connection = http.client.HTTPConnection(place, int(port), timeout=2)
    try:
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="serve", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--prepare", action="store_true", help="first migrate, collect static files, load the curriculum"
    )
    parser.add_argument(
        "--reload", action="store_true", help="for work on the code: Django's server, which loads it anew"
    )
    parser.add_argument("--logs", type=Path, help="folder for what worker and clock say; without it all goes to stderr")
    options = parser.parse_args()
    environment = os.environ
    host, port = environment.get("HOST") or "127.0.0.1", environment.get("PORT") or "8000"
    base_url = environment.setdefault("BASE_URL", f"http://{host}:{port}")
    if problem := _is_free(host, port):
        say(problem)
        return 1
    manage = [sys.executable, "manage.py"]
    served = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        port,
        "--workers",
        environment.get("WEB_WORKERS") or "1",
        "--blocking-threads",
        environment.get("WEB_THREADS") or "4",
        "--respawn-failed-workers",
        "--respawn-interval",
        "0.5",
        "--workers-kill-timeout",
        "8",
        "--no-access-log",
        "--log-level",
        "warning",
        "academy.wsgi:application",
    ]
    # Worker and clock keep the code they began with: a task that changes under itself proves nothing.
    developed = [*manage, "runserver", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    members = [Member("web", developed if options.reload else served)]
    life = f"{socket.gethostname()[:20]}-{os.getpid()}-{os.urandom(3).hex()}"
    for number in range(1, int(environment.get("WORKERS") or "1") + 1):
        members.append(Member(f"worker {number}", [*manage, "work", "--name", f"worker-{number}-{life}"]))
    members.append(Member("clock", [*manage, "tick", "--loop", "--name", f"clock-{life}"]))
    if options.logs:
        options.logs.mkdir(parents=True, exist_ok=True)
        for member in members[1:]:
            member.log = options.logs / f"{member.name.replace(' ', '-')}.log"
            member.log.write_bytes(b"")
    greeting = ""

    def greet() -> None:
        print(f"\nThe academy is open: {base_url}/\n{greeting}Ctrl-C ends it.", flush=True)  # noqa: T201

    family = Family(members, is_up=lambda: _answers(host, port, base_url), greet=greet)
    preparing: subprocess.Popen[str] | None = None

    def end(number: int, frame: FrameType | None) -> None:
        family.asked_to_end += 1
        if preparing is not None and preparing.poll() is None:
            preparing.terminate()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    if options.prepare:
        preparing = subprocess.Popen(  # nosec B603
            [sys.executable, "-m", "academy.operations.prepared"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - no thread runs here yet
            stdin=subprocess.DEVNULL,
        )
        if family.asked_to_end:
            preparing.terminate()
        greeting = preparing.communicate()[0]
        if family.asked_to_end:
            return 0
        if preparing.returncode:
            return 1
    return family.live()


if __name__ == "__main__":
    sys.exit(main())
