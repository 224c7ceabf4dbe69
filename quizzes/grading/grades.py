"""The grade of a person on a quiz, out of the attempts of one occasion. Pure; only released results count.

Best, average, first or last (Moodle, ``quiz_calculate_best_grade``); an attempt without a mark is left out, and no
marked attempt is no grade rather than zero. What was passed once stays passed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quizzes.grading.marks import reaches, score_of
from quizzes.models import Attempt, Quiz


@dataclass(frozen=True)
class GradedFact:
    """What stood when an attempt had been graded: the grade out of 100 as of then, and whether it passes."""

    attempt: Attempt
    score: Decimal
    passed: bool


def final_grade(quiz: Quiz, attempts: Iterable[Attempt]) -> Decimal | None:
    """Out of 100, unrounded; None while nothing is marked and released."""
    grade = _grade(quiz.counts, _marked(attempts))
    return None if grade is None else _decimal(grade)


def has_passed(quiz: Quiz, attempts: Iterable[Attempt]) -> bool:
    """Whether the quiz was passed at any time on this occasion."""
    return any(fact.passed for fact in graded_facts(quiz.counts, attempts))


def graded_facts(counts: str, attempts: Iterable[Attempt]) -> list[GradedFact]:
    """One fact for each attempt that changes what stands, in the order they were sat.

    Where the best or the last counts each attempt is a fact of its own day, where the first counts only the first,
    and an average is a fact of the day on which it came to stand.
    """
    marked = _marked(attempts)
    if counts == Quiz.Counts.FIRST:
        marked = marked[:1]
    facts = []
    for number, attempt in enumerate(marked, 1):
        considered = marked[:number] if counts == Quiz.Counts.AVERAGE else [attempt]
        grade = _mean(considered)
        facts.append(GradedFact(attempt, _decimal(grade), reaches(grade, attempt.pass_mark)))
    return facts


def _marked(attempts: Iterable[Attempt]) -> list[Attempt]:
    found = [attempt for attempt in attempts if attempt.counts and attempt.mark is not None and attempt.max_mark > 0]
    return sorted(found, key=lambda attempt: attempt.number)


def _grade(counts: str, marked: Sequence[Attempt]) -> Fraction | None:
    if not marked:
        return None
    if counts == Quiz.Counts.AVERAGE:
        return _mean(marked)
    if counts == Quiz.Counts.FIRST:
        return _mean(marked[:1])
    if counts == Quiz.Counts.LAST:
        return _mean(marked[-1:])
    return max(_mean([score]) for score in marked)


def _mean(attempts: Sequence[Attempt]) -> Fraction:
    scores = [score_of(attempt.mark, attempt.max_mark) for attempt in attempts if attempt.mark is not None]
    return sum(scores, Fraction(0)) / len(attempts)


def _decimal(grade: Fraction) -> Decimal:
    return Decimal(grade.numerator) / Decimal(grade.denominator)
