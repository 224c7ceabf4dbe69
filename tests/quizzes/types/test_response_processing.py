"""Cases in the manner of QTI's response processing: match_correct, and map_response with its bounds at 0 and 1."""

from decimal import Decimal

import pytest

from quizzes.types import BodyProblems, question_type
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


# A mapping whose right options carry more than its upper bound of 6 together.
MAPPED = {"a": 1, "b": 2, "c": 5, "d": -1, "e": -2, "f": -5}


@pytest.mark.parametrize(
    ("chosen", "score"),
    [
        ("", 0),
        ("a", 1),
        ("b", 2),
        ("c", 5),
        ("d", 0),
        ("e", 0),
        ("ab", 3),
        ("bc", 6),
        ("cd", 4),
        ("def", 0),
        ("abcdef", 0),
    ],
)
def test_choice_with_an_upper_bound(chosen, score):
    kind = question_type("multiple")
    shares = {one: str((Decimal(value) / 6).quantize(Decimal("0.00001"))) for one, value in MAPPED.items()}
    question = kind.parse({"type": "multiple", "stem": {"en": "x"}, "options": options(shares), "scoring": "capped"})

    fraction = kind.grade(question, {"chosen": list(chosen)} if chosen else None).fraction

    assert round(fraction * 6, 3) == score


def matched(rows, **more):
    """A match of characters and plays in the manner of QTI's example."""
    kind = question_type("matching")
    pairs = [
        {"id": one, "left": {"en": one}, "right": {"en": play}, **({"fraction": share} if share else {})}
        for one, play, share in rows
    ]
    return kind, kind.parse({"type": "matching", "stem": {"en": "x"}, "pairs": pairs, "distractors": [], **more})


@pytest.mark.parametrize(
    ("said", "whole", "even", "mapped"),
    [
        ({"C": "C", "D": "D", "L": "D", "P": "P"}, "1", "1", "1"),
        ({"C": "C"}, "0", "0.25", "0.25"),
        ({"D": "D", "L": "D"}, "0", "0.5", "0.25"),
        ({"P": "P"}, "0", "0.25", "0.5"),
        ({"C": "P", "P": "C"}, "0", "0", "0"),
        (None, "0", "0", "0"),
    ],
)
def test_match_correct_and_a_share_for_each_pair(said, whole, even, mapped):
    plain = [("C", "Romeo", ""), ("D", "Dream", ""), ("L", "Dream", ""), ("P", "Tempest", "")]
    own = [
        (one, play, share) for (one, play, _none), share in zip(plain, ["0.25", "0.125", "0.125", "0.5"], strict=True)
    ]
    response = {"pairs": said} if said else None

    for rows, more, score in ((plain, {"scoring": "all_or_nothing"}, whole), (plain, {}, even), (own, {}, mapped)):
        kind, question = matched(rows, **more)
        assert kind.grade(question, response).fraction == Decimal(score)


def test_shares_of_pairs_that_make_no_whole_are_refused():
    with pytest.raises(BodyProblems):
        matched([("C", "Romeo", "0.5"), ("D", "Dream", "0.75")])
    with pytest.raises(BodyProblems):
        matched([("C", "Romeo", "-0.5"), ("D", "Dream", "")])


@pytest.mark.parametrize(
    ("scoring", "order", "score"),
    [
        ("all_or_nothing", "ABC", "1"),
        ("all_or_nothing", "BAC", "0"),
        ("all_or_nothing", "", "0"),
        ("pairs", "ABC", "1"),
        ("pairs", "CAB", "0.5"),
        ("pairs", "CBA", "0"),
    ],
)
def test_order(scoring, order, score):
    kind = question_type("ordering")
    items = [{"id": one, "text": {"en": one}} for one in "ABC"]
    question = kind.parse({"type": "ordering", "stem": {"en": "x"}, "items": items, "scoring": scoring})

    assert kind.grade(question, {"order": list(order)} if order else None).fraction == Decimal(score)


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
    ],
)
def test_a_unit_may_stand_with_the_number(text, unit, value):
    assert read_number(text, {"zh-hans": unit}) == Decimal(value)
