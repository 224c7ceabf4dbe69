"""The grade out of several attempts: best, average, first, last; what is not marked or not released is left out."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading.grades import final_grade, graded_facts, has_passed
from quizzes.models import Attempt, Quiz

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def sat(*marks: int | str | None) -> list[Attempt]:
    """Attempts with these marks out of 100; None is one that a person still marks, "void" one not handed in."""
    attempts = []
    for number, mark in enumerate(marks, 1):
        state = Attempt.State.FINISHED
        if not isinstance(mark, int):
            state = Attempt.State.SUBMITTED if mark is None else Attempt.State.ABANDONED
        scored = Decimal(mark) if isinstance(mark, int) else None
        attempts.append(
            Attempt(
                number=number,
                state=state,
                mark=scored,
                max_mark=Decimal(100),
                pass_mark=Decimal(80),
                released_at=NOW if scored is not None else None,
            )
        )
    return attempts


@pytest.mark.parametrize(
    ("counts", "marks", "grade", "passed"),
    [
        ("highest", (60, 90, 70), 90, True),
        ("average", (60, 90, 70), Decimal(220) / 3, False),
        ("first", (60, 90, 70), 60, False),
        ("last", (60, 90, 70), 70, True),  # what was passed once stays passed
        ("average", (70, None, 90), 80, True),  # unmarked is left out, not zero
        ("average", (70, "void", 90), 80, True),
        ("highest", (None,), None, False),
        ("highest", (), None, False),
        ("first", (None, 90), 90, True),
        ("average", (79, 80), Decimal("79.5"), False),
        ("highest", (79, 80), 80, True),
    ],
)
def test_row(counts, marks, grade, passed):
    quiz = Quiz(counts=counts)

    assert final_grade(quiz, sat(*marks)) == grade
    assert has_passed(quiz, sat(*marks)) is passed


def test_a_withheld_result_is_no_grade():
    attempts = sat(90)
    attempts[0].released_at = None

    assert final_grade(Quiz(), attempts) is None
    assert has_passed(Quiz(), attempts) is False


def test_facts_stand_on_the_day_they_came_to_stand():
    first, average, last = (graded_facts(counts, sat(60, 100)) for counts in ("first", "average", "last"))

    assert [fact.attempt.number for fact in first] == [1]
    assert [(fact.score, fact.passed) for fact in average] == [(60, False), (80, True)]
    assert [(fact.score, fact.passed) for fact in last] == [(60, False), (100, True)]


@given(marks=st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_bounds_and_that_passing_stays(marks):
    attempts = sat(*marks)
    grades = {counts: final_grade(Quiz(counts=counts), attempts) for counts in Quiz.Counts.values}

    assert min(marks) <= grades["average"] <= grades["highest"] == max(marks)
    assert (grades["first"], grades["last"]) == (marks[0], marks[-1])
    for counts in Quiz.Counts.values:
        passed = [has_passed(Quiz(counts=counts), attempts[:number]) for number in range(len(marks) + 1)]
        assert passed == sorted(passed)
