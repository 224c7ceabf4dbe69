"""Several prepared queries as one statement: what an act or a page is known to ask is asked at once, in one moment.

Whoever reads asks as before, and finds the rows at hand. Each query stands in the statement as it was written; its rows
come as one JSON text, out of which the same values are made that a row of its own would hold.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.transaction import TransactionManagementError

from academy.requests.prepared import BoundQuery, Written, rows_at_hand
from academy.requests.statements import run_statement

# So many combinations a process remembers. What is combined follows from the code, so they are few.
MOST = 200
# A function takes at most a hundred values in PostgreSQL.
WIDTH = 50
# Of what JSON has no form for: how PostgreSQL is to write it, and what is made of that. SQLite keeps such values as texts
# and numbers anyway, and Django makes of these what they are.
AS_TEXT = {"DecimalField", "JSONField"}
OF_TEXT: dict[str, Callable[[Any], Any]] = {
    "DateField": date.fromisoformat,
    "DateTimeField": datetime.fromisoformat,
    "DecimalField": Decimal,
    "UUIDField": UUID,
}
WORDS = {"postgresql": ("json_build_array", "json_agg"), "sqlite": ("json_array", "json_group_array")}
_combined: dict[tuple[Written, ...], str] = {}


@contextmanager
def asked_together(*askings: BoundQuery | None, may_lock: bool = False) -> Iterator[None]:
    """Within it these are answered by the rows of one statement, sent when the first of them is asked; those that are at
    hand already are left out. Where none is asked, as of an answer that is kept, nothing is sent.

    For what only reads: who writes within it what one of them asks for would read what stood before. An asking that is
    None, since nothing is among no values, asks nothing. What is asked with a row that is locked is as it stood before
    the lock was got, so that a query that locks ``may_lock`` only where nothing of it rests on the lock.
    """
    known = rows_at_hand.get()
    fresh = list(dict.fromkeys(asking for asking in askings if asking is not None and asking not in known))
    if len(fresh) > 1:
        token = rows_at_hand.set({**known, **dict.fromkeys(fresh, _Together(fresh, may_lock))})
        try:
            yield
        finally:
            rows_at_hand.reset(token)
    else:
        # One alone is asked by whoever reads it.
        yield


class _Together:
    """Askings that are sent as one, once."""

    __slots__ = ("_askings", "_may_lock", "_rows")

    def __init__(self, askings: Sequence[BoundQuery], may_lock: bool) -> None:
        self._askings, self._may_lock = askings, may_lock
        self._rows: dict[BoundQuery, list[Any]] | None = None

    def __getitem__(self, asking: BoundQuery) -> list[Any]:
        if self._rows is None:
            if any(asking.written.locks for asking in self._askings) and not self._may_lock:
                raise TypeError("a query that locks is asked alone")
            self._rows = dict(zip(self._askings, _ask(self._askings), strict=True))
        return self._rows[asking]


def _ask(askings: Sequence[BoundQuery]) -> Iterable[list[list[Any]]]:
    connection = connections[DEFAULT_DB_ALIAS]
    if any(asking.written.locks for asking in askings) and connection.get_autocommit():
        raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
    key = tuple(asking.written for asking in askings)
    words = _combined.get(key)
    if words is None:
        words = _combine(key, connection.vendor)
        if len(_combined) < MOST:
            _combined[key] = words
    params = [param for asking in askings for param in asking.params()]
    (texts,) = run_statement(words, params).rows
    on_postgresql = connection.vendor == "postgresql"
    for asking, text in zip(askings, texts, strict=True):
        yield _rows(asking.written, text, on_postgresql=on_postgresql)


def _combine(several: Sequence[Written], vendor: str) -> str:
    parts, columns = [], []
    for at, written in enumerate(several):
        if written.types is None:
            raise TypeError("a query that reads more than it gives is asked alone")
        names = [f"c{number}" for number in range(len(written.types))]
        parts.append(f"q{at}({', '.join(names)}) AS ({written.sql})")
        columns.append(_column(f"q{at}", names, written.types, vendor))
    # Every name of it is made here.
    return f"WITH {', '.join(parts)} SELECT {', '.join(columns)}"  # nosec B608


def _column(table: str, names: Sequence[str], types: Sequence[str], vendor: str) -> str:
    array, gather = WORDS[vendor]
    text = "::text" if vendor == "postgresql" else ""
    cells = [name + (text if kind in AS_TEXT else "") for name, kind in zip(names, types, strict=True)]
    spans = [f"{array}({', '.join(cells[at : at + WIDTH])})" for at in range(0, len(cells), WIDTH)]
    row = spans[0] if len(spans) == 1 else f"{array}({', '.join(spans)})"
    return f"(SELECT {gather}({row}){text} FROM {table})"  # noqa: S608  # nosec B608


def _rows(written: Written, text: str | None, *, on_postgresql: bool) -> list[list[Any]]:
    rows: list[list[Any]] = json.loads(text) if text else []
    types = written.types or ()
    if len(types) > WIDTH:
        rows = [[value for span in row for value in span] for row in rows]
    if on_postgresql:
        for at, kind in enumerate(types):
            make = OF_TEXT.get(kind)
            if make is not None:
                for row in rows:
                    if row[at] is not None:
                        row[at] = make(row[at])
    return rows
