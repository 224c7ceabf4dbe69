"""Rows that hot acts write: the statement's words are made once a process, as ``prepared`` makes those of queries.

A row is written as ``save`` writes it, field by field. Nobody is told of it: a model of whose saving somebody is told is
refused, and so is one whose columns the database fills in itself. (Wagtail hears of every row before it is saved, and
looks for the language of translated ones.)
"""

from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model
from django.db.models.signals import post_save
from wagtail.models import TranslatableMixin

from academy.requests.written_together import is_writing_together, write, write_now, write_soon


class PreparedInsert[Row: Model]:
    """Adds a new row, of which nothing is written yet. ``write`` gives it its key. The others may wait
    (``written_together``): ``write_soon`` gives it one when the act sends something else, ``add`` only where it is sent at
    once, ``write_under_key`` writes the one that it has from the database, and ``write_once`` leaves it alone where one
    like it is there already."""

    def __init__(self, model: type[Row]) -> None:
        self._model = model
        self._words: dict[str, str] = {}

    @cached_property
    def _fields(self) -> list[Field]:
        return _plain(
            self._model, [field for field in self._model._meta.local_concrete_fields if not field.primary_key]
        )

    def write(self, row: Row) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        ((key,),) = write_now(self._giving_key(connection), self._values(row, connection))
        self._is_there(row, key)

    def write_soon(self, row: Row) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        write_soon(self._giving_key(connection), self._values(row, connection), lambda key: self._is_there(row, key))

    def _giving_key(self, connection: Any) -> str:
        return f"{self._insert(connection)} RETURNING {connection.ops.quote_name(str(self._model._meta.pk.column))}"

    def write_under_key(self, row: Row) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        key = connection.ops.quote_name(str(self._model._meta.pk.column))
        words = self._insert(connection).replace(" (", f" ({key}, ", 1).replace("VALUES (", "VALUES (%s, ", 1)
        write(words, [row.pk, *self._values(row, connection)])
        self._is_there(row, row.pk)

    def _is_there(self, row: Row, key: Any) -> None:
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS

    def add(self, row: Row) -> None:
        if not is_writing_together():
            self.write(row)
            return
        connection = connections[DEFAULT_DB_ALIAS]
        write(self._insert(connection), self._values(row, connection))

    def write_once(self, row: Row) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        write(f"{self._insert(connection)} ON CONFLICT DO NOTHING", self._values(row, connection))

    def _values(self, row: Row, connection: Any) -> list[Any]:
        return [field.get_db_prep_save(field.pre_save(row, True), connection) for field in self._fields]

    def _insert(self, connection: Any) -> str:
        if connection.vendor not in self._words:
            name = connection.ops.quote_name
            columns = ", ".join(name(str(field.column)) for field in self._fields)
            marks = ", ".join(["%s"] * len(self._fields))
            table = name(self._model._meta.db_table)
            self._words[connection.vendor] = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names only
        return self._words[connection.vendor]


class PreparedUpdate[Row: Model]:
    """Writes these fields of a row that is there; it may wait (``written_together``). Raises ``DatabaseError`` where the
    row is not there, as ``save`` does."""

    def __init__(self, model: type[Row], *names: str) -> None:
        self._model, self._names = model, names
        self._words: dict[str, str] = {}

    @cached_property
    def _fields(self) -> list[Field]:
        return _plain(self._model, [self._model._meta.get_field(name) for name in self._names])

    def write(self, row: Row) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in self._words:
            name, meta = connection.ops.quote_name, self._model._meta
            columns = ", ".join(f"{name(str(field.column))} = %s" for field in self._fields)
            self._words[connection.vendor] = (
                f"UPDATE {name(meta.db_table)} SET {columns} WHERE {name(str(meta.pk.column))} = %s"  # noqa: S608 - names only
            )
        values = [field.get_db_prep_save(field.pre_save(row, False), connection) for field in self._fields]
        write(self._words[connection.vendor], [*values, row.pk], only_one=True)


def _plain(model: type[Model], fields: list[Any]) -> list[Field]:
    """Raises ``TypeError`` for what these statements would not write as ``save`` does."""
    if post_save.has_listeners(model) or issubclass(model, TranslatableMixin):
        raise TypeError(f"somebody is told of the saving of {model.__name__}")
    for field in fields:
        if field.generated or (field.has_db_default() and not field.has_default()):
            raise TypeError(f"the database fills in {model.__name__}.{field.name}")
    return fields
