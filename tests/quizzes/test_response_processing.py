"""Cases in the manner of QTI's response processing: match_correct, and map_response with its bounds at 0 and 1."""

from decimal import Decimal

import pytest

from quizzes.types import question_type
from quizzes.types.text import read_number


def options(mapping):
    return [{"id": one, "text": {"en": one}, "fraction": value} for one, value in mapping.items()]


@pytest.mark.parametrize(
    ("code", "mapping", "chosen", "score"),
    [
        ("single", {"A": "1", "B": "0.5", "C": "0"}, "A", "1"),
        ("single", {"A": "1", "B": "0.5", "C": "0"}, "B", "0.5"),
        ("single", {"A": "1", "B": "0", "C": "-0.5"}, "C", "0"),
        ("single", {"A": "1", "B": "0"}, None, "0"),
        ("multiple", {"H": "0.5", "O": "0.5", "Cl": "-0.5", "He": "-0.5"}, ["H", "O"], "1"),
        ("multiple", {"H": "0.5", "O": "0.5", "Cl": "-0.5", "He": "-0.5"}, ["H"], "0.5"),
        ("multiple", {"H": "0.5", "O": "0.5", "Cl": "-0.5", "He": "-0.5"}, ["H", "O", "Cl"], "0.5"),
        ("multiple", {"H": "0.5", "O": "0.5", "Cl": "-0.5", "He": "-0.5"}, ["H", "Cl", "He"], "0"),
        ("multiple", {"H": "0.5", "O": "0.5", "Cl": "-0.5", "He": "-0.5"}, None, "0"),
    ],
)
def test_choice(code, mapping, chosen, score):
    kind = question_type(code)
    question = kind.parse({"type": code, "stem": {"en": "x"}, "options": options(mapping)})

    assert kind.grade(question, {"chosen": chosen} if chosen else None).fraction == Decimal(score)


@pytest.mark.parametrize(("given", "score"), [("York", "1"), ("york", "0.5"), ("YORK", "0"), ("", "0")])
def test_text_entry_with_capitals(given, score):
    kind = question_type("shorttext")
    question = kind.parse(
        {
            "type": "shorttext",
            "stem": {"en": "x"},
            "answers": options({"York": "1", "york": "0.5"}),
            "case_sensitive": True,
        }
    )

    assert kind.grade(question, {"text": given} if given else None).fraction == Decimal(score)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("3.5%", "%", "3.5"),
        ("３．５％", "%", "3.5"),
        ("３．５ 万元", "万元", "3.5"),
        ("80,000 yuan", "yuan", "80000"),
        ("8万元", "元", "80000"),
        ("13 万", "元", "130000"),
        ("1.2 亿", "元", "120000000"),
        ("3.5万", "万元", "3.5"),
        ("135 天", "天", "135"),
    ],  # fmt: skip
)
def test_a_unit_may_stand_with_the_number(text, unit, value):
    assert read_number(text, {"zh-hans": unit}) == Decimal(value)
