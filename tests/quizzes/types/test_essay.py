"""Essay and information: what a person marks, and what only is read."""

import pytest

from quizzes.types import BodyProblems, question_type
from quizzes.types.essay import count_words
from tests.quizzes.types.bodies import STEM, parsed


def test_an_essay_waits_for_a_person():
    kind, question = parsed("essay")

    response = kind.clean_response(question, {"response": "先听完。\r\n再核实。"})
    grade = kind.grade(question, response)

    assert kind.marked_by_person
    assert response == {"text": "先听完。\n再核实。"}
    assert (grade.fraction, grade.state) == (0, "waiting")
    assert kind.clean_response(question, {"response": " \n "}) is None
    assert kind.marking_guide(question, "en") == "look for"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("先听，再说。", 4),
        ("CM1 年审 90 学时", 6),
        ("It's a well-kept file", 4),
        ("1.5 万", 2),
        ("𬭎", 1),
        ("—— ……", 0),
    ],
)
def test_words_are_counted_as_word_processors_do(text, count):
    assert count_words(text) == count


@pytest.mark.parametrize(
    "bounds", [{"words_min": 0}, {"words_max": "9"}, {"words_min": 9, "words_max": 3}, {"words_max": True}]
)
def test_bounds_of_an_essay_are_checked(bounds):
    with pytest.raises(BodyProblems):
        question_type("essay").parse({"type": "essay", "stem": STEM, **bounds})


def test_information_takes_no_mark_and_no_answer():
    kind, question = parsed("information")

    assert not kind.counts
    assert kind.clean_response(question, {"response": "x"}) is None
