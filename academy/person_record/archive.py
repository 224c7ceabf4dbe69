"""The file of everything about one person: ``record.json`` for a machine, ``record.xlsx`` for a reader, the documents.

``record.json`` is ``{"format", "made_at", "journal_head", "person", "tables"}``; each table is ``{"title", "columns", "rows"}`` where
``columns`` names every key in both languages, and ``rows`` are objects with these keys: days as 2026-11-23, moments with
their offset, nothing as null.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from academy.bilingual import in_every_language
from academy.doors import RecordDocument, RecordTable, person_documents, person_records
from academy.journal import head_line
from academy.models import User
from academy.person_record.columns import machine_row, spoken
from academy.spreadsheets import harmless

FORMAT = "academy-person-record/1"
CELL_LIMIT = 32_000
SHEET_ROWS = 1_000_000
# What a sheet's name may not hold, and how long it is at most.
NOT_IN_A_NAME, NAME_LIMIT = "[]:*?/\\'", 31


def write_record(
    *, target: BinaryIO, person: User, reader: str, language: str, now: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:  # fmt: skip
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
        listed.append(_add(archive, "record.xlsx", workbook(person, tables, kept, now, head)))
        for number, document in enumerate(documents, 1):
            listed.append(_add_document(archive, document))
            progress(len(tables) + number, steps)
        manifest = "\r\n".join(["file,sha256", *(f"{name},{digest}" for name, digest in listed)]) + "\r\n"
        archive.writestr("manifest.csv", manifest.encode())
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
                "columns": {one.key: in_every_language(one.label) for one in table.columns},
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


def workbook(
    person: User, tables: list[RecordTable], kept: dict[str, list[Any]], now: datetime, head: tuple[str, str]
) -> bytes:
    """One sheet a table that has rows, and a first sheet that lists them all; nothing in it runs."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    bold = book.add_format({"bold": True})
    heading = book.add_format(
        {"bold": True, "bg_color": "#E0EFEB", "border": 1, "text_wrap": True, "valign": "vcenter"}
    )
    formats = {
        date: book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
    }
    cover = book.add_worksheet(_("Overview"))
    cover.set_column(0, 0, 36)
    cover.set_column(1, 1, 40)
    facts = [
        (_("Name"), person.display_name), (_("Staff number"), person.staff_number), (_("E-mail"), person.email or ""),
        (_("Made at"), spoken(now)), head,
    ]  # fmt: skip
    for line, (label, value) in enumerate(facts):
        cover.write_string(line, 0, str(label), bold)
        cover.write_string(line, 1, str(harmless(value)))
    line = len(facts) + 1
    cover.write_row(line, 0, [_("What"), _("Rows")], heading)
    names: set[str] = {_("Overview")}
    for table in tables:
        line += 1
        rows = kept[table.code]
        cover.write_string(line, 0, str(table.label))
        cover.write_number(line, 1, len(rows))
        if rows:
            _sheet(book.add_worksheet(_sheet_name(str(table.label), names)), table, rows, heading, formats)
    book.close()
    return target.getvalue()


def _sheet(sheet: Any, table: RecordTable, rows: list[Any], head: Any, formats: dict[type, Any]) -> None:
    for position, one in enumerate(table.columns):
        sheet.write_string(0, position, str(one.label), head)
    sheet.set_column(0, len(table.columns) - 1, 20)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows[:SHEET_ROWS], 1):
        for position, one in enumerate(table.columns):
            _cell(sheet, line, position, one.read(row), formats)


def _cell(sheet: Any, line: int, position: int, value: Any, formats: dict[type, Any]) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(line, position, timezone.localtime(value).replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(line, position, datetime(value.year, value.month, value.day), formats[date])  # noqa: DTZ001
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(line, position, value)
    else:
        sheet.write_string(line, position, str(harmless(spoken(value)))[:CELL_LIMIT])


def _sheet_name(label: str, taken: set[str]) -> str:
    plain = "".join(" " if one in NOT_IN_A_NAME else one for one in label)[:NAME_LIMIT]
    name, number = plain, 1
    while name.casefold() in {one.casefold() for one in taken}:
        number += 1
        name = f"{plain[: NAME_LIMIT - 4]} {number}"
    taken.add(name)
    return name
