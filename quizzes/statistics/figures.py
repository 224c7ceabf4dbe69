"""The figures of a quiz and of its questions as Moodle defines them; variances and covariances divide by S − 1.

Sums are whole numbers and exact: what is nothing is nothing, and no rounding makes a discrimination of it. A figure that
is not defined is None, and ``undefined`` says why by the figure's name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from math import sqrt, sumprod
from typing import Any

from quizzes.statistics.tables import MarkTable, QuestionColumn


class Undefined(StrEnum):
    """Why there is no figure."""

    NO_ATTEMPTS = "no_attempts"
    TOO_FEW_ATTEMPTS = "too_few_attempts"
    NO_MAXIMUM = "no_maximum_mark"
    ALL_THE_SAME = "everybody_has_the_same_mark"
    REST_THE_SAME = "everybody_has_the_same_rest"
    NEGATIVE_COVARIANCE = "negative_covariance"
    NO_COVARIANCE = "no_covariance"
    ONE_QUESTION = "one_question"
    PAPERS_DIFFER = "papers_differ"
    NOT_ESTIMATED = "not_estimated"
    OUT_OF_RANGE = "out_of_range"


@dataclass(frozen=True)
class QuestionFigures:
    """One question (or place of a paper). Facility, guess score and intended weight are fractions of 1, ``sd`` and
    ``covariance_with_rest`` are in marks, effective weight, discrimination and efficiency are per cent.

    Where the question was drawn at random the rest is the whole mark, the question with it.
    """

    name: str
    max_mark: float
    count: int
    facility: float | None
    sd: float | None
    random_guess_score: float | None
    intended_weight: float | None
    effective_weight: float | None
    discrimination_index: float | None
    discriminative_efficiency: float | None
    covariance_with_rest: float | None
    negative_covariance: bool
    worth_differs: bool
    undefined: Mapping[str, Undefined]


@dataclass(frozen=True)
class QuizFigures:
    """The marks of whole attempts: mean, median, deviation and error in marks, the coefficient and its ratio per cent."""

    count: int
    average: float | None
    median: float | None
    standarddeviation: float | None
    skewness: float | None
    kurtosis: float | None
    cic_percent: float | None
    errorratio_percent: float | None
    standarderror: float | None
    undefined: Mapping[str, Undefined]


def as_json(figures: QuestionFigures | QuizFigures) -> dict[str, Any]:
    """The figures by name."""
    return {field.name: getattr(figures, field.name) for field in fields(figures)}


# -- questions


def question_figures(table: MarkTable) -> list[QuestionFigures]:
    """One for each column, in their order."""
    sums = [_Sums.of(column, table.totals) for column in table.columns]
    # Exact until here; the roots are what weights are made of.
    roots = [
        sqrt(column_sums.variance_of(column_sums.with_total, table.parts)) if column_sums.weighs else 0.0
        for column_sums in sums
    ]
    whole = sum((column.max_mark for column in table.columns), Fraction(0))
    return [
        _figures_of(column, column_sums, table, whole=whole, root=root, roots=sum(roots))
        for column, column_sums, root in zip(table.columns, sums, roots, strict=True)
    ]


@dataclass(frozen=True)
class _Sums:
    """Sums of products of deviations, times S, in parts squared: of the mark (x), the rest (r) and the whole."""

    count: int
    marks: int
    mark_mark: int
    rest_rest: int
    mark_rest: int
    most: int
    with_total: int

    @classmethod
    def of(cls, column: QuestionColumn, totals: Sequence[int]) -> "_Sums":
        marks, wholes = column.marks, [totals[attempt] for attempt in column.attempts]
        rests = wholes if column.drawn else [total - mark for total, mark in zip(wholes, marks, strict=True)]
        return cls(
            count=len(marks),
            marks=sum(marks),
            mark_mark=_deviations(marks, marks),
            rest_rest=_deviations(rests, rests),
            mark_rest=_deviations(marks, rests),
            most=_deviations(sorted(marks), sorted(rests)),
            with_total=_deviations(marks, wholes),
        )

    @property
    def weighs(self) -> bool:
        return self.count > 1 and self.with_total >= 0

    def variance_of(self, deviations: int, parts: int) -> Fraction:
        """In marks squared; asked for more than one attempt."""
        return Fraction(deviations, self.count * (self.count - 1) * parts * parts)


def _deviations(left: Sequence[int], right: Sequence[int]) -> int:
    """Σ(l − l̄)(r − r̄), times how many they are."""
    return len(left) * int(sumprod(left, right)) - sum(left) * sum(right)


class _Found:
    """Figures as they are found; those that are not defined with their reason."""

    def __init__(self) -> None:
        self.values: dict[str, float | None] = {}
        self.undefined: dict[str, Undefined] = {}

    def give(self, name: str, value: Fraction | float) -> None:
        self.values[name] = float(value)

    def lack(self, why: Undefined, *names: str) -> None:
        for name in names:
            self.values[name] = None
            self.undefined[name] = why


def _figures_of(
    column: QuestionColumn, sums: _Sums, table: MarkTable, *, whole: Fraction, root: float, roots: float
) -> QuestionFigures:
    found = _Found()
    _give_facility(found, column, sums, table.parts)
    _give_weights(found, column, sums, table, whole=whole, root=root, roots=roots)
    _give_discrimination(found, sums, table.parts)
    return QuestionFigures(
        name=column.name,
        max_mark=float(column.max_mark),
        count=sums.count,
        negative_covariance=sums.with_total < 0,
        worth_differs=column.worth_differs,
        undefined=found.undefined,
        **found.values,
    )


def _give_facility(found: _Found, column: QuestionColumn, sums: _Sums, parts: int) -> None:
    if not sums.count:
        found.lack(Undefined.NO_ATTEMPTS, "facility")
    elif not column.max_mark:
        found.lack(Undefined.NO_MAXIMUM, "facility")
    else:
        found.give("facility", Fraction(sums.marks, sums.count * parts) / column.max_mark)
    if column.guess_score is None:
        found.lack(Undefined.NOT_ESTIMATED, "random_guess_score")
    else:
        found.give("random_guess_score", column.guess_score)


def _give_weights(
    found: _Found, column: QuestionColumn, sums: _Sums, table: MarkTable, *, whole: Fraction, root: float, roots: float
) -> None:
    if table.papers_differ:
        # Weights belong to the places of a paper; a question that only some papers hold has none.
        found.lack(Undefined.PAPERS_DIFFER, "intended_weight", "effective_weight")
        return
    if whole:
        found.give("intended_weight", column.max_mark / whole)
    else:
        found.lack(Undefined.NO_MAXIMUM, "intended_weight")
    if sums.count <= 1:
        found.lack(Undefined.TOO_FEW_ATTEMPTS, "effective_weight")
    elif sums.with_total < 0:
        found.lack(Undefined.NEGATIVE_COVARIANCE, "effective_weight")
    elif not roots:
        found.lack(Undefined.NO_COVARIANCE, "effective_weight")
    else:
        found.give("effective_weight", 100 * root / roots)


def _give_discrimination(found: _Found, sums: _Sums, parts: int) -> None:
    names = ("discrimination_index", "discriminative_efficiency")
    if sums.count <= 1:
        found.lack(Undefined.TOO_FEW_ATTEMPTS, "sd", "covariance_with_rest", *names)
        return
    found.give("sd", sqrt(sums.variance_of(sums.mark_mark, parts)))
    found.give("covariance_with_rest", sums.variance_of(sums.mark_rest, parts))
    if not sums.mark_mark:
        found.lack(Undefined.ALL_THE_SAME, *names)
    elif not sums.rest_rest:
        found.lack(Undefined.REST_THE_SAME, *names)
    else:
        found.give("discrimination_index", 100 * _root(sums.mark_rest, Fraction(1, sums.mark_mark * sums.rest_rest)))
        # Where both differ among attempts, so do they in the same order: the most is above nothing.
        found.give("discriminative_efficiency", Fraction(100 * sums.mark_rest, sums.most))


def _root(value: int | Fraction, factor: Fraction) -> float:
    """The value times the root of the factor: squared while it is exact, so that no sum is too large for a float."""
    return sqrt(value * value * factor) * (1 if value >= 0 else -1)


# -- the whole


def quiz_figures(table: MarkTable) -> QuizFigures:
    """The figures of the attempts' whole marks."""
    found = _Found()
    totals, count = sorted(table.totals), table.attempts
    if not count:
        found.lack(Undefined.NO_ATTEMPTS, "average", "median")
    else:
        found.give("average", Fraction(sum(totals), count * table.parts))
        found.give("median", Fraction(totals[(count - 1) // 2] + totals[count // 2], 2 * table.parts))
    if count <= 1:
        found.lack(Undefined.TOO_FEW_ATTEMPTS, "standarddeviation")
    else:
        found.give("standarddeviation", sqrt(_second(totals, table.parts)))
    _give_shape(found, totals, table.parts)
    _give_consistency(found, table)
    return QuizFigures(count=count, undefined=found.undefined, **found.values)


def _second(numbers: Sequence[int], parts: int) -> Fraction:
    """The variance, in marks squared."""
    count = len(numbers)
    return Fraction(_deviations(numbers, numbers), count * (count - 1) * parts * parts)


def _give_shape(found: _Found, totals: Sequence[int], parts: int) -> None:
    """Skewness and kurtosis from k-statistics; the part cancels out."""
    count = len(totals)
    if count <= 3:
        found.lack(Undefined.TOO_FEW_ATTEMPTS, *(["kurtosis"] if count == 3 else ["skewness", "kurtosis"]))
    if count <= 2:
        return
    whole = sum(totals)
    distances = [count * total - whole for total in totals]
    m2, m3, m4 = (Fraction(sum(distance**power for distance in distances), count ** (power + 1)) for power in (2, 3, 4))
    k2 = count * m2 / (count - 1)
    if not k2:
        found.lack(Undefined.ALL_THE_SAME, "skewness", "kurtosis")
        return
    k3 = count**2 * m3 / ((count - 1) * (count - 2))
    found.give("skewness", _root(k3, 1 / k2**3))
    if count > 3:
        k4 = count**2 * ((count + 1) * m4 - 3 * (count - 1) * m2**2) / ((count - 1) * (count - 2) * (count - 3))
        found.give("kurtosis", k4 / k2**2)


def _give_consistency(found: _Found, table: MarkTable) -> None:
    """Cronbach's alpha, what it leaves to chance, and that in marks."""
    names, places = ("cic_percent", "errorratio_percent", "standarderror"), len(table.columns)
    if table.papers_differ:
        found.lack(Undefined.PAPERS_DIFFER, *names)
    elif places <= 1:
        found.lack(Undefined.ONE_QUESTION, *names)
    elif table.attempts <= 2:
        found.lack(Undefined.TOO_FEW_ATTEMPTS, *names)
    elif not (variance := _second(table.totals, table.parts)):
        found.lack(Undefined.ALL_THE_SAME, *names)
    else:
        within = sum((_second(column.marks, table.parts) for column in table.columns), Fraction(0))
        coefficient = 100 * Fraction(places, places - 1) * (1 - within / variance)
        found.give("cic_percent", coefficient)
        if coefficient > 100:
            found.lack(Undefined.OUT_OF_RANGE, *names[1:])
            return
        ratio = 100 * sqrt(1 - coefficient / 100)
        found.give("errorratio_percent", ratio)
        found.give("standarderror", ratio * sqrt(variance) / 100)
