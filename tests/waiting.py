"""Who waits for whom, where tests let two transactions meet."""

from django.db import connection


def waiting_for_a_lock() -> int:
    """How many connections wait; PostgreSQL's own view of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return cursor.fetchone()[0]
