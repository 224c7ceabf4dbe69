"""Several writes as one statement, as ``together`` makes one of questions: what an act writes, and whose answer nobody
reads, waits for the next writing of the act or for the end of its block, and goes with it.

PostgreSQL gets parts of one statement; each still has its own triggers and constraints. SQLite knows no
such parts: there each is sent by itself at the same moment. Nobody reads past what waits: a statement that names a table
of which something waits sends what waits first, and so does what makes a savepoint.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from academy.models import FactsVersion
from academy.requests.statements import BEFORE_ANOTHER, Ran, run_statement

# So many combinations a process remembers. What is combined follows from the code, so they are few.
MOST = 200
_combined: dict[tuple[tuple[str, bool], ...], str] = {}
WRITTEN = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
# Which table's trigger raises a version is not looked up: who reads versions reads all that waits.
VERSIONS = FactsVersion._meta.db_table
NAMES_ITS_TABLES = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class _Write:
    """A statement that writes. ``only_one``: it fails where it does not write exactly one row. ``told``: it writes one row,
    and this is told the one value that it gives; no other gives rows."""

    words: str
    values: Sequence[Any]
    only_one: bool = False
    told: Callable[[Any], None] | None = None

    @property
    def gives(self) -> bool:
        """Whether it has a column of its own in what is sent as one."""
        return self.only_one or self.told is not None

    @property
    def table(self) -> str:
        return _table_of(self.words)

    @property
    def only_adds(self) -> bool:
        return _only_adds(self.words)


@cache
def _table_of(words: str) -> str:
    """The table that a statement writes."""
    found = WRITTEN.match(words)
    if found is None:
        raise ValueError(f"not a writing: {words[:40]}")
    return found[1]


@cache
def _only_adds(words: str) -> bool:
    return words.lstrip().startswith("INSERT") and "DO UPDATE" not in words


@contextmanager
def written_together() -> Iterator[None]:
    """Within it ``write`` waits. A block inside of another is the outer one's; one that is left by an exception sends
    nothing more, since the transaction around it is undone."""
    if _waiting.get() is not None:
        yield
        return
    waiting = _Waiting()
    held, before = _waiting.set(waiting), BEFORE_ANOTHER.set(waiting.before)
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
    ``DELETE`` that gives no rows. Raises ``DatabaseError`` where ``only_one``
    row was to be written and was not, at the latest when the block ends."""
    _send_or_wait(_Write(words, values, only_one))


def write_soon(words: str, values: Sequence[Any], told: Callable[[Any], None]) -> None:
    """The same for a writing of one row that gives one value, which ``told`` is told when it is sent: at once, or where the
    act writes together, with whatever is sent next."""
    _send_or_wait(_Write(words, values, told=told))


def _send_or_wait(asked: _Write) -> None:
    waiting = _waiting.get()
    if waiting is None:
        _send_alone(asked)
    else:
        waiting.add(asked)


def write_now(words: str, values: Sequence[Any]) -> list[Any]:
    """Sends a writing whose rows are read, and what waits before it, as one statement. It may not read what waits."""
    waiting, asked = _waiting.get(), _Write(words, values)
    if waiting is not None:
        waiting.make_way(asked)
    if waiting is None or not waiting.writes:
        return run_statement(words, values).rows
    return waiting.send_with(asked)


class _Waiting:
    """What waits in a block; Django calls it before each statement of the ORM."""

    def __init__(self) -> None:
        self.writes: list[_Write] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("ROLLBACK TO"):
            # What began before the savepoint went with it; the rest is undone by this.
            self.writes.clear()
        if sql.lstrip().startswith(NAMES_ITS_TABLES):
            self.before(sql)
        else:
            self.send()
        return execute(sql, params, many, context)

    def add(self, asked: _Write) -> None:
        self.make_way(asked)
        self.writes.append(asked)

    def make_way(self, asked: _Write) -> None:
        """No two parts of a statement may change the same row: of one table only rows that are added wait together."""
        if any(asked.table == writing.table and not (asked.only_adds and writing.only_adds) for writing in self.writes):
            self.send()

    def before(self, words: str) -> None:
        """A statement that reads what waits finds it there. A table is looked for by its name in the words."""
        if self.writes and (VERSIONS in words or any(writing.table in words for writing in self.writes)):
            self.send()

    def send(self) -> None:
        # What is sent is no reason to send it again.
        writes, self.writes = self.writes, []
        if len(writes) > 1 and _knows_parts():
            # Where none gives anything, there is one column that says nothing.
            _take(writes, _send_as_one(writes)[0][: sum(writing.gives for writing in writes)])
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
        given = sum(writing.gives for writing in writes)
        for row in rows[:1]:
            _take(writes, row[len(row) - given :])
        return [row[: len(row) - given] for row in rows]


_waiting: ContextVar[_Waiting | None] = ContextVar("writes that wait", default=None)


def _knows_parts() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"


def _send_alone(asked: _Write) -> None:
    ran: Ran = run_statement(asked.words, asked.values)
    if asked.only_one:
        _take([asked], [ran.count])
    if asked.told is not None:
        _take([asked], ran.rows[0])


def _send_as_one(writes: Sequence[_Write], *, gives: bool = False) -> list[Any]:
    """What those give of which only one row may be written, after the rows of the last one where that ``gives`` some."""
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
        if writing.gives:
            given = "count(*)" if writing.only_one else f"w{at}.*"
            columns.append(f"(SELECT {given} FROM w{at})")  # noqa: S608 - names made here
    source = f" FROM w{len(writes) - 1}" if gives else ""
    # Every name of it is made here.
    return f"WITH {', '.join(parts)} SELECT {', '.join(columns) or '1'}{source}"  # nosec B608


def _take(writes: Sequence[_Write], given: Sequence[Any]) -> None:
    """Hands on what came for each. Raises ``DatabaseError`` where not exactly one row was written."""
    for writing, value in zip((writing for writing in writes if writing.gives), given, strict=True):
        if writing.told is not None:
            writing.told(value)
        elif value != 1:
            raise DatabaseError("the row that was to be written is not there")
