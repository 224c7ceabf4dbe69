"""Several writes as one statement, as ``together`` makes one of questions: what an act writes, and whose answer nobody
reads, waits for the next statement of the act or for the end of its block, and goes with it.

PostgreSQL gets parts of one statement; each still has its own triggers and constraints. SQLite knows no
such parts: there each is sent by itself at the same moment. Nobody reads past what waits: whatever else is sent within
the block, by a prepared query or by the ORM, sends what waits first.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from academy.requests.statements import BEFORE_ANOTHER, Ran, run_statement

# So many combinations a process remembers. What is combined follows from the code, so they are few.
MOST = 200
_combined: dict[tuple[tuple[str, bool], ...], str] = {}


@dataclass(frozen=True, slots=True)
class _Write:
    """A statement that writes and gives no rows. ``only_one``: it fails where it does not write exactly one row."""

    words: str
    values: Sequence[Any]
    only_one: bool = False


@contextmanager
def written_together() -> Iterator[None]:
    """Within it ``write`` waits. A block inside of another is the outer one's; one that is left by an exception sends
    nothing more, since the transaction around it is undone."""
    if _waiting.get() is not None:
        yield
        return
    waiting = _Waiting()
    held, before = _waiting.set(waiting), BEFORE_ANOTHER.set(waiting.send)
    try:
        with connections[DEFAULT_DB_ALIAS].execute_wrapper(waiting):
            yield
            waiting.send()
    finally:
        BEFORE_ANOTHER.reset(before)
        _waiting.reset(held)


def is_writing_together() -> bool:
    """Whether ``write`` lets a writing wait."""
    return _waiting.get() is not None


def write(words: str, values: Sequence[Any], *, only_one: bool = False) -> None:
    """Sends it, or lets it wait where the act writes together. Words as of ``run_statement``, an ``INSERT``, ``UPDATE`` or
    ``DELETE`` that gives no rows. No two that wait may write the same row. Raises ``DatabaseError`` where ``only_one``
    row was to be written and was not, at the latest when the block ends."""
    asked, waiting = _Write(words, values, only_one), _waiting.get()
    if waiting is None:
        _send_alone(asked)
    else:
        waiting.writes.append(asked)


def write_now(words: str, values: Sequence[Any]) -> list[Any]:
    """Sends a writing whose rows are read, and what waits before it, as one statement. It may not read what waits."""
    waiting = _waiting.get()
    if waiting is None or not waiting.writes:
        return run_statement(words, values).rows
    return waiting.send_with(_Write(words, values))


class _Waiting:
    """What waits in a block; Django calls it before each statement of the ORM."""

    def __init__(self) -> None:
        self.writes: list[_Write] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("ROLLBACK TO"):
            # What began before the savepoint went with it; the rest is undone by this.
            self.writes.clear()
        self.send()
        return execute(sql, params, many, context)

    def send(self) -> None:
        # What is sent is no reason to send it again.
        writes, self.writes = self.writes, []
        if len(writes) > 1 and _knows_parts():
            _check(writes, _send_as_one(writes)[0])
            return
        for writing in writes:
            _send_alone(writing)

    def send_with(self, last: _Write) -> list[Any]:
        """The rows that ``last`` gives."""
        if not _knows_parts():
            self.send()
            return run_statement(last.words, last.values).rows
        writes, self.writes = self.writes, []
        rows = _send_as_one([*writes, last], gives=True)
        counts = sum(writing.only_one for writing in writes)
        for row in rows:
            _check(writes, row[len(row) - counts :])
        return [row[: len(row) - counts] for row in rows]


_waiting: ContextVar[_Waiting | None] = ContextVar("writes that wait", default=None)


def _knows_parts() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"


def _send_alone(asked: _Write) -> None:
    ran: Ran = run_statement(asked.words, asked.values)
    if asked.only_one:
        _check([asked], [ran.count])


def _send_as_one(writes: Sequence[_Write], *, gives: bool = False) -> list[Any]:
    """The counts of those of which only one row may be written, after the rows of the last one where that gives some."""
    key = (*((writing.words, writing.only_one) for writing in writes), ("", gives))
    words = _combined.get(key)
    if words is None:
        words = _combine(writes, gives=gives)
        if len(_combined) < MOST:
            _combined[key] = words
    return run_statement(words, [value for writing in reversed(writes) for value in writing.values]).rows


def _combine(writes: Sequence[_Write], *, gives: bool) -> str:
    parts: list[str] = []
    columns = [f"w{len(writes) - 1}.*"] if gives else []
    for at, writing in enumerate(writes):
        # PostgreSQL runs the part that stands last first: so rows of one table get their keys in the order of the act.
        parts.insert(0, f"w{at} AS ({writing.words}{' RETURNING 1' if writing.only_one else ''})")
        if writing.only_one:
            columns.append(f"(SELECT count(*) FROM w{at})")  # noqa: S608 - names made here
    source = f" FROM w{len(writes) - 1}" if gives else ""
    # Every name of it is made here.
    return f"WITH {', '.join(parts)} SELECT {', '.join(columns) or '1'}{source}"  # nosec B608


def _check(writes: Sequence[_Write], counts: Sequence[int]) -> None:
    expected = [writing for writing in writes if writing.only_one]
    if any(count != 1 for _writing, count in zip(expected, counts, strict=False)):
        raise DatabaseError("the row that was to be written is not there")
