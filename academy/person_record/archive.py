"""The file of everything about one person: ``record.json`` for a machine, ``record.xlsx`` for a reader, the documents.

``record.json`` is ``{"format", "made_at", "journal_head", "person", "tables"}``; each table is ``{"title", "columns", "rows"}`` where
``columns`` names every key in both languages, and ``rows`` are objects with these keys: days as 2026-11-23, moments with
their offset, nothing as null.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.bilingual import in_every_language
from academy.doors import RecordDocument, RecordTable, person_documents, person_records
from academy.journal import head_line
from academy.models import User
from academy.person_record.columns import machine_row, spoken
from academy.spreadsheets import Column, Sheet, csv_file, workbook

FORMAT = "academy-person-record/1"
SHEET_ROWS = 1_000_000


def write_record(
    *,
    target: BinaryIO,
    person: User,
    reader: str,
    language: str,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Writes the ZIP. Returns how many rows and documents it holds. A document that is gone is named as missing."""
    tables = [table for table in person_records(person) if table.reader in ("", reader)]
    documents = person_documents(person)
    steps = len(tables) + len(documents)
    held, listed = 0, []
    with translation.override(language), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        kept: dict[str, list[Any]] = {}
        for number, table in enumerate(tables, 1):
            kept[table.code] = list(table.rows)
            held += len(kept[table.code])
            progress(number, steps)
        head = head_line(now=now)
        data = machine_readable(person, tables, kept, now, head[1])
        listed.append(_add(archive, "record.json", data))
        listed.append(_add(archive, "record.xlsx", readable(person, tables, kept, now, head)))
        for number, document in enumerate(documents, 1):
            listed.append(_add_document(archive, document))
            progress(len(tables) + number, steps)
        archive.writestr("manifest.csv", csv_file([["file", "sha256"], *listed]))
    return held + len(documents)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> tuple[str, str]:
    archive.writestr(name, data)
    return name, hashlib.sha256(data).hexdigest()


def _add_document(archive: zipfile.ZipFile, document: RecordDocument) -> tuple[str, str]:
    name = f"documents/{document.name}"
    try:
        data = document.read()
    except (OSError, ValueError):
        return name, "missing"
    return _add(archive, name, data)


def machine_readable(
    person: User, tables: list[RecordTable], kept: dict[str, list[Any]], now: datetime, head: str
) -> bytes:
    content = {
        "format": FORMAT,
        "made_at": _machine(now),
        "journal_head": head,
        "person": {
            "staff_number": person.staff_number,
            "name": person.display_name,
            "email": person.email,
            "language": person.language,
            "may_sign_in": person.is_active,
            "last_sign_in": _machine(person.last_login),
            "account_opened": _machine(person.date_joined),
        },
        "tables": {
            table.code: {
                "title": in_every_language(table.label),
                "columns": {column.key: in_every_language(column.label) for column in table.columns},
                "rows": [
                    {key: _machine(value) for key, value in machine_row(table, row).items()} for row in kept[table.code]
                ],
            }
            for table in tables
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=str).encode()


def _machine(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def readable(
    person: User, tables: list[RecordTable], kept: dict[str, list[Any]], now: datetime, head: tuple[str, str]
) -> bytes:
    """A first sheet that lists all tables, and one sheet a table that has rows."""
    facts = [
        (pgettext("person", "Name"), person.display_name),
        (_("Staff number"), person.staff_number),
        (_("E-mail"), person.email or ""),
        (_("Made at"), spoken(now)),
        head,
    ]
    cover = Sheet(
        _("Overview"),
        [Column(_("What"), width=36), Column(_("Rows"), width=40)],
        [[str(table.label), len(kept[table.code])] for table in tables],
        facts,
    )
    return workbook(cover, *(_sheet(table, kept[table.code]) for table in tables if kept[table.code]))


def _sheet(table: RecordTable, rows: list[Any]) -> Sheet:
    columns = [Column(str(column.label), width=20) for column in table.columns]
    cells = ([_cell(column.read(row)) for column in table.columns] for row in rows[:SHEET_ROWS])
    return Sheet(str(table.label), columns, cells)


def _cell(value: Any) -> Any:
    return value if isinstance(value, date | int | float) else spoken(value)
