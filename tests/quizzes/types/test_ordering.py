"""Ordering: shares of adjacent pairs, numbers and moves, and what a guess earns."""

import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.types import question_type
from tests.quizzes.types.bodies import ordering, parsed


@pytest.mark.parametrize(
    ("answer", "fraction"),
    [
        ([0, 1, 2, 3], "1"),
        ([3, 0, 1, 2], "2/3"),
        ([1, 2, 3, 0], "2/3"),
        ([0, 1, 3, 2], "1/3"),
        ([2, 3, 0, 1], "2/3"),
        ([1, 0, 2, 3], "1/3"),
        ([3, 2, 1, 0], "0"),
        ([0, 2, 1, 3], "0"),
    ],
)
def test_ordering_gives_a_share_for_each_adjacent_pair(answer, fraction):
    kind, question = parsed("ordering")

    grade = kind.grade(question, {"order": [f"s{n}" for n in answer]})

    assert grade.fraction == Fraction(fraction)


def test_ordering_all_or_nothing():
    kind = question_type("ordering")
    question = kind.parse(ordering(scoring="all_or_nothing"))

    assert kind.grade(question, {"order": ["s0", "s1", "s2", "s3"]}).fraction == 1
    assert kind.grade(question, {"order": ["s3", "s0", "s1", "s2"]}).fraction == 0


def test_every_order_is_drawn_as_often_as_any_other():
    """An order that never comes would be told by all the others: of two items, by the first look."""
    kind, source = question_type("ordering"), random.Random(1)
    question = kind.parse(ordering(3))

    counter = Counter("".join(kind.draw_order(question, source)["items"]) for _draw in range(1200))

    assert len(counter) == 6
    assert max(counter.values()) - min(counter.values()) < 100


@given(st.permutations(range(5)), st.integers())
def test_ordering_by_numbers_gives_the_order_that_was_meant(meant, seed):
    kind = question_type("ordering")
    question = kind.parse(ordering(5))
    order = kind.draw_order(question, random.Random(seed))
    place = {one: f"i{number}" for number, one in enumerate(order["items"])}

    raw = {place[f"s{item}"]: str(number) for number, item in enumerate(meant, 1)}

    assert kind.clean_response(question, raw, order) == {"order": [f"s{item}" for item in meant]}


def test_ordering_moves_a_line_and_fills_what_has_no_number():
    kind, question = parsed("ordering")
    order = {"items": ["s2", "s0", "s3", "s1"]}

    moved = kind.clean_response(question, {"move": "i2:up"}, order)
    first = kind.clean_response(question, {"i3": "1"}, order)
    twice = kind.clean_response(question, {"i0": "2", "i3": "2"}, order)
    at_the_top = kind.clean_response(question, {"move": "i0:up", "shown": "i0,i1,i2,i3"}, order)

    assert moved == {"order": ["s2", "s3", "s0", "s1"]}
    assert first == {"order": ["s1", "s2", "s0", "s3"]}
    assert sorted(twice["order"]) == ["s0", "s1", "s2", "s3"]
    assert at_the_top == {"order": ["s2", "s0", "s3", "s1"]}
    assert kind.clean_response(question, {"shown": "i0,i1,i2,i3", "i0": ""}, order) is None


def test_ordering_moves_from_the_order_that_the_page_showed():
    kind, question = parsed("ordering")
    order = {"items": ["s2", "s0", "s3", "s1"]}

    once = kind.clean_response(question, {"move": "i2:up", "shown": "i0,i1,i2,i3"}, order)
    shown = ",".join(item["id"] for item in kind.present(question, order, "en", once)["items"])
    numbers = {item["id"]: str(n) for n, item in enumerate(kind.present(question, order, "en", once)["items"], 1)}
    twice = kind.clean_response(question, {**numbers, "move": "i2:up", "shown": shown}, order)

    assert twice == {"order": ["s3", "s2", "s0", "s1"]}


def test_a_guess_at_an_ordering_earns_what_the_mean_of_all_orders_earns():
    from itertools import permutations

    kind, question = parsed("ordering")
    earned = [
        kind.grade(question, {"order": list(permutation)}).fraction
        for permutation in permutations(["s0", "s1", "s2", "s3"])
    ]

    assert sum(earned) / len(earned) == Fraction(kind.guess_score(question))
