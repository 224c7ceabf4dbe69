"""The triggers that raise versions: whoever writes, by rule, in bulk or in SQL, cannot forget to.

They are no part of a migration, since SQLite drops them with each table that a migration makes anew: after every
``migrate`` they are compared with what is watched and laid anew where they differ. The name of each holds the digest of
its text. ``/readyz`` says where one is missing.
"""

import hashlib
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from academy.models import FactsVersion
from academy.requests.kept.watching import EVERYBODY, WATCHED, Watch

PREFIX = "facts_changed_"
TABLE = FactsVersion._meta.db_table
# A stamp has 31 bits, so that two billions of them can be summed up.
STAMPS = {"sqlite": "(random() & 2147483647) + 1", "postgresql": "1 + floor(random() * 2147483647)::bigint"}
STANDING = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE %s",
}


def wanted_triggers(vendor: str) -> dict[str, tuple[str, list[str]]]:
    """By name: the table of each trigger and the statements that lay it."""
    make = {"sqlite": _sqlite, "postgresql": _postgresql}[vendor]
    found: dict[str, tuple[str, list[str]]] = {}
    for watched in WATCHED:
        for event in ("UPDATE",) if watched.only else ("INSERT", "UPDATE", "DELETE"):
            digest = hashlib.sha256("".join(make(watched, event, PREFIX)).encode()).hexdigest()[:16]
            name = f"{PREFIX}{digest}"
            found[name] = watched.table, make(watched, event, name)
    return found


def standing_triggers(database: BaseDatabaseWrapper) -> dict[str, str]:
    """By name: the table of each trigger that stands in the database."""
    with database.cursor() as cursor:
        cursor.execute(STANDING[database.vendor], [f"{PREFIX}%"])
        return {name: table.strip('"') for name, table in cursor.fetchall()}


def lay_triggers(sender: Any = None, *, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """After a migration: what is missing is laid, what is of another text or no longer watched goes; and every kept
    answer is void, since the code that gave it may be another."""
    database = connections[using]
    existing = set(database.introspection.table_names())
    if TABLE not in existing:
        # Migrated back to before there were versions.
        return
    wanted, standing = wanted_triggers(database.vendor), standing_triggers(database)
    with transaction.atomic(using=using), database.cursor() as cursor:
        for name in standing.keys() - wanted.keys():
            cursor.execute(_drop(database.vendor, name, standing[name]))
        for name, (table, statements) in wanted.items():
            if name not in standing and table in existing:
                for statement in statements:
                    cursor.execute(statement)
        cursor.execute(f"INSERT INTO {TABLE} (subject, stamp) SELECT {EVERYBODY}, {STAMPS[database.vendor]}")


def lift_triggers(sender: Any = None, *, using: str, plan: Any = (), **kwargs: Any) -> None:
    """Before a migration on SQLite, where a table is made anew under its name: a trigger of another table that looks up
    in it would stop that. ``lay_triggers`` follows."""
    if plan and connections[using].vendor == "sqlite":
        drop_triggers()


def drop_triggers() -> None:
    """Before whole tables are put in place with their versions: ``lay_triggers`` follows, and ``/readyz`` asks for it."""
    with connection.cursor() as cursor:
        for name, table in standing_triggers(connection).items():
            cursor.execute(_drop(connection.vendor, name, table))


def _drop(vendor: str, name: str, table: str) -> str:
    return f'DROP TRIGGER "{name}"' + ("" if vendor == "sqlite" else f' ON "{table}"')


def missing_triggers() -> set[str]:
    """The tables whose changes raise no version though they should: ``/readyz`` says that migrations are wanting."""
    standing = standing_triggers(connection)
    return {table for name, (table, _laid) in wanted_triggers(connection.vendor).items() if name not in standing}


def _subject(watched: Watch, row: str) -> str:
    """The person of a row as SQL; of several hops each is looked up by the key before it."""
    if not watched.whose:
        return str(watched.subject)
    model, found = watched.model, ""
    for hop in watched.whose.split("__"):
        if hop == "pk":
            field: Any = model._meta.pk
        else:
            field = model._meta.get_field(hop)
        if not found:
            found = f'{row}."{field.column}"'
        else:
            key = model._meta.pk
            assert key is not None
            found = f'(SELECT "{field.column}" FROM "{model._meta.db_table}" WHERE "{key.column}" = {found})'
        if field.related_model is not None:
            model = field.related_model
    return found


def _sqlite(watched: Watch, event: str, name: str) -> list[str]:
    """By row. An update counts by the columns that it names."""
    rows = {"INSERT": ["NEW"], "DELETE": ["OLD"], "UPDATE": ["NEW", "OLD"]}[event]
    subjects = " UNION ".join(f"SELECT {_subject(watched, row)} AS subject" for row in rows)
    of = (
        ""
        if watched.counts_all or event != "UPDATE"
        else " OF " + ", ".join(f'"{column}"' for column in watched.columns)
    )
    return [
        f'CREATE TRIGGER "{name}" AFTER {event}{of} ON "{watched.table}" BEGIN '
        f"INSERT INTO {TABLE} (subject, stamp) SELECT subject, {STAMPS['sqlite']} FROM ({subjects}) "
        "WHERE subject IS NOT NULL; END"
    ]


def _postgresql(watched: Watch, event: str, name: str) -> list[str]:
    """By statement, so that forty thousand rows at once raise each version once."""
    rows = {"INSERT": ["added"], "DELETE": ["gone"], "UPDATE": ["added", "gone"]}[event]
    tables = {row: row for row in rows}
    if event == "UPDATE" and not watched.counts_all:
        # Only rows whose counting columns differ.
        key = watched.model._meta.pk
        assert key is not None
        differ = " OR ".join(f'added."{column}" IS DISTINCT FROM gone."{column}"' for column in watched.columns)
        both = f'added JOIN gone ON added."{key.column}" = gone."{key.column}" WHERE {differ}'
        tables = {row: f"(SELECT {row}.* FROM {both}) AS {row}" for row in rows}
    subjects = " UNION ".join(f"SELECT {_subject(watched, row)} AS subject FROM {tables[row]}" for row in rows)
    referencing = " ".join(f"{ {'added': 'NEW', 'gone': 'OLD'}[row] } TABLE AS {row}" for row in rows)
    return [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        f"INSERT INTO {TABLE} (subject, stamp) SELECT subject, {STAMPS['postgresql']} FROM ({subjects}) AS whose "
        "WHERE subject IS NOT NULL; RETURN NULL; END $$",
        f'CREATE TRIGGER "{name}" AFTER {event} ON "{watched.table}" REFERENCING {referencing} '
        f'FOR EACH STATEMENT EXECUTE FUNCTION "{name}"()',
    ]
