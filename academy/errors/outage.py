"""Is the database away? One answer for the web, the worker and the clock, and how long to wait for it."""

from collections.abc import Iterator

from django.db import InterfaceError, OperationalError

# What a page, a queue of answers or a tool is told to wait before it asks again.
RETRY_SECONDS = 2
# PostgreSQL: connections (08), resources (53), shut down and starting (57P), cannot lock just now (55P03), rolled back
# for the sake of another (40).
PASSING = ("08", "53", "57P", "55P03", "40")
SQLITE = ("locked", "unable to open", "disk i/o", "is full")


def database_is_away(fault: BaseException | None) -> bool:
    """True for a fault that passes by itself once the database is there again; a wrong query is none."""
    return any(_is_away(error) for error in _chain(fault))


def pauses() -> Iterator[float]:
    """Seconds between two tries: short at first, never above five, so that nobody waits long after an outage."""
    pause = 0.5
    while True:
        yield pause
        pause = min(5.0, pause * 1.5)


def _is_away(fault: BaseException) -> bool:
    if isinstance(fault, InterfaceError):
        return True
    if not isinstance(fault, OperationalError):
        return False
    driver = fault.__cause__
    if type(driver).__module__.startswith("psycopg"):
        state = getattr(driver, "sqlstate", None)
        return state is None or state.startswith(PASSING)
    return any(word in str(fault).lower() for word in SQLITE)


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while fault is not None and id(fault) not in seen:
        seen.add(id(fault))
        yield fault
        fault = fault.__cause__ or fault.__context__
