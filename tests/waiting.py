"""Who waits for whom, where tests let two transactions meet."""

import threading
import time
from collections.abc import Callable

from django.db import connection, connections, transaction

# A busy machine takes its time until the others come: this only ends a test that would wait for ever.
PATIENCE = 180


def waiting_for_a_lock() -> int:
    """How many connections wait; PostgreSQL's own view of it, which a transaction would otherwise keep as it first was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return cursor.fetchone()[0]


def until_waiting(count: int) -> None:
    """Waits until so many others wait for what this transaction holds; on SQLite, which keeps no such list, not at all."""
    until = time.monotonic() + PATIENCE
    while connection.vendor == "postgresql" and waiting_for_a_lock() < count:
        assert time.monotonic() < until, "nobody came to wait"
        time.sleep(0.02)


def at_once(first: Callable[[], object], second: Callable[[], object]) -> list[Exception]:
    """Two connections: ``second`` comes while ``first`` has written and not committed. What was raised in the second."""
    faults: list[Exception] = []

    def run() -> None:
        try:
            with transaction.atomic():
                second()
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    beside = threading.Thread(target=run)
    with transaction.atomic():
        first()
        beside.start()
        until_waiting(1)
    beside.join(timeout=PATIENCE)
    return faults
