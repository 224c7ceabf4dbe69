"""A query whose words are made once a process: only the values differ from one asking to the next.

Django writes the SQL of a queryset anew each time, which costs this process several times what sending it costs
(docs/decisions.md has the figures). What hot pages ask is therefore written once, with a mark where each value stands;
an asking puts its values there and sends it. How a row becomes an object is found out once, too: by the same converters,
and by the same methods of the models, that Django would look up for each asking.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, prefetch_related_objects
from django.db.models import query as django_query
from django.db.models.base import ModelState
from django.db.models.query import QuerySet
from django.db.models.signals import post_init, pre_init
from django.db.models.utils import create_namedtuple_class
from django.db.transaction import TransactionManagementError
from modelcluster.models import ClusterableModel

from academy.requests.statements import run_statement

type Value = int | str | date | UUID
# No key, number, word or day of a bank looks like one of these.
FIRST_NUMBER, FIRST_UUID, FIRST_DAY, WORD = 9_007_199_254_000_000, 0xACADE << 100, date(8000, 1, 1), "\x02value %d\x03"
# While an answer about a person is put together: the rows that its parts have asked for. Every change that could make
# them others raises the version under which the answer is kept.
_asked_once: ContextVar[dict[Any, list[Any]] | None] = ContextVar("rows of one answer", default=None)
# A list of values has words of its own for each length. Beyond so many they are made each time, as Django does.
KEPT = 64


type Reader = Callable[[Iterable[Any]], list[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A query as one kind of database wants it. ``places`` pairs a parameter with the value that goes there."""

    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    locks: bool
    # Rows of plain values, which no reader changes.
    plain: bool
    read: Reader
    # What Django calls the type of each column; None where there are columns that no reader reads.
    types: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class BoundQuery[Row]:
    """A query with its values: the same question is equal to itself."""

    written: Written
    values: tuple[Value, ...]

    def rows(self) -> list[Row]:
        """The rows: one query, none where they are at hand."""
        at_hand = rows_at_hand.get().get(self)
        if at_hand is not None:
            return self.written.read(at_hand[self])
        held = _asked_once.get()
        if held is None or not self.written.plain:
            return self.written.read(self._send())
        if self not in held:
            held[self] = self.written.read(self._send())
        return list(held[self])

    def params(self) -> list[Any]:
        """What goes to the database with the words."""
        params = list(self.written.params)
        for at, number in self.written.places:
            value = self.values[number]
            params[at] = (_text(value) if isinstance(params[at], str) else "") or value
        return params

    def _send(self) -> list[Any]:
        if self.written.locks and connections[DEFAULT_DB_ALIAS].get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        return run_statement(self.written.sql, self.params()).rows


class _Sent(Protocol):
    """Where the rows of several askings are."""

    def __getitem__(self, asking: BoundQuery[Any], /) -> list[Any]: ...


# What is asked with others (``together``): by asking, where its rows are, as the database gives them.
rows_at_hand: ContextVar[Mapping[BoundQuery[Any], _Sent]] = ContextVar("rows at hand", default=MappingProxyType({}))


class PreparedQuery[Row]:
    """``build`` makes the queryset out of named values: whole numbers, words, days, UUIDs, or collections of them.

    Its words may depend on nothing but the kinds of the values and how many they are: what is true, false or None
    belongs into the queryset itself. A value that the query does not ask for raises ``TypeError``. A number is compared with
    a column that holds keys: one of small numbers, as a year, refuses the mark that stands for it.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._written: dict[Any, Written] = {}

    def rows(self, **values: Value | Collection[Value]) -> list[Row]:
        """The rows: one query, and none where a collection is empty, since nothing is among no values."""
        asking = self.bound(**values)
        return [] if asking is None else asking.rows()

    def bound(self, **values: Value | Collection[Value]) -> BoundQuery[Row] | None:
        """The question with its values, not sent yet; None where a collection is empty."""
        flat: list[Value] = []
        shape: list[tuple[str, type, int | None]] = []
        for name, value in values.items():
            if isinstance(value, int | str | date | UUID):
                shape.append((name, type(value), None))
                flat.append(value)
            elif not value:
                return None
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
        return BoundQuery(written, tuple(flat))

    def first(self, **values: Value | Collection[Value]) -> Row | None:
        """The first of the rows, or None. The queryset itself says how many it wants."""
        return next(iter(self.rows(**values)), None)

    def _write(self, shape: Sequence[tuple[str, type, int | None]], connection: Any) -> Written:
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
        plain = queryset._iterable_class is not django_query.ModelIterable  # noqa: SLF001
        locks = bool(queryset.query.select_for_update and connection.features.has_select_for_update)
        read, types = _reader(queryset, compiler, connection), _types(compiler)
        if connection.vendor != "postgresql":
            return Written(sql, tuple(params), places, locks, plain, read, types)
        connection.ensure_connection()
        numbered = dict(places)
        words = _with_values_written(sql, params, numbered, connection.connection)
        given = [(at, number) for at, (_was, number) in enumerate(places)]
        kept = tuple(params[at] for at, _number in places)
        return Written(words, kept, tuple(given), locks, plain, read, types)


# What PostgreSQL is told of a value whose type does not follow from where it stands. A word is as a literal is.
TYPES: Mapping[type, str] = {int: "::bigint", date: "::date", UUID: "::uuid", str: ""}


def _with_values_written(sql: str, params: Sequence[Any], places: Mapping[int, int], raw: Any) -> str:
    """The words with a mark for what an asking brings, and with everything else in its place."""
    words, at = [], 0
    for part in re.split(r"(%[s%])", sql):
        if part != "%s":
            words.append(part)
            continue
        if at in places:
            words.append("%s" + next(cast for kind, cast in TYPES.items() if isinstance(params[at], kind)))
        else:
            words.append(psycopg.sql.Literal(params[at]).as_string(raw).replace("%", "%%"))
        at += 1
    return "".join(words)


@contextmanager
def each_asked_once() -> Iterator[None]:
    """Within it plain rows are asked for once; within another one it is the outer one's."""
    token = _asked_once.set({} if (held := _asked_once.get()) is None else held)
    try:
        yield
    finally:
        _asked_once.reset(token)


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


def _reader(queryset: Any, compiler: Any, connection: Any) -> Reader:
    """What makes objects of rows, as the queryset itself would. It holds nothing that an asking changes, so that threads
    share it."""
    make = _MAKERS[queryset._iterable_class](queryset, compiler)  # noqa: SLF001
    columns, lookups = compiler.col_count, queryset._prefetch_related_lookups  # noqa: SLF001
    expressions = [column[0] for column in compiler.select[:columns]]
    converters = [
        (at, converter, expression)
        for at, (several, expression) in compiler.get_converters(expressions).items()
        for converter in several
    ]
    extra = compiler.has_extra_select

    def read(rows: Iterable[Any]) -> list[Any]:
        if extra:
            rows = [row[:columns] for row in rows]
        if converters:
            rows = [list(row) for row in rows]
            for at, converter, expression in converters:
                for row in rows:
                    row[at] = converter(row[at], expression, connection)
        made = make(rows)
        if lookups:
            prefetch_related_objects(made, *lookups)
        return made

    return read


def _types(compiler: Any) -> tuple[str, ...] | None:
    """By Django's names, that of a key being the one of what it points to."""
    if compiler.has_extra_select:
        return None
    fields = [column[0].output_field for column in compiler.select]
    return tuple((field.target_field if field.remote_field else field).get_internal_type() for field in fields)


def _models(queryset: Any, compiler: Any) -> Reader:
    select, told, mode = compiler.select, compiler.klass_info, queryset._fetch_mode  # noqa: SLF001
    first, end = told["select_fields"][0], told["select_fields"][-1] + 1
    names = [column[0].target.attname for column in select[first:end]]
    from_row = row_maker(told["model"], mode)
    joined = django_query.get_related_populators(told, select, DEFAULT_DB_ALIAS, mode)
    _make_quickly(joined, mode)
    annotations = list(compiler.annotation_col_map.items())

    def make(rows: Iterable[Any]) -> list[Any]:
        made = []
        for row in rows:
            found = from_row(DEFAULT_DB_ALIAS, names, row[first:end])
            for populator in joined:
                populator.populate(row, found)
            for name, at in annotations:
                setattr(found, name, row[at])
            made.append(found)
        return made

    return make


def _make_quickly(populators: Iterable[Any], mode: Any) -> None:
    for populator in populators:
        populator.from_db = row_maker(populator.model_cls, mode)
        _make_quickly(populator.related_populators, mode)


def row_maker(model: type[Model], mode: Any) -> Callable[[str, Sequence[str], Sequence[Any]], Any]:
    """The model's own ``from_db``; where nobody is told of a row that is made, its columns are laid into the new object
    at once, which costs a fifth."""
    # That of modelcluster looks for children among named values, of which a row of the database has none.
    own = model.__init__ in (Model.__init__, ClusterableModel.__init__) and not any(
        "from_db" in vars(base) for base in model.__mro__ if base is not Model
    )
    told = pre_init.has_listeners(model) or post_init.has_listeners(model)
    if told or not own:
        return partial(model.from_db, fetch_mode=mode)

    def make(using: str, names: Sequence[str], values: Sequence[Any]) -> Any:
        made = model.__new__(model)
        state = ModelState()
        state.adding, state.db, state.fetch_mode = False, using, mode
        vars(made).update(zip(names, values, strict=True), _state=state)
        return made

    return make


def _named(queryset: Any, compiler: Any) -> Reader:
    named = create_namedtuple_class(*queryset._fields)  # noqa: SLF001
    return lambda rows: [tuple.__new__(named, row) for row in rows]


# One for each of the ways in which a prepared query gives rows; another one is a KeyError where it is first asked.
_MAKERS: Mapping[type, Callable[[Any, Any], Reader]] = {
    django_query.ModelIterable: _models,
    django_query.ValuesListIterable: lambda queryset, compiler: lambda rows: [tuple(row) for row in rows],
    django_query.FlatValuesListIterable: lambda queryset, compiler: lambda rows: [row[0] for row in rows],
    django_query.NamedValuesListIterable: _named,
}
