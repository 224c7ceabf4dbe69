"""Reads a table of questions: a workbook from our template or anybody's, or rows pasted from one."""

import csv
import io
import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from academy.importing.faults import FileRefused
from academy.importing.workbook import ErrorValue, Formula, Workbook
from academy.spreadsheets import RUNS_FIRST
from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult
from quizzes.interchange.decoding import Undecodable
from quizzes.interchange.gathering import gather_cases
from quizzes.interchange.packages import open_package
from quizzes.interchange.paper_body import Unsure
from quizzes.interchange.paper_case import as_markdown
from quizzes.interchange.paper_lines import DIFFICULTIES
from quizzes.interchange.rich_writing import from_source
from quizzes.interchange.sheet_body import SheetRow, body_of_row
from quizzes.interchange.sheet_columns import ColumnPlace, place_of, places_of
from quizzes.types import BodyProblems, canonical, question_type
from quizzes.types.case import FEWEST, MOST

# What a cell that is merged over rows may say of each of their questions.
SHARED_ROLES = ("material", "part_of", "category", "type", "tags", "difficulty")
# Columns that say nothing of a question: those that count the rows, and that of the rows we send back.
COUNTING = ("序号", "题号", "no.", "no", "#", "错误说明", "what is wrong")
HEADINGS_WITHIN, MOST_NAMED = 12, 40
MOST_ROWS = 50_000
Row = tuple[int, list[Any]]


@dataclass
class Table:
    """The rows of a sheet below its headings, and which columns are known."""

    name: str
    headings: list[str]
    places: dict[int, ColumnPlace]
    rows: list[Row]
    # Where its headings stand, from 1.
    line: int = 1

    def clashes(self, language: str) -> list[tuple[int, int]]:
        """Two columns each that hold the same, counted from 0, where a row has other words in the one than in the other:
        nobody but a person knows which counts."""
        held: dict[tuple[str, str], list[int]] = {}
        for number, place in self.places.items():
            held.setdefault((place.role, place.language or language), []).append(number)
        pairs = [pair for columns in held.values() for pair in itertools.combinations(sorted(columns), 2)]
        return [pair for pair in pairs if any(_differ(cells, *pair) for _number, cells in self.rows)]


def is_workbook(data: bytes) -> bool:
    return data.startswith(b"PK") and b"xl/" in data


def read_workbook(data: bytes, *, language: str, named: Mapping[str, str] | None = None) -> ReadResult:
    """Reads every sheet that has questions; ``named`` is what a person said of columns. Raises ``Undecodable``."""
    tables, unread = _tables_and_headings(data, named)
    result = read_tables(tables, language=language, named=named)
    result.unknown = result.unknown if tables else unread
    return result


def read_tables(tables: list[Table], *, language: str, named: Mapping[str, str] | None = None) -> ReadResult:
    """The questions of tables; a row that is wrong is an error of its line."""
    result = ReadResult()
    if not tables:
        message = _("No table of questions was found: a row of headings names at least “题干” and “答案”.")
        return ReadResult(errors=[ReadError(1, message)])
    for table in tables:
        unknown = [
            heading
            for number, heading in enumerate(table.headings)
            if heading.strip() and number not in table.places and heading.strip().casefold() not in COUNTING
        ]
        said = [heading.strip() for heading in table.headings if heading.strip() in (named or {})]
        asked = [*(heading.strip() for heading in unknown), *said]
        result.unknown += [heading for heading in dict.fromkeys(asked) if heading not in result.unknown]
        unknown = [heading for heading in unknown if heading.strip() not in (named or {})]
        if unknown:
            message = _("These columns are not known and were left out: %(names)s")
            result.warnings.append(ReadError(1, message % {"names": "、".join(unknown)[:200]}))
        clashes = table.clashes(language)
        if clashes:
            _ask_which(table, clashes, result)
            continue
        rows = [SheetRow(number, cells_of(table, cells), language) for number, cells in table.rows]
        shared = Counter(material for row in rows if (material := row.shared("material").strip()))
        for row in rows:
            _read_row(row, result, shared)
    return gather_cases(result)


def _ask_which(table: Table, clashes: list[tuple[int, int]], result: ReadResult) -> None:
    """Names both columns; those of two headings are asked for in the preview."""
    for pair in clashes:
        named = [f"{_letters(number)} “{table.headings[number].strip()}”" for number in pair]
        message = _(
            "The columns %(first)s and %(second)s hold the same with different words. Leave one out, or give it another"
            " heading; nothing of this table is read until then."
        )
        result.errors.append(ReadError(table.line, message % {"first": named[0], "second": named[1]}))
        headings = [table.headings[number].strip() for number in pair]
        if len(set(headings)) > 1:
            result.unknown += [heading for heading in headings if heading not in result.unknown]


def _letters(number: int) -> str:
    """What a spreadsheet calls a column that is counted from 0."""
    ahead, last = divmod(number, 26)
    return (_letters(ahead - 1) if ahead else "") + chr(ord("A") + last)


def _differ(cells: list[Any], first: int, second: int) -> bool:
    one, two = (str(cells[place] or "").strip() if place < len(cells) else "" for place in (first, second))
    return bool(one and two and one != two)


def tables_of_workbook(data: bytes, named: Mapping[str, str] | None = None) -> list[Table]:
    """The tables of a workbook's visible sheets. Raises ``Undecodable``."""
    return _tables_and_headings(data, named)[0]


def _tables_and_headings(data: bytes, named: Mapping[str, str] | None) -> tuple[list[Table], list[str]]:
    """The tables of a workbook's visible sheets, and the first row of several words, by which a person may name them
    where there is none. Raises ``Undecodable``."""
    open_package(data).close()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.xlsx"
        path.write_bytes(data)
        try:
            with Workbook(path) as book:
                tables = [_table(name, book.rows(name), named) for name in book.sheets]
                unread = [] if any(tables) else _first_words(book)
                for table in tables:
                    if table is not None:
                        _fill_down(table, book.merged.get(table.name, []))
        except FileRefused as refused:
            raise Undecodable(str(refused.message)) from None
    return [table for table in tables if table is not None], unread


def _first_words(book: Workbook) -> list[str]:
    """The cells of the first row that has several of words."""
    for name in book.sheets:
        for _number, (_line, cells) in zip(range(HEADINGS_WITHIN), book.rows(name), strict=False):
            words = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
            if len(words) > 2:
                return words[:MOST_NAMED]
    return []


def _fill_down(table: Table, merged: list[tuple[int, int, int]]) -> None:
    """A cell that was merged over several rows stands in each of them, where it says what questions share."""
    rows = dict(table.rows)
    for first, last, column in merged:
        place = table.places.get(column - 1)
        if place is None or place.role not in SHARED_ROLES or first not in rows or len(rows[first]) < column:
            continue
        for number in range(first + 1, min(last, first + MOST_ROWS) + 1):
            cells = rows.get(number)
            if cells is not None:
                cells.extend([None] * (column - len(cells)))
                cells[column - 1] = rows[first][column - 1]


def tables_of_lines(lines: list[str]) -> list[Table]:
    """The tables of questions of a Word document, whose rows are lines with bars between their cells."""
    tables: list[Table] = []
    rows: list[Row] = []
    for number, line in enumerate([*lines, ""], 1):
        if " | " in line or line.endswith(" |"):
            rows.append((number, [cell.strip() for cell in re.split(r" \|(?: |$)", line)]))
            continue
        table = _table("", iter(rows))
        tables += [table] if table is not None and table.rows else []
        rows = []
    return tables


def tables_of_text(text: str) -> list[Table]:
    """The table of rows that were copied out of a spreadsheet, or of a list with commas; none where it is no table. Raises
    ``Undecodable`` for one that is too long."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    sign = "\t" if "\t" in first else ","
    if not places_of(first.split(sign)):
        return []
    try:
        rows = [(number, list(row)) for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=sign), 1)]
        table = _table("", iter(rows))
    except csv.Error:
        return []
    except FileRefused as refused:
        raise Undecodable(str(refused.message)) from None
    return [table] if table else []


def _table(name: str, rows: Iterator[Row], named: Mapping[str, str] | None = None) -> Table | None:
    for _number, (line, cells) in zip(range(HEADINGS_WITHIN), rows, strict=False):
        headings = ["" if cell is None else str(cell) for cell in cells]
        places = places_of(headings, named)
        if places:
            headings, below = _with_second_row(headings, rows, named)
            return Table(name, headings, places_of(headings, named), _bounded(below), line)
    return None


def _with_second_row(
    headings: list[str], rows: Iterator[Row], named: Mapping[str, str] | None
) -> tuple[list[str], Iterable[Row]]:
    """The headings with those of a second row, where a cell such as 选项 is merged over A, B, C and D; and the rows below."""
    first = next(rows, None)
    if first is None:
        return headings, []
    said = ["" if cell is None else str(cell).strip() for cell in first[1]]
    below = [text for text in said if text]
    if len(below) < 2 or not all(place_of(text, named) for text in below):
        return headings, itertools.chain([first], rows)
    wide = [*headings, *[""] * (len(said) - len(headings))]
    return [text or above for text, above in zip([*said, *[""] * (len(wide) - len(said))], wide, strict=True)], rows


def _bounded(rows: Iterable[Row]) -> list[Row]:
    found = []
    for row in rows:
        if any(cell not in (None, "") for cell in row[1]):
            found.append(row)
        if len(found) > MOST_ROWS:
            raise FileRefused(_("More than %(limit)s rows.") % {"limit": MOST_ROWS})
    return found


def cells_of(table: Table, cells: list[Any]) -> dict[ColumnPlace, Any]:
    """What a row holds; of columns that hold the same, the first that says something."""
    found: dict[ColumnPlace, Any] = {}
    for number, place in table.places.items():
        if number < len(cells) and found.get(place) in (None, ""):
            found[place] = cells[number]
    return found


def words_of(value: Any) -> str:
    """A cell as text. Raises ``Unsure`` for what computes or is an error."""
    if isinstance(value, Formula):
        raise Unsure(_("A cell holds a formula: %(formula)s. Write its value.") % {"formula": str(value)[:40]})
    if isinstance(value, ErrorValue):
        raise Unsure(_("A cell holds an error: %(error)s.") % {"error": str(value)[:40]})
    if isinstance(value, bool):
        return "对" if value else "错"
    if isinstance(value, date):
        return value.isoformat()
    text = "" if value is None else str(value).strip()
    # What a workbook of ours put before a text that a spreadsheet would run.
    return text[1:] if text[:1] == "'" and text.lstrip("' ").startswith(RUNS_FIRST) else text


def _material(row: SheetRow, result: ReadResult, shared: Counter[str]) -> str:
    """By what the case is known that rows with the same text beside them are questions of; a text that is not shared by
    as many as a case holds stands above the words of each."""
    said = row.shared("material").strip()
    if not said:
        return row.shared("part_of")
    key = f"material {said}"
    texts = row.texts("material")
    if not FEWEST <= shared[said] <= MOST:
        for place in [place for place in row.cells if place.role == "stem"]:
            above = texts.get(place.language or row.language, said)
            row.cells[place] = f"{above}\n{row.cells[place]}" if row.cells[place] else ""
        return ""
    if not any(question.key == key for question in result.questions):
        body = canonical({"type": "case", "stem": {code: as_markdown(text) for code, text in texts.items()}})
        question_type("case").parse(body)
        result.questions.append(
            ImportedQuestion(
                type="case",
                name=said.split("\n", maxsplit=1)[0][:255],
                text=said,
                category=row.shared("category"),
                line=row.number,
                body=body,
                key=key,
            )
        )
    return key


def _read_row(row: SheetRow, result: ReadResult, shared: Counter[str]) -> None:
    try:
        row.cells = {place: words_of(value) for place, value in row.cells.items()}
        if not any(row.cells.values()):
            return
        notes: list[Any] = []
        case = _material(row, result, shared)
        body = canonical(from_source(body_of_row(row), notes))
        result.warnings += [ReadError(row.number, note) for note in notes]
        kind = question_type(body["type"])
        parsed = kind.parse(body)
    except Unsure as asked:
        result.errors.append(ReadError(row.number, asked.args[0]))
        return
    except BodyProblems as problems:
        said = "; ".join(str(message) for _place, message in problems.problems)
        result.errors.append(ReadError(row.number, said))
        return
    stem = kind.shown_stem(parsed, row.language)
    difficulty = row.shared("difficulty").lower()
    tags = re.split(r"[,，、;；]", row.shared("tags"))
    result.questions.append(
        ImportedQuestion(
            type=kind.code,
            name=(row.shared("name") or stem.replace("\n", " "))[:255],
            text=stem,
            category=row.shared("category"),
            line=row.number,
            body=body,
            external_id=row.shared("id")[:80],
            tags=tuple(tag.strip() for tag in tags if tag.strip()),
            difficulty=DIFFICULTIES.get(difficulty, ""),
            mark=row.shared("mark"),
            case=case,
        )
    )
