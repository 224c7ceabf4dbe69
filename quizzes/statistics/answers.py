"""The marks of a quiz from its answers, read once, row after row; what is kept of each answer is a number.

Only results that are out and count (``counting``), of each person and occasion those that the quiz counts.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from math import lcm
from operator import itemgetter
from typing import Any

from quizzes.grading.frozen import frozen_questions
from quizzes.grading.marks import exact_share
from quizzes.models import Answer, Attempt, QuestionVersion, Quiz
from quizzes.statistics.tables import MarkTable, QuestionColumn
from quizzes.types import ParsedQuestion, question_type

# By which version an answer was marked, and the share it earned.
Marked = tuple[int, Decimal | None]
PAPERS_AT_ONCE, ANSWERS_AT_ONCE = 200, 5000


@dataclass(frozen=True)
class QuizMarks:
    """The marks of a quiz: by place of the paper (or by question, where all papers hold the same), and by version.

    ``versions`` belong to the columns of ``by_version``. Where papers differ and are shuffled, no place is the same
    question or line twice: ``places`` are the versions once more, and what belongs to places is not defined.
    """

    places: MarkTable
    by_version: MarkTable
    versions: Sequence[QuestionVersion]


@dataclass
class _Cells:
    """One column as it grows: the attempts, the numbers of their marks, and what the question was worth."""

    attempts: array = field(default_factory=lambda: array("L"))
    marks: array = field(default_factory=lambda: array("L"))
    worth: dict[str, None] = field(default_factory=dict)


class _Gathered:
    """Cells by place and by version; equal marks are kept once."""

    def __init__(self) -> None:
        self.attempts = 0
        self.by_place: dict[int, _Cells] = defaultdict(_Cells)
        self.by_version: dict[int, _Cells] = defaultdict(_Cells)
        self.numbers: dict[tuple[Decimal | None, str], int] = {}
        self.marks: list[Fraction] = []

    def add(self, paper: Iterable[Mapping[str, Any]], marked: Mapping[int, Marked]) -> None:
        for place in paper:
            if place.get("reads"):
                continue
            slot, worth = place["slot"], place["mark"]
            # A paper marked anew says by which version in its answers.
            version, share = marked.get(slot) or (place["version"], None)
            number = self._number_of(share, worth)
            for cells in (self.by_place[slot], self.by_version[version]):
                cells.attempts.append(self.attempts)
                cells.marks.append(number)
                cells.worth[worth] = None
        self.attempts += 1

    def _number_of(self, share: Decimal | None, worth: str) -> int:
        number = self.numbers.get((share, worth))
        if number is None:
            number = self.numbers[share, worth] = len(self.marks)
            self.marks.append(exact_share(share or Decimal(0)) * Fraction(worth))
        return number


def quiz_marks(quiz: Quiz) -> QuizMarks:
    """Six queries; memory grows by some bytes an answer."""
    gathered = _Gathered()
    attempts = Attempt.objects.counting().filter(quiz=quiz).order_by("pk")
    wanted = set(counted_attempts(quiz))
    papers = attempts.values_list("pk", "paper").iterator(PAPERS_AT_ONCE)
    answers = _answers_of(attempts)
    marked = next(answers, None)
    for pk, paper in papers:
        while marked is not None and marked[0] < pk:
            marked = next(answers, None)
        if pk in wanted:
            gathered.add(paper, marked[1] if marked is not None and marked[0] == pk else {})
    return _tables_of(gathered, quiz)


def counted_attempts(quiz: Quiz) -> Iterator[int]:
    """Of each person and occasion the attempts that count: the best, the first, the last, or all for an average."""
    rows = (
        Attempt.objects.counting()
        .filter(quiz=quiz)
        .order_by("learner", "occasion", "number")
        .values_list("learner", "occasion", "pk", "mark", "max_mark")
    )
    for _person, group in groupby(rows.iterator(ANSWERS_AT_ONCE), key=itemgetter(0, 1)):
        sat = [(pk, mark / most if mark and most else Decimal(0)) for _learner, _occasion, pk, mark, most in group]
        if quiz.counts == Quiz.Counts.AVERAGE:
            yield from (pk for pk, _score in sat)
        elif quiz.counts == Quiz.Counts.HIGHEST:
            yield max(sat, key=itemgetter(1))[0]
        else:
            yield sat[0 if quiz.counts == Quiz.Counts.FIRST else -1][0]


def _answers_of(attempts: Any) -> Iterator[tuple[int, dict[int, Marked]]]:
    """(attempt, by which version each slot was marked and the share it earned), in the order of attempts."""
    rows = (
        Answer.objects.filter(attempt__in=attempts.order_by().values("pk"))
        .order_by("attempt_id", "slot")
        .values_list("attempt_id", "slot", "version_id", "fraction")
    )
    for attempt, group in groupby(rows.iterator(ANSWERS_AT_ONCE), key=itemgetter(0)):
        yield attempt, {slot: (version, share) for _attempt, slot, version, share in group}


def _tables_of(gathered: _Gathered, quiz: Quiz) -> QuizMarks:
    versions = list(
        QuestionVersion.objects.filter(pk__in=gathered.by_version)
        .select_related("question")
        .order_by("question_id", "number")
    )
    chosen = set(quiz.slots.exclude(question=None).values_list("question", flat=True))
    parsed = frozen_questions(gathered.by_version)
    parts = lcm(*{mark.denominator for mark in gathered.marks})
    scaled = [mark.numerator * (parts // mark.denominator) for mark in gathered.marks]
    columns = [
        _column(
            f"{version.question.name} v{version.number}",
            gathered.by_version[version.pk],
            scaled,
            guess_score=_guess_score(parsed[version.pk]),
            drawn=version.question_id not in chosen,
        )
        for version in versions
    ]
    by_version = MarkTable(columns, parts, gathered.attempts)
    return QuizMarks(_places(gathered, quiz, by_version, scaled), by_version, versions)


def _places(gathered: _Gathered, quiz: Quiz, by_version: MarkTable, scaled: Sequence[int]) -> MarkTable:
    if all(len(column.attempts) == gathered.attempts for column in by_version.columns):
        # Everybody had the same questions: each is a place, wherever it stood.
        return _with_columns(by_version, [replace(column, drawn=False) for column in by_version.columns])
    if quiz.shuffle_questions:
        return by_version
    cells = sorted(gathered.by_place.items())
    return _with_columns(by_version, [_column(str(slot), cell, scaled) for slot, cell in cells])


def _with_columns(table: MarkTable, columns: Sequence[QuestionColumn]) -> MarkTable:
    return MarkTable(columns, table.parts, table.attempts)


def _column(
    name: str, cells: _Cells, scaled: Sequence[int], *, guess_score: Fraction | None = None, drawn: bool = False
) -> QuestionColumn:
    return QuestionColumn(
        name=name,
        max_mark=Fraction(next(iter(cells.worth))),
        marks=[scaled[number] for number in cells.marks],
        attempts=cells.attempts,
        guess_score=guess_score,
        drawn=drawn,
        worth_differs=len(cells.worth) > 1,
    )


def _guess_score(question: ParsedQuestion) -> Fraction | None:
    guess = question_type(question.type).guess_score(question)
    return None if guess is None else Fraction(guess)
