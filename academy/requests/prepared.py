"""A query whose words are made once a process: only the values differ from one asking to the next.

Django writes the SQL of a queryset anew each time, which costs this process several times what sending it costs
(docs/decisions.md has the figures). What hot pages ask is therefore written once, with a mark where each value stands;
an asking puts its values there, and Django sends it and makes the rows as ever.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.query import QuerySet
from django.db.transaction import TransactionManagementError

type Value = int | str | date | UUID
# No key, number, word or day of a bank looks like one of these.
FIRST_NUMBER, FIRST_UUID, FIRST_DAY, WORD = 9_007_199_254_000_000, 0xACADE << 100, date(8000, 1, 1), "\x02value %d\x03"
# A list of values has words of its own for each length. Beyond so many they are made each time, as Django does.
KEPT = 64


@dataclass(frozen=True, slots=True)
class _Written:
    """A query as one kind of database wants it. ``places`` pairs a parameter with the value that goes there."""

    queryset: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]


class PreparedQuery[Row]:
    """``build`` makes the queryset out of named values: whole numbers, words, days, UUIDs, or collections of them.

    Its words may depend on nothing but the kinds of the values and how many they are: what is true, false or None
    belongs into the queryset itself. A value that the query does not ask for raises ``TypeError``.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._written: dict[Any, _Written] = {}

    def rows(self, **values: Value | Collection[Value]) -> list[Row]:
        """The rows: one query, and none where a collection is empty, since nothing is among no values."""
        flat: list[Value] = []
        shape: list[tuple[str, type, int | None]] = []
        for name, value in values.items():
            if isinstance(value, int | str | date | UUID):
                shape.append((name, type(value), None))
                flat.append(value)
            elif not value:
                return []
            else:
                several = list(value)
                shape.append((name, type(several[0]), len(several)))
                flat += several
        connection = connections[DEFAULT_DB_ALIAS]
        key = (connection.vendor, *shape)
        written = self._written.get(key)
        if written is None:
            written = self._write(shape, connection)
            if len(self._written) < KEPT:
                self._written[key] = written
        return _asked(written, flat, connection)

    def first(self, **values: Value | Collection[Value]) -> Row | None:
        """The first of the rows, or None. The queryset itself says how many it wants."""
        return next(iter(self.rows(**values)), None)

    def _write(self, shape: Sequence[tuple[str, type, int | None]], connection: Any) -> _Written:
        marks: dict[str, Any] = {}
        numbers: dict[Value, int] = {}
        for name, kind, length in shape:
            made = [_mark(kind, len(numbers) + at) for at in range(1 if length is None else length)]
            numbers |= {mark: len(numbers) + at for at, mark in enumerate(made)}
            marks[name] = made[0] if length is None else made
        known = numbers | {text: number for mark, number in numbers.items() if (text := _text(mark))}
        queryset = self._build(**marks)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        places = tuple(
            (at, known[param])
            for at, param in enumerate(params)
            if isinstance(param, int | str | date | UUID) and param in known
        )
        if {number for _at, number in places} != set(numbers.values()):
            raise TypeError("a prepared query asks for each of its values")
        return _Written(queryset, compiler, sql, tuple(params), places)


def _mark(kind: type, number: int) -> Value:
    if kind is UUID:
        return UUID(int=FIRST_UUID + number)
    if kind is date:
        return FIRST_DAY + timedelta(days=number)
    return FIRST_NUMBER + number if kind is int else WORD % number


def _text(value: Value) -> str:
    """As SQLite keeps a UUID and a day; '' where it keeps the value as it is."""
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat() if isinstance(value, date) else ""


def _asked(written: _Written, values: Sequence[Value], connection: Any) -> list[Any]:
    """As a queryset asks, with its words at hand."""
    params = list(written.params)
    for at, number in written.places:
        value = values[number]
        params[at] = (_text(value) if isinstance(params[at], str) else "") or value
    template = written.queryset
    if template.query.select_for_update and connection.features.has_select_for_update and connection.get_autocommit():
        raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
    # Copies of a query and its writer, so that threads do not meet; all that they hold is read only.
    compiler, query, queryset = _twin(written.compiler), _twin(template.query), _twin(template)
    compiler.connection, compiler.as_sql = connection, lambda: (written.sql, tuple(params))
    query.get_compiler = lambda *args, **kwargs: compiler
    queryset._query, queryset._result_cache = query, None  # noqa: SLF001
    return list(queryset)


def _twin(of: Any) -> Any:
    """A shallow copy. ``copy`` would ask the database, since a queryset that is copied so takes its rows along."""
    twin = object.__new__(type(of))
    twin.__dict__.update(of.__dict__)
    return twin
