"""The statistics of a table of marks as JSON and as lines to read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.models import QuestionVersion
from quizzes.statistics.answers import QuizMarks
from quizzes.statistics.choices import Answers, characteristic, letter_of, option_rows
from quizzes.statistics.differential import FEWEST_TOLD, DifferenceClass, Differential, Incomparable
from quizzes.statistics.distractors import OptionRow
from quizzes.statistics.figures import (
    QuestionFigures,
    QuizFigures,
    Undefined,
    as_json,
    question_figures,
    quiz_figures,
)
from quizzes.statistics.notes import notes_of
from quizzes.statistics.tables import MarkTable
from quizzes.statistics.times import TimeSpent, time_spent

WHY = {
    Undefined.NO_ATTEMPTS: gettext_lazy("there is no attempt"),
    Undefined.TOO_FEW_ATTEMPTS: gettext_lazy("there are too few attempts"),
    Undefined.NO_MAXIMUM: gettext_lazy("the maximum mark is 0"),
    Undefined.ALL_THE_SAME: gettext_lazy("everybody has the same mark"),
    Undefined.REST_THE_SAME: gettext_lazy("everybody has the same mark on the rest"),
    Undefined.NEGATIVE_COVARIANCE: gettext_lazy("the covariance with the whole mark is negative"),
    Undefined.NO_COVARIANCE: gettext_lazy("no question correlates with the whole mark"),
    Undefined.ONE_QUESTION: gettext_lazy("there is one question only"),
    Undefined.PAPERS_DIFFER: gettext_lazy("papers hold different questions"),
    Undefined.NOT_ESTIMATED: gettext_lazy("no guess score was given"),
    Undefined.OUT_OF_RANGE: gettext_lazy("the coefficient lies above 100"),
}
FRACTIONS = {"facility", "random_guess_score", "intended_weight"}
LABELS = {
    "count": gettext_lazy("Attempts counted"),
    "average": gettext_lazy("Mean mark"),
    "median": gettext_lazy("Median mark"),
    "standarddeviation": gettext_lazy("Standard deviation"),
    "skewness": gettext_lazy("Skewness"),
    "kurtosis": gettext_lazy("Kurtosis"),
    "cic_percent": gettext_lazy("Internal consistency (alpha), %"),
    "errorratio_percent": gettext_lazy("Error ratio, %"),
    "standarderror": gettext_lazy("Standard error"),
    "facility": gettext_lazy("Facility, %"),
    "sd": gettext_lazy("Standard deviation"),
    "random_guess_score": gettext_lazy("Guess score, %"),
    "intended_weight": gettext_lazy("Intended weight, %"),
    "effective_weight": gettext_lazy("Effective weight, %"),
    "discrimination_index": gettext_lazy("Discrimination, %"),
    "discriminative_efficiency": gettext_lazy("Discriminative efficiency, %"),
    "covariance_with_rest": gettext_lazy("Covariance with the rest"),
}


@dataclass(frozen=True)
class QuizReport:
    """The marks of a quiz, what was answered, and two groups compared where that was asked for."""

    marks: QuizMarks
    made: Answers
    groups: Mapping[int, Differential] = field(default_factory=dict)
    seconds: Mapping[int, Counter[int]] = field(default_factory=dict)

    def times(self, version: QuestionVersion) -> TimeSpent | None:
        return time_spent(self.seconds.get(version.pk, {}))

    def options(self, version: QuestionVersion) -> list[OptionRow]:
        return option_rows(version, self.made.get(version.pk, Counter()))


def quiz_report_json(report: QuizReport) -> dict[str, Any]:
    """As ``report_json`` of the places, and ``questions``: each version by itself, with the options that were chosen, the
    item characteristic, and ``groups`` where two are compared."""
    marks = report.marks
    figures = question_figures(marks.by_version)
    return {
        **report_json(marks.places),
        "questions": [
            {
                "question": version.question_id,
                "version": version.number,
                **as_json(figure),
                "notes": [note.as_json() for note in notes_of(figure, report.options(version))],
                "options": [asdict(row) for row in report.options(version)],
                "characteristic": [asdict(point) for point in characteristic(report.made.get(version.pk, Counter()))],
                "seconds": asdict(times) if (times := report.times(version)) is not None else None,
                **({"groups": asdict(report.groups[version.pk])} if version.pk in report.groups else {}),
            }
            for version, figure in zip(marks.versions, figures, strict=True)
        ],
    }


def quiz_report_lines(report: QuizReport) -> Iterator[str]:
    """The whole, then each version with who chose what."""
    marks = report.marks
    yield from _figures(quiz_figures(marks.places))
    for version, figures in zip(marks.versions, question_figures(marks.by_version), strict=True):
        options = report.options(version)
        yield from _lines_of(figures, options)
        for row in options:
            name = letter_of(version, row.option) if row.option else _("Not answered")
            said = _("%(option)s: %(count)s, of the best third %(upper)s, middle %(middle)s, weakest %(lower)s")
            yield f"  {'✓ ' if row.right else ''}{said % {**asdict(row), 'option': name}}"
        if (times := report.times(version)) is not None:
            said = _("Seconds on it: half took %(median)s or less, the middle half %(lower)s to %(upper)s (%(count)s)")
            yield f"  {said % {name: f'{value:g}' for name, value in asdict(times).items()}}"
        if version.pk in report.groups:
            yield f"  {group_words(report.groups[version.pk])}"


def group_words(found: Differential) -> str:
    """What comparing two groups says of a question, with its caution."""
    words = {
        DifferenceClass.A: _("no difference that matters"),
        DifferenceClass.B: _("a slight difference"),
        DifferenceClass.C: _("a large difference: look at the question"),
    }
    if found.why is Incomparable.TOO_FEW:
        return _("fewer than %(count)s people in a group: nothing is shown") % {"count": FEWEST_TOLD}
    said = words[found.difference] if found.difference is not None else _("cannot be said")
    return f"{said} · {_('too few people to conclude anything')}" if found.few else said


def report_json(table: MarkTable) -> dict[str, Any]:
    """``quiz`` and ``slots`` by Moodle's names; what is null stands in ``undefined`` with its reason.

    Facility, guess score and intended weight are fractions of 1, ``sd`` is in marks, the others are per cent.
    """
    return {
        "quiz": as_json(quiz_figures(table)),
        "slots": [{"slot": _slot(row["name"]), **row} for row in _questions_json(table)],
    }


def _questions_json(table: MarkTable) -> list[dict[str, Any]]:
    return [
        {**as_json(figures), "notes": [note.as_json() for note in notes_of(figures)]}
        for figures in question_figures(table)
    ]


def _slot(name: str) -> int | str:
    return int(name) if name.isascii() and name.isdigit() else name


def report_lines(table: MarkTable) -> Iterator[str]:
    """The whole first, then each question: its sentences, then its figures."""
    yield from _figures(quiz_figures(table))
    yield from _question_lines(table)


def _question_lines(table: MarkTable) -> Iterator[str]:
    for figures in question_figures(table):
        yield from _lines_of(figures)


def _lines_of(figures: QuestionFigures, options: Sequence[OptionRow] = ()) -> Iterator[str]:
    yield ""
    yield _("Question %(number)s") % {"number": figures.name}
    yield from (f"  {note.text}" for note in notes_of(figures, options))
    yield from (f"  {line}" for line in _figures(figures))


def _figures(figures: QuizFigures | QuestionFigures) -> Iterator[str]:
    values = as_json(figures)
    for name, label in LABELS.items():
        if name in values:
            yield f"{label}: {_shown(name, values[name], figures.undefined)}"


def _shown(name: str, value: float | None, undefined: Mapping[str, Undefined]) -> str:
    if value is None:
        return f"– ({WHY[undefined[name]]})"
    return f"{value * 100 if name in FRACTIONS else value:.4f}" if isinstance(value, float) else str(value)
