"""A loaded world's rows, carried from its SQLite file into a migrated PostgreSQL: a second where a load takes a minute.

The text of a row is what both read: a truth is 0 or 1, a moment stands in UTC, a document is its JSON. What each database
has of its own, the search, is made anew from the rows.
"""

import contextlib
import sqlite3
from pathlib import Path

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection
from wagtail.search.models import IndexEntry

from academy.operations.settling import index_together

FOUND = IndexEntry._meta.db_table


def carry(file: Path) -> None:
    """Every row of the file instead of those that the connected database holds."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
        with connection.cursor() as cursor:
            tables = sorted(set(connection.introspection.table_names(cursor)) - {"django_migrations"})
            # No trigger and no foreign key looks on: the rows came through both where they were written.
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(f"TRUNCATE {', '.join(map(_quoted, tables))}")
            for table in set(tables) - {FOUND}:
                _copy(source, cursor, table)
            for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
                cursor.execute(sql)
            cursor.execute("SET session_replication_role = DEFAULT")
        found = source.execute(f"SELECT content_type_id, object_id FROM {FOUND}").fetchall()
    # The kinds of rows have the file's numbers now.
    ContentType.objects.clear_cache()
    keys: dict[int, list[str]] = {}
    for kind, key in found:
        keys.setdefault(kind, []).append(key)
    for kind, of_kind in keys.items():
        index_together(ContentType.objects.get_for_id(kind).model_class(), of_kind)


def _copy(source: sqlite3.Connection, cursor, table: str) -> None:
    rows = source.execute(f"SELECT * FROM {_quoted(table)}")
    columns = ", ".join(_quoted(column) for column, *_rest in rows.description)
    with cursor.copy(f"COPY {_quoted(table)} ({columns}) FROM STDIN") as copied:
        for row in rows:
            copied.write_row(row)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
