"""A table of marks from a file: a heading, then one row an attempt.

Columns are those headed ``slots.N.mark``, as Moodle's own tables are; else all but the attempt's number before them and
the sum after them. A mark is a plain number from 0 to the maximum; an empty cell says that the paper did not hold the
question.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from academy.importing.faults import CellFault, Fault, FileRefused
from academy.importing.reading import Row, Source
from quizzes.statistics.tables import MarkTable, mark_table

MOST_FAULTS = 100
# Longer ones are no marks, and slow to reckon with.
LONGEST_NUMBER = 40
SLOT_HEADING = re.compile(r"slots?\.(\d{1,6})\.mark", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
BEFORE = {"", "#", "id", "no", "number", "quizattempt", "attempt", "attemptid", "答卷", "序号", "编号", "工号", "姓名"}
AFTER = {"summarks", "sum", "total", "totalmark", "score", "总分", "合计", "得分"}


@dataclass
class MarksRead:
    """The table, or what is wrong with the file, by line and column."""

    table: MarkTable | None = None
    faults: list[Fault] = field(default_factory=list)


def read_marks(
    path: Path, *, max_marks: Sequence[Fraction], guess_scores: Sequence[Fraction] = (), encoding: str = ""
) -> MarksRead:
    """Reads and checks the whole file; there is no table while there is a fault.

    One maximum (or guess score) stands for all columns. Raises ``FileRefused`` for a file that cannot be read at all.
    """
    with Source(path, encoding=encoding) as source:
        lines = source.rows()
        header = next(lines, None)
        if header is None:
            raise FileRefused(_("The file is empty."))
        if header.fault:
            return MarksRead(faults=[Fault(header.number, "", header.fault)])
        if all(_is_number(cell) for cell in header.cells):
            raise FileRefused(_("The first row holds numbers only; write the names of the columns there."))
        names = [_plain(cell) for cell in header.cells]
        places = _places(names, len(max_marks))
        maxima = _for_each(max_marks, len(places), "--max-marks")
        guesses = _for_each(guess_scores, len(places), "--guess-scores") if guess_scores else ()
        if any(guess > 1 for guess in guesses):
            raise FileRefused(_("A guess score lies between 0 and 1."))
        # A workbook leaves out the empty cells at the end of a row.
        shortest = 0 if source.encoding else len(names)
        faults: list[Fault] = []
        rows = []
        for row in _bounded(lines, faults):
            row.cells += [None] * (shortest - len(row.cells))
            rows.append(_marks_of(row, names, places, maxima, faults))
    if faults:
        return MarksRead(faults=faults)
    if not rows:
        raise FileRefused(_("There is no attempt below the names of the columns."))
    labels = [_label(names[place], place) for place in places]
    return MarksRead(mark_table(rows, maxima, names=labels, guess_scores=guesses))


def number_of(text: Any) -> Fraction:
    """A number from 0 up, exactly as written. Raises ``CellFault``."""
    plain = _plain(text)
    if plain in {"-", "–", "—"}:
        raise CellFault(
            _("Write 0 for a question that was not answered; leave it empty where the paper did not hold it.")
        )
    if isinstance(text, bool) or not NUMBER.fullmatch(plain) or len(plain) > LONGEST_NUMBER:
        raise CellFault(_("“%(text)s” is not a mark; write a number such as 0.5.") % {"text": plain[:LONGEST_NUMBER]})
    try:
        number = Fraction(Decimal(plain))
    except InvalidOperation:
        raise CellFault(_("“%(text)s” is not a mark; write a number such as 0.5.") % {"text": plain}) from None
    if number < 0:
        raise CellFault(_("%(mark)s lies below 0.") % {"mark": plain})
    return number


def _plain(cell: Any) -> str:
    return unicodedata.normalize("NFKC", "" if cell is None else str(cell)).strip().strip("\ufeff")


def _is_number(cell: Any) -> bool:
    return not _plain(cell) or NUMBER.fullmatch(_plain(cell)) is not None


def _places(names: Sequence[str], wanted: int) -> list[int]:
    """Which columns hold marks. Raises ``FileRefused`` where nobody can tell."""
    slots = [number for number, name in enumerate(names) if SLOT_HEADING.fullmatch(name)]
    if slots:
        numbers = [_label(names[place], place) for place in slots]
        if doubled := {number for number in numbers if numbers.count(number) > 1}:
            raise FileRefused(_("Two columns are called slots.%(number)s.mark.") % {"number": min(doubled)})
        return slots
    first = 1 if _key(names[0]) in BEFORE else 0
    last = len(names)
    while last > first and (not names[last - 1] or _key(names[last - 1]) in AFTER):
        last -= 1
    # One more than maxima in front: whatever it is called, it tells attempts apart.
    if wanted > 1 and first == 0 and last - first == wanted + 1:
        first = 1
    if first == last:
        raise FileRefused(_("There is no column of marks; call them slots.1.mark, slots.2.mark and so on."))
    return list(range(first, last))


def _key(name: str) -> str:
    return re.sub(r"[\s_.-]", "", name).casefold()


def _label(name: str, place: int) -> str:
    """The number of the slot where the heading says one, else the heading."""
    match = SLOT_HEADING.fullmatch(name)
    return str(int(match[1])) if match else name or str(place + 1)


def _for_each(values: Sequence[Fraction], columns: int, option: str) -> Sequence[Fraction]:
    if len(values) not in (1, columns):
        raise FileRefused(
            _("The file has %(columns)s columns of marks, but %(option)s says %(count)s.")
            % {"columns": columns, "option": option, "count": len(values)}
        )
    return values if len(values) == columns else list(values) * columns


def _bounded(lines: Iterator[Row], faults: list[Fault]) -> Iterator[Row]:
    """The rows, until there is more wrong than anybody reads."""
    for row in lines:
        if len(faults) >= MOST_FAULTS:
            return
        yield row


def _marks_of(
    row: Row, names: Sequence[str], places: Sequence[int], maxima: Sequence[Fraction], faults: list[Fault]
) -> list[Fraction | None]:
    """The marks of one attempt; what is wrong goes to ``faults``."""
    if row.fault:
        faults.append(Fault(row.number, "", row.fault))
        return []
    if len(row.cells) < len(names) or any(_plain(cell) for cell in row.cells[len(names) :]):
        said = _("The row has %(cells)s cells; the heading has %(columns)s.")
        where = names[len(row.cells)] if len(row.cells) < len(names) else str(len(names) + 1)
        faults.append(Fault(row.number, where, said % {"cells": len(row.cells), "columns": len(names)}))
        return []
    marks: list[Fraction | None] = []
    for place, maximum in zip(places, maxima, strict=True):
        try:
            marks.append(_mark(row.cells[place], maximum))
        except CellFault as fault:
            faults.append(Fault(row.number, names[place] or str(place + 1), str(fault.message)))
    return marks


def _mark(cell: Any, maximum: Fraction) -> Fraction | None:
    if not _plain(cell):
        return None
    mark = number_of(cell)
    if mark > maximum:
        shown = {"mark": _plain(cell), "maximum": f"{float(maximum):g}"}
        raise CellFault(_("%(mark)s is more than the maximum mark, %(maximum)s.") % shown)
    return mark
