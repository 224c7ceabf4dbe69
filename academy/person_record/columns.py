"""Columns of a person's tables: a path to the value for a machine, words for a reader."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.doors import RecordColumn, RecordTable


def column(key: str, label: Any, path: str = "", *, words: Callable[[Any], Any] | None = None) -> RecordColumn:
    """The value at a dotted path, ``key`` itself where none is given. Something missing on the way is None."""
    steps = (path or key).split(".")

    def value(row: Any) -> Any:
        for step in steps:
            row = getattr(row, step, None)
            if row is None:
                return None
        return plain(row)

    return RecordColumn(key, label, value, words)


def choice(key: str, label: Any) -> RecordColumn:
    """A field with choices: the code for a machine, its label for a reader."""
    return column(key, label, words=lambda row: getattr(row, f"get_{key}_display")())


def job_state() -> RecordColumn:
    """How a kind of long work stands: its job's code for a machine, the label for a reader."""
    return column("state", _("State"), "job.state", words=lambda row: row.state_label)


def plain(value: Any) -> Any:
    """What JSON and a spreadsheet can hold; a related row is said in words."""
    if value is None or isinstance(value, bool | int | float | str | date | datetime | list | dict):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, UUID | Model):
        return str(value)
    return str(value)


def spoken(value: Any) -> str:
    """A value as a page or a spreadsheet's reader sees it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, dict):
        return ", ".join(f"{key}: {spoken(part)}" for key, part in value.items() if part not in (None, "", {}, []))
    if isinstance(value, list | tuple):
        return "; ".join(spoken(part) for part in value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def machine_row(table: RecordTable, row: Any) -> dict[str, Any]:
    return {column.key: column.value(row) for column in table.columns}


def spoken_row(table: RecordTable, row: Any, keys: Iterable[str] = ()) -> list[str]:
    wanted = set(keys) or {column.key for column in table.columns}
    return [spoken(column.read(row)) for column in table.columns if column.key in wanted]
