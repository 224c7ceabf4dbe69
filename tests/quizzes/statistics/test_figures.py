"""Moodle's figures: against its own fixtures, and against a small table reckoned by hand."""

import json
import os
import random
import statistics
from fractions import Fraction
from pathlib import Path

import pytest

from quizzes.statistics.figures import Undefined, question_figures, quiz_figures
from quizzes.statistics.marks_file import read_marks
from quizzes.statistics.tables import mark_table

FIXTURES = Path(os.environ.get("ACADEMY_FIXTURES", "/nonexistent")) / "statistics"
SHAPE = ("skewness", "kurtosis")
CONSISTENCY = ("cic_percent", "errorratio_percent", "standarderror")


def table(*rows, most=None):
    marks = [[None if mark is None else Fraction(str(mark)) for mark in row] for row in rows]
    return mark_table(marks, [Fraction(str(one)) for one in most or [1] * len(rows[0])])


def near(value):
    return pytest.approx(value, rel=1e-5)


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="ACADEMY_FIXTURES names no folder with statistics")
def test_every_figure_is_that_of_moodle():
    expected = json.loads((FIXTURES / "expected_moodle_00.json").read_text(encoding="utf-8"))
    tolerance = expected["quiz"].pop("relative_tolerance")
    marks = read_marks(FIXTURES / "results00.csv", max_marks=[Fraction(1)]).table

    whole, questions = quiz_figures(marks), question_figures(marks)

    assert {name: getattr(whole, name) for name in expected["quiz"]} == pytest.approx(expected["quiz"], rel=tolerance)
    assert len(questions) == len(expected["slots"])
    for figures, slot in zip(questions, expected["slots"], strict=True):
        assert figures.name == str(slot.pop("slot"))
        assert {name: getattr(figures, name) for name in slot} == pytest.approx(slot, rel=tolerance)


BY_HAND = [(1, 2), (1, 1), (0, 1), (0, 0)]


def test_the_whole_of_a_table_reckoned_by_hand():
    figures = quiz_figures(table(*BY_HAND, most=[1, 2]))

    # Marks 3, 2, 1, 0: variance 5/3; of the questions 1/3 and 2/3; alpha 2 · (1 − 1 / (5/3)).
    assert (figures.count, figures.average, figures.median) == (4, 1.5, 1.5)
    assert figures.standarddeviation == near(1.2909944)
    assert (figures.skewness, figures.kurtosis) == (0, near(-1.2))
    assert (figures.cic_percent, figures.errorratio_percent) == (80, near(44.721360))
    assert figures.standarderror == near(0.5773503)
    assert figures.undefined == {}


def test_the_questions_of_a_table_reckoned_by_hand():
    first, second = question_figures(table(*BY_HAND, most=[1, 2]))

    assert (first.facility, first.sd, second.facility, second.sd) == (0.5, near(0.5773503), 0.5, near(0.8164966))
    assert (first.intended_weight, second.intended_weight) == (near(1 / 3), near(2 / 3))
    # Covariances with the whole are 2/3 and 1; their roots are weighed.
    assert (first.effective_weight, second.effective_weight) == (near(44.948974), near(55.051026))
    assert first.covariance_with_rest == second.covariance_with_rest == near(1 / 3)
    assert first.discrimination_index == second.discrimination_index == near(70.710678)
    assert first.discriminative_efficiency == second.discriminative_efficiency == 100


def test_a_question_drawn_at_random_is_compared_with_the_whole_itself_included():
    marks = table((1, 2), (1, None), (0, 1), (0, None), (1, 0), most=[1, 2])

    always, drawn = question_figures(marks)

    # Marks 2, 1, 0 beside the wholes 3, 1, 1: covariance 1, variances 1 and 4/3.
    assert (drawn.count, drawn.facility, drawn.covariance_with_rest) == (3, 0.5, 1)
    assert drawn.discrimination_index == near(86.602540)
    assert drawn.discriminative_efficiency == 100
    assert (always.count, always.facility) == (5, 0.6)
    assert {always.undefined["effective_weight"], drawn.undefined["effective_weight"]} == {Undefined.PAPERS_DIFFER}
    assert {name: quiz_figures(marks).undefined[name] for name in CONSISTENCY} == dict.fromkeys(
        CONSISTENCY, Undefined.PAPERS_DIFFER
    )


def undefined(marks, number=0):
    """What is not defined of a question and of the whole, and why, but for the guess score that nobody gave."""
    figures = question_figures(marks)[number]
    whole = quiz_figures(marks)
    for one in (figures, whole):
        assert all(getattr(one, name) is None for name in one.undefined)
    return {name: why for name, why in figures.undefined.items() if name != "random_guess_score"}, whole.undefined


SPREAD = ("sd", "covariance_with_rest", "discrimination_index", "discriminative_efficiency", "effective_weight")
DISCRIMINATION = ("discrimination_index", "discriminative_efficiency")


@pytest.mark.parametrize(
    ("marks", "of_the_question", "of_the_whole"),
    [
        (
            table((1, 0)),
            dict.fromkeys(SPREAD, Undefined.TOO_FEW_ATTEMPTS),
            dict.fromkeys(("standarddeviation", *SHAPE, *CONSISTENCY), Undefined.TOO_FEW_ATTEMPTS),
        ),
        (table((1, 0), (0, 0)), dict.fromkeys(DISCRIMINATION, Undefined.REST_THE_SAME), None),
        (table((1, 0), (0, 1), (1, 1)), {}, {"kurtosis": Undefined.TOO_FEW_ATTEMPTS}),
        # A tenth is no whole number of twos: a float would leave a trace of variance.
        (table(*[("0.1", n % 2) for n in range(7)]), dict.fromkeys(DISCRIMINATION, Undefined.ALL_THE_SAME), {}),
        (
            table(*[(1, 0)] * 5),
            {**dict.fromkeys(DISCRIMINATION, Undefined.ALL_THE_SAME), "effective_weight": Undefined.NO_COVARIANCE},
            dict.fromkeys((*SHAPE, *CONSISTENCY), Undefined.ALL_THE_SAME),
        ),
        (table((1,), (0,), (1,), (1,)), dict.fromkeys(DISCRIMINATION, Undefined.REST_THE_SAME), None),
        (table((1, 0, 0), (0, 1, 1), (0, 1, 1)), {"effective_weight": Undefined.NEGATIVE_COVARIANCE}, None),
        (
            table((0, 1), (0, 0), most=[0, 1]),
            {"facility": Undefined.NO_MAXIMUM, **dict.fromkeys(DISCRIMINATION, Undefined.ALL_THE_SAME)},
            None,
        ),
    ],
)
def test_what_is_not_defined_is_none_with_its_reason(marks, of_the_question, of_the_whole):
    question, whole = undefined(marks)

    assert question == of_the_question
    if of_the_whole is not None:
        assert whole == of_the_whole


def test_one_question_has_no_consistency():
    _question, whole = undefined(table((1,), (0,), (1,), (1,)))

    assert whole == dict.fromkeys(CONSISTENCY, Undefined.ONE_QUESTION)


def test_a_question_against_the_others_stays_out_of_the_weights_and_is_marked():
    first, second, third = question_figures(table((1, 0, 0), (0, 1, 1), (0, 1, 1)))

    assert first.negative_covariance and not second.negative_covariance
    assert second.effective_weight == third.effective_weight == 50


def test_nobody_had_a_question():
    question, whole = undefined(table((1, None), (0, None)), number=1)

    assert question["facility"] is Undefined.NO_ATTEMPTS and question["sd"] is Undefined.TOO_FEW_ATTEMPTS
    assert "average" not in whole


def test_figures_are_those_of_the_definitions_on_any_table():
    source = random.Random(15)
    rows = [[Fraction(source.randrange(0, 7), 6) * (1 + place % 3) for place in range(8)] for _row in range(40)]
    most = [Fraction(1 + place % 3) for place in range(8)]
    totals = [float(sum(row)) for row in rows]

    for place, figures in enumerate(question_figures(mark_table(rows, most))):
        marks = [float(row[place]) for row in rows]
        rests = [total - mark for total, mark in zip(totals, marks, strict=True)]
        assert figures.sd == near(statistics.stdev(marks))
        assert figures.discrimination_index == near(100 * statistics.correlation(marks, rests))
        assert figures.discriminative_efficiency == near(
            100 * statistics.covariance(marks, rests) / statistics.covariance(sorted(marks), sorted(rests))
        )


def test_the_order_of_attempts_changes_nothing():
    rows = [(1, 2), (0, 1), (1, 0), (0, 0), (1, 1)]

    assert question_figures(table(*rows, most=[1, 2])) == question_figures(table(*reversed(rows), most=[1, 2]))
