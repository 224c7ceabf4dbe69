"""Hostile fixtures of other people against the import: every one is answered, none is executed, nothing is half written."""

import json
import os
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from academy.importing.checking import Check
from academy.importing.columns import recognise
from academy.importing.faults import FileRefused
from academy.importing.kinds import FILE_KINDS, Context
from academy.importing.reading import Source
from academy.models import Branch, User
from academy.spreadsheets import harmless
from tests.academy.importing.files import BOOK, RELATIONS
from tests.academy.importing.test_staff import faults, load, run, staff  # noqa: F401

pytestmark = pytest.mark.django_db
FIXTURES = Path(os.environ.get("ACADEMY_FIXTURES", "/nonexistent")) / "hostile"
with_fixtures = pytest.mark.skipif(not FIXTURES.is_dir(), reason="ACADEMY_FIXTURES names no folder with hostile files")
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1,1)",
    "'=1+1",
    "=cmd|' /C calc'!A0",
    "%0A=1+1",
    '=HYPERLINK("http://127.0.0.1","x")',
    "|x",
    "\u3000=1+1",
]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize("column", [0, 1, 2, 3, 4, 5, 6, 7])
def test_what_a_spreadsheet_would_run_is_an_error_wherever_it_stands(load, column):  # noqa: F811
    rows = []
    for number, formula in enumerate(FORMULAS):
        cells = [f"7{number:03}", "张三", "BJ", "柜员", f"m{number}@bank.example", "2020-01-01", "", "是"]
        cells[column] = formula
        rows.append(",".join(map(quoted, cells)))

    answer = load(staff(*rows))

    assert set(faults(answer)) == set(range(2, 2 + len(FORMULAS)))
    assert not User.objects.exists()


@with_fixtures
def test_the_fixture_of_formulas_gives_an_error_for_every_name_that_runs(load):  # noqa: F811
    lines = [
        line for line in (FIXTURES / "csv-formula-own.txt").read_text(encoding="utf-8").split("\n") if line.strip()
    ]
    rows = [f"7{number:03},{quoted(line)},BJ,柜员,,2020-01-01,,是" for number, line in enumerate(lines)]

    found = faults(load(staff(*rows)))

    for number, line in enumerate(lines):
        assert (number + 2 in found) >= (harmless(line) != line), line


@with_fixtures
def test_naughty_strings_are_names_or_errors(load):  # noqa: F811
    strings = json.loads((FIXTURES / "blns.json").read_text(encoding="utf-8"))
    rows = [f"{quoted(f'8{number:04}')},{quoted(text)},BJ,柜员,,2020-01-01,,是" for number, text in enumerate(strings)]

    answer = load(staff(*rows), dry_run=True)

    assert answer["rows"] == len(strings) and answer["created"] + len(faults(answer)) == len(strings)


@with_fixtures
@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_xml_bombs_in_any_part_of_a_workbook(tmp_path, part):
    for bomb in sorted((FIXTURES / "defusedxml").glob("*.xml")):
        parts = {
            "xl/workbook.xml": BOOK,
            "xl/_rels/workbook.xml.rels": RELATIONS,
            "xl/worksheets/sheet1.xml": "<worksheet/>",
        }
        parts[part] = bomb.read_text(encoding="utf-8")
        path = tmp_path / f"{bomb.stem}.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        try:
            with Source(path) as source:
                rows = [row for sheet in source.sheets for row in source.rows(sheet)]
        except FileRefused:
            rows = []
        assert rows == [] or bomb.stem.startswith("simple"), bomb.stem


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=400)
    | st.text(max_size=300).map(str.encode)
    | st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6).map(
        lambda rows: "\n".join(",".join(row) for row in rows).encode()
    )
)
def test_no_bytes_break_the_check(tmp_path, data):
    path = tmp_path / "any"
    path.write_bytes(data)
    kind = FILE_KINDS["branches"](_context())
    check = Check(kind, tmp_path / "rows")
    try:
        with Source(path) as source:
            check.read(source, recognise(source, kind.columns))
            list(check.compare())
    except FileRefused as refusal:
        assert str(refusal.message)
    assert not Branch.objects.exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
@example(seed=34404)
def test_no_damaged_workbook_breaks_the_reader(tmp_path, seed):
    from tests.academy.importing.files import workbook

    path = workbook(tmp_path, [["工号", "姓名"], ["000101", "张三"], ["000102", "李四"]])
    data, rng = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(rng.randrange(1, 12)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data)
    try:
        with Source(path) as source:
            for sheet in source.sheets:
                list(source.rows(sheet))
    except FileRefused as refusal:
        assert str(refusal.message)


def _context() -> Context:
    from django.utils import timezone

    return Context(now=timezone.now(), today=timezone.localdate())
