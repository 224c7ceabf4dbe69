"""Figures as ratios in one run: ``./run bench [certificate] [pages] [issuing] [attempts] [staff] [board] [reminders] [people]
[impact] [profile]``.

A bank of 40,000 is measured, one of 400,000 with ``--people 400000``; of them a tenth, 5,000 at most, open a paper drawn ahead.

Machines are noisy: compare a ratio with the same ratio of another run, and an absolute figure with nothing.
"""

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)
PARTS = ("certificate", "pages", "issuing", "attempts", "staff", "board", "reminders", "people", "impact", "profile")
# The standard library has a module of that name.
MODULES = {"profile": "profiling"}
SIZED = ("board", "staff", "attempts", "reminders", "people", "impact")


def main(wanted: list[str]) -> int:
    people = 40_000
    if "--people" in wanted:
        at = wanted.index("--people")
        people = int(wanted[at + 1])
        wanted = wanted[:at] + wanted[at + 2 :]
    unknown = set(wanted) - set(PARTS)
    if unknown:
        print(f"unknown part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        os.environ.update(
            DEBUG="0",
            VAR_DIR=folder,
            SECRET_KEY="bench" * 12,
            JOURNAL_KEY="chain" * 12,
            BASE_URL="http://127.0.0.1:8000",
            ALLOWED_HOSTS="127.0.0.1,testserver",
            DJANGO_SETTINGS_MODULE="tests.bench.settings",
            LOG_LEVEL="WARNING",
            EMAIL_URL="",
            DEMO="1",
        )
        for name in PARTS:
            if not wanted or name in wanted:
                part = import_module(f"tests.bench.{MODULES.get(name, name)}")
                part.main(Path(folder), people) if name in SIZED else part.main(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
