"""Of which facts a person has none at all: one query for all tables, so that an answer need not ask each empty one.

Most people were never banned, sit no class and hand in no document. While an answer about one person is put together,
what a rule would ask of such a table is known beforehand; what is recorded meanwhile raises the version that the answer
is kept under.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models

from academy.requests.kept.watching import WATCHED
from academy.requests.prepared import BoundQuery, Written


@dataclass(slots=True)
class _About:
    """The person of the answer, and once it was asked the tables in which they have rows."""

    person: int
    tables: frozenset[str] | None = None


_about: ContextVar[_About | None] = ContextVar("whom an answer is about", default=None)


@contextmanager
def answer_about(person: int) -> Iterator[None]:
    """Within it ``none_of`` may be asked about the person; within another one about the same it is the outer one's."""
    outer = _about.get()
    token = _about.set(outer if outer is not None and outer.person == person else _About(person))
    try:
        yield
    finally:
        _about.reset(token)


def none_of(model: type[models.Model], people: Collection[int]) -> bool:
    """Whether it is known that none of ``people`` has a row: True only of the one person whom an answer is about."""
    about = _about.get()
    if about is None or len(people) != 1 or about.person not in people:
        return False
    asked, _written = _asking()
    table = model._meta.db_table
    if table not in asked:
        raise LookupError(f"the rows of {model.__name__} are not watched by person")
    if about.tables is None:
        (row,) = asks_of_presence(about.person).rows()
        about.tables = frozenset(name for name, has in zip(asked, row, strict=True) if has)
    return table not in about.tables


def asks_of_presence(person: int) -> BoundQuery[Sequence[bool]]:
    """What ``none_of`` asks about a person, once."""
    return BoundQuery(_asking()[1], (person,))


@cache
def _asking() -> tuple[tuple[str, ...], Written]:
    """The tables whose rows name their person, and the query whether each has one.

    Rows may name several, as one who learns and one who mentors: then a row of either counts.
    """
    columns: dict[str, list[str]] = {}
    for watch in WATCHED:
        if watch.whose and watch.whose != "pk" and "__" not in watch.whose:
            field: Any = watch.model._meta.get_field(watch.whose)
            columns.setdefault(watch.table, []).append(str(field.column))
    asked = tuple(sorted(columns))
    # Names of tables and columns are those of models.
    parts = (
        " OR ".join(f'EXISTS (SELECT 1 FROM "{table}" WHERE "{column}" = %s)' for column in columns[table])  # noqa: S608  # nosec B608
        for table in asked
    )
    sql, places = "SELECT " + ", ".join(parts), sum(map(len, columns.values()))
    written = Written(
        sql,
        params=(0,) * places,
        places=tuple((at, 0) for at in range(places)),
        locks=False,
        plain=True,
        read=list,
        types=("BooleanField",) * len(asked),
    )
    return asked, written
