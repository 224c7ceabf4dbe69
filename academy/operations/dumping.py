"""The database in one snapshot, and back. No client tools: SQLite's own backup, PostgreSQL's COPY.

``pg_dump`` must be as new as the server and be installed beside the academy; COPY in one transaction that reads one
snapshot needs neither, and the shape of the tables is made by the migrations, which the file names.
"""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction

from academy.requests.kept.triggers import drop_triggers, lay_triggers

CHUNK = 2**20
SQLITE_FILE = "database/academy.sqlite3"
Part = tuple[str, Iterable[bytes], Callable[[], dict[str, int]]]


class Snapshot(Protocol):
    def parts(self) -> Iterator[Part]: ...


@contextlib.contextmanager
def snapshot(*, folder: Path) -> Iterator[Snapshot]:
    """While the block runs, the whole database as it stood at its beginning; ``folder`` has room for a copy."""
    if connection.vendor == "sqlite":
        with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as room:
            yield _SQLite(Path(room) / "academy.sqlite3")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield _PostgreSQL()


class _SQLite:
    def __init__(self, copy: Path) -> None:
        self.copy = copy
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")

    def parts(self) -> Iterator[Part]:
        with self.copy.open("rb") as source:
            yield SQLITE_FILE, iter(lambda: source.read(CHUNK), b""), self._rows

    def _rows(self) -> dict[str, int]:
        with contextlib.closing(sqlite3.connect(self.copy)) as found:
            return {name: found.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in _tables(found)}  # noqa: S608


def _tables(found: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    return sorted(row[0] for row in found.execute(query))


class _PostgreSQL:
    def parts(self) -> Iterator[Part]:
        for table in sorted(connection.introspection.table_names()):
            columns = columns_of(table)
            counted: dict[str, int] = {}
            with connection.cursor() as cursor:
                yield (
                    f"database/{table}.copy",
                    _copied(cursor, f"COPY {_quoted(table)} ({columns}) TO STDOUT", table, counted),
                    counted.copy,
                )


def _copied(cursor: Any, statement: str, table: str, counted: dict[str, int]) -> Iterator[bytes]:
    with cursor.copy(statement) as rows:
        for row in rows:
            yield bytes(row)
    counted[table] = cursor.rowcount


def columns_of(table: str) -> str:
    """The columns that are written, in order; what the database computes is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s"
            " AND is_generated = 'NEVER' ORDER BY column_name",
            [table],
        )
        return ", ".join(_quoted(name) for (name,) in cursor.fetchall())


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def restore_sqlite(*, source: Path) -> None:
    """Puts the file in the place of the database; the old one goes with its journal."""
    place = Path(connection.settings_dict["NAME"])
    connection.close()
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    shutil.copyfile(source, part)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    for suffix in ("-wal", "-shm"):
        place.with_name(place.name + suffix).unlink(missing_ok=True)
    part.replace(place)


def restore_postgresql(*, sources: dict[str, Path]) -> None:
    """Fills the tables that the migrations made, all of them or none. ``sources`` is a file a table."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        # The versions of the facts come with the facts.
        drop_triggers()
        cursor.execute(
            f"TRUNCATE {', '.join(_quoted(table) for table in connection.introspection.table_names(cursor))}"
        )
        for table, path in sources.items():
            with (
                cursor.copy(f"COPY {_quoted(table)} ({columns_of(table)}) FROM STDIN") as rows,
                path.open("rb") as source,
            ):
                for chunk in iter(partial(source.read, CHUNK), b""):
                    rows.write(chunk)
        _set_sequences(cursor)
    lay_triggers()


def _set_sequences(cursor: Any) -> None:
    for table in connection.introspection.table_names(cursor):
        for sequence in connection.introspection.get_sequences(cursor, table):
            name, column = _quoted(table), _quoted(sequence["column"])
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max({column}), 1), max({column}) IS NOT NULL) FROM {name}",  # noqa: S608
                [name, sequence["column"]],
            )
