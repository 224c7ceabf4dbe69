"""A statement that PostgreSQL plans once a connection and knows by its name from then on.

For words that are the same each time: the values alone are sent, past the layers between Django and the server, and the
server neither reads nor plans the words again (docs/decisions.md has the figures). SQLite keeps its plans by the words
itself, and gets them past these layers, too. Where somebody watches the queries, as tests that count them do, and where a
pooler stands between (``NAMED_STATEMENTS``), the same words go the usual way.
"""

import os
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

# So many one connection knows; what comes later goes the usual way.
MOST = 400
# The server knows the name no more, or would answer with other columns: it is told the words anew.
FORGOTTEN = ("26000", "0A000")
# What is known of a connection stands at it, and goes with it.
KNOWN = "_academy_known"
_numbers = count()
# What has to be sent before anything else is, while an act writes together (``written_together``).
BEFORE_ANOTHER: ContextVar[Callable[[str], None] | None] = ContextVar("what goes before", default=None)


class _Known:
    """What the server of a connection was told, and how its values are sent and read, which is long looked for."""

    __slots__ = ("adapting", "names")

    def __init__(self, raw: psycopg.Connection) -> None:
        self.names: dict[str, bytes] = {}
        self.adapting = Transformer(raw)


@dataclass(frozen=True, slots=True)
class Ran:
    """The rows that a statement gave, and how many it read or wrote."""

    rows: list[Any]
    count: int


def run_statement(words: str, values: Sequence[Any]) -> Ran:
    """Runs words with ``%s`` for each value. PostgreSQL has to be able to tell the type of each from where it stands: in
    a comparison with a column, as the value of one, in a ``CAST``. Raises as a cursor does."""
    connection = connections[DEFAULT_DB_ALIAS]
    before = BEFORE_ANOTHER.get()
    if before is not None:
        before(words)
    # The wrapper of what waits is no watcher.
    is_watched = connection.queries_logged or len(connection.execute_wrappers) > (before is not None)
    if connection.vendor == "postgresql" and settings.NAMED_STATEMENTS and not is_watched:
        ran = _run_named(connection, words, values)
        if ran is not None:
            return ran
    if connection.vendor == "sqlite" and not is_watched:
        return _run_on_sqlite(connection, words, values)
    with connection.cursor() as cursor:
        cursor.execute(words, values)
        return Ran(cursor.fetchall() if cursor.description else [], cursor.rowcount)


def _run_named(connection: Any, words: str, values: Sequence[Any]) -> Ran | None:
    """None where the usual way has to be gone."""
    _make_ready(connection)
    raw = connection.connection
    with connection.wrap_database_errors:
        if not _is_ready(raw):
            return None
        known = vars(raw).get(KNOWN)
        if known is None:
            known = vars(raw)[KNOWN] = _Known(raw)
        adapting = known.adapting
        sent = adapting.dump_sequence(values, [PyFormat.TEXT] * len(values))
        name = _name_of(raw, known.names, words)
        if name is None:
            return None
        result = raw.pgconn.exec_prepared(name, sent)
        if result.status == ExecStatus.TUPLES_OK:
            adapting.set_pgresult(result)
            rows = adapting.load_rows(0, result.ntuples, tuple)
            # It would be held until the next one.
            adapting.set_pgresult(None)
            return Ran(rows, result.ntuples)
        if result.status == ExecStatus.COMMAND_OK:
            return Ran([], result.command_tuples or 0)
        fault = _fault(raw, result)
        if fault.sqlstate in FORGOTTEN:
            # Inside a transaction nothing can be sent again, but the next one tells the names anew.
            vars(raw).pop(KNOWN, None)
            if raw.pgconn.transaction_status == TransactionStatus.IDLE:
                return None
        raise fault


def _run_on_sqlite(connection: Any, words: str, values: Sequence[Any]) -> Ran:
    _make_ready(connection)
    with connection.wrap_database_errors:
        cursor = connection.connection.execute(_with_question_marks(words), values)
        return Ran(cursor.fetchall() if cursor.description else [], cursor.rowcount)


def _make_ready(connection: Any) -> None:
    """What Django's own cursor asks before it sends something."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_thread_sharing()
    connection.validate_no_broken_transaction()


def _is_ready(raw: psycopg.Connection) -> bool:
    """Whether a statement may go; the transaction is begun first where one is wanted, as the driver itself would."""
    status = raw.pgconn.transaction_status
    if status == TransactionStatus.IDLE and not raw.autocommit:
        if (raw.isolation_level, raw.read_only, raw.deferrable) != (None, None, None):
            return False
        result = raw.pgconn.exec_(b"BEGIN")
        if result.status != ExecStatus.COMMAND_OK:
            raise _fault(raw, result)
        return True
    return status in (TransactionStatus.IDLE, TransactionStatus.INTRANS)


def _name_of(raw: psycopg.Connection, names: dict[str, bytes], words: str) -> bytes | None:
    """The name by which this connection's server knows the words; told now where it does not."""
    name = names.get(words)
    if name is None and len(names) < MOST:
        name = f"academy_{os.getpid()}_{next(_numbers)}".encode()
        result = raw.pgconn.prepare(name, _numbered(words))
        if result.status != ExecStatus.COMMAND_OK:
            raise _fault(raw, result)
        names[words] = name
    return name


@cache
def _numbered(words: str) -> bytes:
    """With ``$1``, ``$2``, … for its marks, as the server wants it."""
    places = count(1)
    return re.sub(r"%([s%])", lambda mark: f"${next(places)}" if mark[1] == "s" else "%", words).encode()


@cache
def _with_question_marks(words: str) -> str:
    """With ``?`` for its marks, as SQLite wants it."""
    return re.sub(r"%([s%])", lambda mark: "?" if mark[1] == "s" else "%", words)


def _fault(raw: psycopg.Connection, result: Any) -> psycopg.Error:
    if raw.pgconn.status == ConnStatus.BAD:
        return psycopg.OperationalError(raw.pgconn.get_error_message())
    return error_from_result(result, encoding=raw.info.encoding)
