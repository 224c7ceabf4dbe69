"""Who waits for whom, where tests let two transactions meet."""

import time

from django.db import connection


def waiting_for_a_lock() -> int:
    """How many connections wait; PostgreSQL's own view of it, which a transaction would otherwise keep as it first was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return cursor.fetchone()[0]


def until_waiting(count: int) -> None:
    """Waits until so many others wait for what this transaction holds; on SQLite, which keeps no such list, not at all."""
    until = time.monotonic() + 30
    while connection.vendor == "postgresql" and waiting_for_a_lock() < count:
        assert time.monotonic() < until, "nobody came to wait"
        time.sleep(0.02)
