"""Workbooks and lists that go out: one writer, whose cells are what they say and run nowhere."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.utils import translation

from academy.models import Role
from academy.spreadsheets import Column, ColumnKind, Sheet, columns_of, csv_file, head_sheet, workbook
from quizzes.models import Ban
from tests.cast import bank, person

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ["academy", "quizzes", "courses", "certificates"]
# What comes in is read here; a question of the type dialogue is a table between tabs that must come back as it went.
READERS = {"academy/importing/reading.py", "quizzes/interchange/sheet.py", "quizzes/types/dialogue/table.py"}
WRITER = "academy/spreadsheets.py"


def importers(library: str) -> set[str]:
    names = re.compile(rf"^\s*(?:import|from) {library}\b", re.MULTILINE)
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    return {str(path.relative_to(ROOT)) for path in files if names.search(path.read_text(encoding="utf-8"))}


def test_one_module_writes_workbooks_and_lists():
    assert importers("xlsxwriter") == {WRITER}
    assert importers("openpyxl") == set()
    assert importers("csv") == {WRITER, *READERS}


def read(content: bytes, name: str = "") -> list[list]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [list(row) for row in (book[name] if name else book.active).iter_rows(values_only=True)]


def test_cells_are_of_their_kind_and_nothing_runs():
    moment = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    columns = [*columns_of("Any", "When"), Column("No.", ColumnKind.TEXT), Column("Day", ColumnKind.DATE)]
    rows = [["=1+1", moment, 17, moment], [Decimal("2.5"), date(2026, 3, 1), "00017", ""], [True, None, "", None]]
    sheet = Sheet("a/b", columns, (row for row in rows), header=[("Asked", "@all"), ("Rows", 3)])

    with translation.override("en"):
        content = workbook(sheet, Sheet("A:B", columns_of("x")), head_sheet(("Seal", "7:ab")))
        listed = list(csv.reader(io.StringIO(csv_file(rows).decode("utf-8-sig"))))

    assert read(content, "a b") == [
        ["Asked", "'@all", None, None],
        ["Rows", "3", None, None],
        [None, None, None, None],
        ["Any", "When", "No.", "Day"],
        ["'=1+1", datetime(2026, 3, 2, 1, 30), "17", datetime(2026, 3, 2)],
        [2.5, datetime(2026, 3, 1), "00017", None],
        ["yes", None, None, None],
    ]
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["a b", "A B 2", "Seal"]
    assert read(content, "Seal") == [["Seal", "7:ab"]]
    assert listed == [
        ["'=1+1", "2026-03-02 01:30:00", "17", "2026-03-02 01:30:00"],
        ["2.5", "2026-03-01", "00017", ""],
        ["yes", "", "", ""],
    ]


@pytest.mark.django_db
def test_a_listing_of_the_admin_goes_out_by_the_same_writer(client):
    branches, day = bank(), date(2026, 1, 5)
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    learner = person("000101", "=1+1", branches["BJ01"])
    Ban.objects.create(
        person=learner,
        effective_from=day,
        effective_until=day,
        reason="+x",
        recorded_by=hr,
        recorded_at=datetime(2026, 1, 4, tzinfo=UTC),
    )
    client.force_login(hr)

    book = read(client.get("/cms/bans/?export=xlsx").getvalue())
    listed = client.get("/cms/bans/?export=csv").getvalue().decode()

    assert book[1] == ["000101", "'=1+1", None, datetime(2026, 1, 5), datetime(2026, 1, 5), "'+x"]
    assert listed.startswith("\ufeff") and "000101,'=1+1,,2026-01-05,2026-01-05,'+x\r\n" in listed
