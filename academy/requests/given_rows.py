"""Rows of values as one value of a statement, so that its words are the same for one row and for a thousand.

A driver reads all words of a statement that it does not know yet, and the words of thirty rows are a page of marks: that
cost this process more than the writing itself. The rows are one JSON text here, and the database makes a table of it.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection

WORDS = {
    "postgresql": ("CAST(cell ->> {at} AS {kind})", "json_array_elements(CAST(%s AS json)) AS cell"),
    "sqlite": ("json_extract(value, '$[{at}]')", "json_each(%s)"),
}


def given_rows(table: str, **columns: str) -> str:
    """The words of a table that has these columns, each with its type as PostgreSQL names it; ``rows_value`` makes its
    one value. A column of JSON is ``text`` here and cast where it is used.

    What an ``INSERT`` selects from it needs a ``WHERE`` before ``ON CONFLICT``, or SQLite takes that for a join.
    """
    return _words(connection.vendor, table, tuple(columns.items()))


def rows_value(rows: Iterable[Sequence[Any]]) -> str:
    """Each row in the order of the columns. Days and exact numbers are handed as their text."""
    return json.dumps([tuple(row) for row in rows], default=str)


@cache
def _words(vendor: str, table: str, columns: tuple[tuple[str, str], ...]) -> str:
    cell, source = WORDS[vendor]
    cells = ", ".join(f"{cell.format(at=at, kind=kind)} AS {name}" for at, (name, kind) in enumerate(columns))
    return f"(SELECT {cells} FROM {source}) AS {table}"  # noqa: S608 - names of columns only
