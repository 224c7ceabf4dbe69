"""Options, characteristics, two groups compared, and the sentences."""

from fractions import Fraction

import pytest
from django.utils.translation import override

from quizzes.models import QuestionVersion, VersionStatistics
from quizzes.statistics.characteristics import item_characteristic
from quizzes.statistics.differential import DifferenceClass, GroupedAnswer, Incomparable, mantel_haenszel
from quizzes.statistics.distractors import ChoiceMade, Third, distractor_table, thirds
from quizzes.statistics.figures import question_figures
from quizzes.statistics.keeping import notes_in
from quizzes.statistics.notes import Note, NoteCode, notes_of, whole_percent
from quizzes.statistics.tables import mark_table


def test_thirds_keep_equal_marks_together_whatever_the_order():
    totals = [Fraction(one) for one in (5, 1, 3, 3, 9, 8)]

    assert [third.name for third in thirds(totals)] == ["MIDDLE", "LOWER", "MIDDLE", "MIDDLE", "UPPER", "UPPER"]
    assert thirds([Fraction(4)] * 5) == [Third.MIDDLE] * 5
    assert thirds([Fraction(one) for one in (3, 1, 2)]) == [Third.UPPER, Third.LOWER, Third.MIDDLE]


def choices(*parts):
    """(option, total) as often as said."""
    return [
        ChoiceMade((option,) if option else (), Fraction(total))
        for option, total, count in parts
        for _one in range(count)
    ]


KEY = [("A", True), ("B", False), ("C", False), ("D", False)]


def test_options_are_counted_by_third_with_blank_answers_last():
    made = choices(("A", 2, 3), ("", 2, 1), ("B", 5, 4), ("A", 9, 1), ("C", 9, 3))

    rows = {row.option: row for row in distractor_table(KEY, made)}

    assert (rows["A"].lower, rows["A"].middle, rows["A"].upper) == (3, 0, 1)
    assert (rows["B"].lower, rows["B"].middle, rows["B"].upper) == (0, 4, 0)
    assert (rows["C"].upper, rows["C"].share, rows["C"].mean_total) == (3, 0.25, 9)
    assert (rows["D"].count, rows["D"].mean_total, rows[""].lower) == (0, None, 1)


def figures_of(marks, rests, guess=Fraction(1, 4)):
    rows = [(Fraction(mark), Fraction(rest)) for mark, rest in zip(marks, rests, strict=True)]
    return question_figures(mark_table(rows, [Fraction(1), Fraction(10)], guess_scores=[guess, None]))[0]


def codes(notes):
    return [note.code for note in notes]


def test_a_good_question_is_said_in_numbers_and_left_alone():
    figures = figures_of([1] * 22 + [0] * 3 + [1] * 15, [9] * 22 + [1] * 3 + [8] * 15)

    notes = notes_of(figures)

    assert codes(notes) == [NoteCode.RIGHT_AND_GUESS, NoteCode.VERY_GOOD]
    with override("en"):
        assert notes[0].text == "93% right, guessing gives 25%."
    with override("zh-hans"):
        assert notes[0].text == "答对率 93%，随机猜对概率 25%。"


def test_a_wrong_key_is_found_by_the_option_that_attracts_the_best():
    made = choices(("C", 9, 14), ("B", 5, 13), ("A", 1, 13))
    figures = figures_of([choice.chosen == ("A",) for choice in made], [choice.total for choice in made])

    notes = notes_of(figures, distractor_table(KEY, made))

    assert NoteCode.NEGATIVE in codes(notes) and notes[-1].code == NoteCode.TO_LOOK_AT
    with override("en"):
        said = [note.text for note in notes]
    assert "Option C attracts the best: check the key." in said
    assert "Nobody chose D." in said and "Nobody chose B." not in said


def test_under_thirty_answers_say_so_and_nothing_is_to_be_retired():
    few = notes_of(figures_of([1] * 29, list(range(29))))
    enough = notes_of(figures_of([1] * 30, list(range(30))))

    assert Note(NoteCode.FEW_ANSWERS, {"count": 29}) in few and NoteCode.SUGGEST_RETIRE not in codes(few)
    assert NoteCode.FEW_ANSWERS not in codes(enough) and enough[-1].code is NoteCode.SUGGEST_RETIRE


def test_what_is_no_better_than_guessing_is_to_be_looked_at():
    notes = notes_of(figures_of(([1, 0, 0, 0] * 10), ([3, 1, 2, 4] * 10)))

    assert NoteCode.LIKE_GUESSING in codes(notes) and notes[-1].code is NoteCode.TO_LOOK_AT


@pytest.mark.parametrize(("share", "shown"), [(0.0, 0), (0.001, 1), (0.875, 88), (0.999, 99), (1.0, 100)])
def test_all_and_none_are_said_only_of_all_and_none(share, shown):
    assert whole_percent(share) == shown


def test_the_characteristic_rises_with_the_whole_mark():
    answers = [
        (Fraction(0), Fraction(1)),
        (Fraction(1), Fraction(5)),
        (Fraction(0), Fraction(5)),
        (Fraction(1), Fraction(10)),
    ]

    points = item_characteristic(answers, most=Fraction(10), bands=4)

    assert [point.count for point in points] == [1, 0, 2, 1]
    assert [point.mean_share for point in points] == [0, None, 0.5, 1]
    assert (points[0].lowest, points[-1].highest) == (0, 1)
    assert item_characteristic(answers, most=Fraction(0)) == []


def group(focal, right, wrong, total=5):
    return [GroupedAnswer(focal, number < right, Fraction(total)) for number in range(right + wrong)]


def test_two_groups_compared_as_reckoned_by_hand():
    found = mantel_haenszel([*group(False, 40, 10), *group(True, 20, 30)])

    # 40 · 30 / (10 · 20); (|40 − 30| − 1/2)² / (50 · 50 · 60 · 40 / (100² · 99)).
    assert (found.odds, found.reference, found.focal, found.few) == (6, 50, 50, False)
    assert found.delta == pytest.approx(-4.210634)
    assert found.chi_square == pytest.approx(14.89125)
    assert found.p_value == pytest.approx(0.000114, rel=0.01)
    assert found.difference is DifferenceClass.C


def test_equal_odds_at_each_mark_are_no_difference_though_one_group_knows_more():
    found = mantel_haenszel(
        [*group(False, 80, 20, 9), *group(True, 8, 2, 9), *group(False, 5, 15, 2), *group(True, 25, 75, 2)]
    )

    assert found.odds == pytest.approx(1) and found.difference is DifferenceClass.A


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([], Incomparable.ONE_GROUP),
        (group(True, 5, 5), Incomparable.ONE_GROUP),
        ([*group(True, 5, 5, 1), *group(False, 5, 5, 2)], Incomparable.NO_COMMON_MARKS),
        ([*group(True, 5, 0), *group(False, 5, 0)], Incomparable.NO_ODDS),
        ([*group(True, 5, 0), *group(False, 0, 5)], Incomparable.NO_ODDS),
    ],
)
def test_groups_that_cannot_be_compared_say_why(answers, why):
    found = mantel_haenszel(answers)

    assert (found.why, found.odds, found.few) == (why, None, True)


def test_right_and_wrong_are_named_in_words_as_they_have_no_letter():
    version = QuestionVersion(
        type="truefalse",
        number=1,
        body={"type": "truefalse", "stem": {"zh-hans": "对吗"}, "key": False, "feedback": {}},
    )
    notes = [{"code": "nobody_chose", "facts": {"option": "true"}}]
    kept = VersionStatistics(version=version, count=40, notes=notes)

    with override("zh-hans"):
        (said,) = notes_in(kept, with_options=True)

    assert "true" not in said and "正确" in said
