"""The worker and the clock say every few seconds that they live; whoever asks after them reads it in the database."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from academy.models import ProcessBeat

logger = logging.getLogger(__name__)

WORKER, CLOCK = "worker", "clock"
BEAT_KINDS = (WORKER, CLOCK)
BEAT = timedelta(seconds=10)
# A process that has not been heard for so long is taken for dead.
SILENT = timedelta(seconds=60)
FORGOTTEN = timedelta(days=1)


class Heart:
    """Beats in a thread of its own, on a connection of its own, so that long work in hand is no silence."""

    def __init__(self, kind: str, name: str = "") -> None:
        self.kind = kind
        self.name = name or f"{kind}-{socket.gethostname()[:30]}-{os.getpid()}-{os.urandom(3).hex()}"
        self.started_at = timezone.now()
        self._in_hand: tuple[str, datetime | None] = ("", None)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="heart", daemon=True)

    def __enter__(self) -> "Heart":
        self._thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._stop.set()
        self._thread.join(timeout=2)

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """While the block runs the beat says what is in hand and since when."""
        self._in_hand = (what[:200], timezone.now())
        try:
            yield
        finally:
            self._in_hand = ("", None)

    def beat(self) -> None:
        now = timezone.now()
        what, since = self._in_hand
        ProcessBeat.objects.update_or_create(
            name=self.name,
            defaults={
                "kind": self.kind,
                "started_at": self.started_at,
                "beaten_at": now,
                "busy_with": what,
                "busy_since": since,
            },
        )
        ProcessBeat.objects.filter(beaten_at__lt=now - FORGOTTEN).delete()

    def _go_on(self) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            close_old_connections()
            try:
                self.beat()
                wait = BEAT.total_seconds()
            except Error as fault:
                logger.warning("%s: no beat could be written: %s", self.name, str(fault).strip())
                connection.close()
                wait = 2.0
        try:
            ProcessBeat.objects.filter(name=self.name).delete()
        except Error:
            # The row of a process that ends while the database is away grows old by itself.
            logger.warning("%s: the last beat stays", self.name)
        finally:
            connection.close()
