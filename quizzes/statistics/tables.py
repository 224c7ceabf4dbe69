"""A table of marks: attempts down, questions across; exact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm


@dataclass(frozen=True)
class QuestionColumn:
    """A question's marks in parts of ``MarkTable.parts``, and the attempts (from 0) whose paper held it.

    ``drawn`` at random: some papers hold it and some do not, as it happens. ``worth_differs``: not everybody could earn
    the same here; ``max_mark`` is what it was worth first.
    """

    name: str
    max_mark: Fraction
    marks: Sequence[int]
    attempts: Sequence[int]
    guess_score: Fraction | None = None
    drawn: bool = False
    worth_differs: bool = False


@dataclass(frozen=True)
class MarkTable:
    """Marks as whole numbers of one part: a mark of 1/3 is 1 where ``parts`` is 3."""

    columns: Sequence[QuestionColumn]
    parts: int
    attempts: int

    @cached_property
    def totals(self) -> list[int]:
        """The mark of each attempt, in parts."""
        totals = [0] * self.attempts
        for column in self.columns:
            for attempt, mark in zip(column.attempts, column.marks, strict=True):
                totals[attempt] += mark
        return totals

    @property
    def papers_differ(self) -> bool:
        """Whether columns are questions that some papers hold, and no places that stand in each."""
        return any(column.drawn or len(column.attempts) != self.attempts for column in self.columns)


def mark_table(
    rows: Iterable[Sequence[Fraction | None]],
    max_marks: Sequence[Fraction],
    *,
    names: Sequence[str] = (),
    guess_scores: Sequence[Fraction | None] = (),
) -> MarkTable:
    """A table out of rows of marks, one an attempt; a column with a cell of None counts as drawn at random.

    Raises ``ValueError`` where a row has not one cell for each maximum mark.
    """
    cells: list[list[Fraction | None]] = [[] for _maximum in max_marks]
    attempts = 0
    for row in rows:
        attempts += 1
        for column, mark in zip(cells, row, strict=True):
            column.append(mark)
    parts = lcm(*{mark.denominator for column in cells for mark in column if mark is not None})
    columns = [
        QuestionColumn(
            name=names[number] if names else str(number + 1),
            max_mark=maximum,
            marks=[mark.numerator * (parts // mark.denominator) for mark in column if mark is not None],
            attempts=[attempt for attempt, mark in enumerate(column) if mark is not None],
            guess_score=guess_scores[number] if guess_scores else None,
            drawn=None in column,
        )
        for number, (column, maximum) in enumerate(zip(cells, max_marks, strict=True))
    ]
    return MarkTable(columns, parts, attempts)
