"""Marks are exact: bounds, order, monotony, blanks."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading.marks import PaperSlot, grade_paper, passes, percent
from quizzes.types import BodyProblems, ResponseRefused, body_digest, question_type
from quizzes.types.text import read_number, text_matches


def options(fractions):
    return [
        {"id": f"o{n}", "text": {"zh-hans": f"选项{n}"}, "fraction": str(fraction), "feedback": {}}
        for n, fraction in enumerate(fractions)
    ]


def multiple(fractions, scoring="partial"):
    kind = question_type("multiple")
    return kind, kind.parse(
        {"type": "multiple", "stem": {"en": "x"}, "options": options(fractions), "scoring": scoring}
    )


@given(st.sets(st.integers(0, 3)), st.randoms())
def test_multiple_choice_stays_in_bounds_and_ignores_order(chosen, source):
    kind, question = multiple(["0.5", "0.5", "-0.5", "-0.5"])
    ids = [f"o{n}" for n in chosen]
    first = kind.grade(question, {"chosen": ids} if ids else None)
    source.shuffle(ids)

    second = kind.grade(question, {"chosen": ids} if ids else None)

    assert 0 <= first.fraction <= 1
    assert first.fraction == second.fraction


@given(st.sets(st.integers(0, 2)))
def test_more_right_is_never_less(chosen):
    kind, question = multiple(["0.33333", "0.33333", "0.33334", "-1"])
    some = kind.grade(question, {"chosen": [f"o{n}" for n in chosen]} if chosen else None)

    every = kind.grade(question, {"chosen": ["o0", "o1", "o2"]})

    assert every.fraction == 1
    assert some.fraction <= every.fraction


def test_all_or_nothing():
    kind, question = multiple(["0.5", "0.5", "0"], "all_or_nothing")

    assert kind.grade(question, {"chosen": ["o0"]}).fraction == 0
    assert kind.grade(question, {"chosen": ["o0", "o1"]}).fraction == 1


def test_pass_mark_is_compared_unrounded():
    assert passes(Decimal("79.995"), Decimal(100), Decimal(80)) is False
    assert percent(Decimal("79.995"), Decimal(100)) == Decimal("80.00")
    assert passes(Decimal(4), Decimal(5), Decimal(80)) is True


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("双手", " 双手。", True),
        ("ＡＢＣ", "abc", True),
        ("开户 行", "开户行", True),
        ("*稳*", "要稳才好", True),
        ("a*c", "abd", False),
        (r"5\*3", "5*3", True),
    ],
)
def test_short_text_folds_width_case_and_punctuation(pattern, text, matches):
    assert text_matches(pattern, text, False) is matches


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("８０，０００", "80000"),
        ("80,000元", "80000"),
        ("-1.5", "-1.5"),
        ("50%", "50"),
        ("1e3", "1E+3"),
        ("zwei", None),
        ("", None),
    ],
)
def test_numbers_as_people_type_them(text, value):
    found = read_number(text, {"zh-hans": "元"})

    assert found == (None if value is None else Decimal(value))


def test_numeric_tolerance_is_inclusive():
    kind = question_type("numeric")
    question = kind.parse(
        {
            "type": "numeric",
            "stem": {"en": "x"},
            "answers": [{"id": "a", "value": "3.1415", "tolerance": "0.0005", "fraction": "1"}],
        }
    )

    assert kind.grade(question, {"text": "3.142"}).fraction == 1
    assert kind.grade(question, {"text": "3.1421"}).fraction == 0


def test_matching_shows_no_key_and_grades_by_pairs():
    kind = question_type("matching")
    body = {
        "type": "matching",
        "stem": {"en": "x"},
        "pairs": [{"id": f"p{n}", "left": {"en": f"l{n}"}, "right": {"en": f"r{n}"}} for n in range(3)],
        "distractors": [{"id": "d", "right": {"en": "other"}}],
    }
    question = kind.parse(body)
    order = kind.draw_order(question, random.Random(3))
    shown = kind.present(question, order, "en")
    rights = {right["text"]: right["id"] for right in shown["rights"]}
    raw = {left["id"]: rights[left["text"].replace("l", "r")] for left in shown["lefts"][:2]}

    grade = kind.grade(question, kind.clean_response(question, raw, order))

    assert grade.fraction == Fraction(2, 3)
    assert "p0" not in str(shown)


def test_paper_adds_up_and_blank_is_zero():
    kind = question_type("truefalse")
    question = kind.parse({"type": "truefalse", "stem": {"en": "x"}, "key": True})
    paper = [PaperSlot(1, question, Decimal("1.5")), PaperSlot(2, question, Decimal(1))]

    score = grade_paper(paper, {1: {"chosen": "true"}})

    assert (score.mark, score.max_mark) == (Decimal("1.5"), Decimal("2.5"))
    assert score.slots[1].grade.state == "blank"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "single", "stem": {}, "options": options(["1", "0"])},
        {"type": "single", "stem": {"en": "x"}, "options": options(["1"])},
        {"type": "single", "stem": {"en": "x"}, "options": options(["0.5", "0"])},
        {"type": "single", "stem": {"en": "x\x00"}, "options": options(["1", "0"])},
        {"type": "single", "stem": {"en": "x" * 4001}, "options": options(["1", "0"])},
        {"type": "single", "stem": {"en": "x"}, "options": options(["1", "0"]), "evil": 1},
    ],
)
def test_wrong_bodies_are_refused(body):
    with pytest.raises(BodyProblems):
        question_type("single").parse(body)


def test_long_and_unstorable_answers_are_refused():
    kind = question_type("shorttext")
    question = kind.parse(
        {"type": "shorttext", "stem": {"en": "x"}, "answers": [{"id": "a", "text": {"en": "y"}, "fraction": "1"}]}
    )

    for text in ("x" * 100_000, "a\x00b", "\ud800"):
        with pytest.raises(ResponseRefused):
            kind.clean_response(question, {"response": text})


def test_same_body_same_digest():
    first = {"type": "truefalse", "stem": {"zh-hans": "一", "en": ""}, "key": True}
    second = {"key": True, "stem": {"zh-hans": "一 "}, "type": "truefalse"}

    assert body_digest(first) == body_digest(second)
