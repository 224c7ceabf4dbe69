"""Rubrics and several markers: properties without a database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.marking.rubrics import IncompleteRubric, best_points, judge
from quizzes.marking.settling import is_settling, settled

POINTS = st.lists(st.integers(0, 5).map(str), min_size=2, max_size=5)


@st.composite
def rubrics(draw):
    criteria = [
        {
            "id": f"c{number}",
            "name": {"en": f"criterion {number}"},
            "help": {},
            "levels": [{"points": point, "text": {"en": point}} for point in points],
        }
        for number, points in enumerate(draw(st.lists(POINTS, min_size=1, max_size=4)))
    ]
    vetoes = [{"id": f"v{number}", "name": {"en": "no"}} for number in range(draw(st.integers(0, 2)))]
    return {"rubric": 1, "criteria": criteria, "vetoes": vetoes}


@st.composite
def choices(draw):
    rubric = draw(rubrics())
    levels = {criterion["id"]: draw(st.integers(0, len(criterion["levels"]) - 1)) for criterion in rubric["criteria"]}
    vetoes = frozenset(veto["id"] for veto in rubric["vetoes"] if draw(st.booleans()))
    return rubric, levels, vetoes


@given(choices())
def test_a_rubric_gives_between_nothing_and_all(given_):
    rubric, levels, vetoes = given_

    fraction, kept = judge(rubric, levels=levels, vetoes=vetoes)

    assert 0 <= fraction <= 1
    assert len(kept["criteria"]) == len(rubric["criteria"])
    assert {veto["id"] for veto in kept["vetoes"]} == vetoes


@given(choices())
def test_the_best_everywhere_is_all_and_a_veto_is_nothing(given_):
    rubric, _levels, _vetoes = given_
    best = {
        criterion["id"]: max(
            range(len(criterion["levels"])), key=lambda place: Decimal(criterion["levels"][place]["points"])
        )
        for criterion in rubric["criteria"]
    }

    full, _kept = judge(rubric, levels=best, vetoes=frozenset())

    assert full == (1 if best_points(rubric) else 0)
    if rubric["vetoes"]:
        assert judge(rubric, levels=best, vetoes=frozenset(["v0"]))[0] == 0


@given(choices())
def test_a_better_level_never_gives_less(given_):
    rubric, levels, vetoes = given_
    before, _kept = judge(rubric, levels=levels, vetoes=vetoes)
    for criterion in rubric["criteria"]:
        points = [Decimal(level["points"]) for level in criterion["levels"]]
        better = {**levels, criterion["id"]: points.index(max(points))}

        assert judge(rubric, levels=better, vetoes=vetoes)[0] >= before


def test_what_is_not_on_the_rubric_is_refused():
    rubric = {
        "rubric": 1,
        "criteria": [{"id": "c", "name": {}, "help": {}, "levels": [{"points": "0", "text": {}}] * 2}],
        "vetoes": [],
    }

    for levels, vetoes in [({}, frozenset()), ({"c": 2}, frozenset()), ({"c": -1}, frozenset()), ({"c": 0}, {"v"})]:
        with pytest.raises(IncompleteRubric):
            judge(rubric, levels=levels, vetoes=frozenset(vetoes))


FRACTIONS = st.decimals(0, 1, places=2)


@pytest.mark.parametrize(
    ("fractions", "markers", "tolerance", "expected"),
    [
        ([], 1, "0", None),
        (["0.7"], 1, "0", "0.7"),
        (["0.7"], 2, "0.1", None),
        (["0.7", "0.8"], 2, "0.1", "0.75"),
        (["0.8", "0.6"], 2, "0.1", None),
        (["0.8", "0.6", "0.65"], 2, "0.1", "0.65"),
        (["0.6", "0.6"], 2, "0", "0.6"),
        (["0.5", "0.6", "0.7"], 3, "0.2", "0.6"),
        (["0.5", "0.6", "0.8"], 3, "0.2", None),
        (["0.5", "0.6", "0.8", "0.7"], 3, "0.2", "0.7"),
    ],
)
def test_table_of_several_markers(fractions, markers, tolerance, expected):
    found = settled([Decimal(fraction) for fraction in fractions], markers=markers, tolerance=Decimal(tolerance))

    assert found == (None if expected is None else Decimal(expected))


@given(st.lists(FRACTIONS, max_size=5), st.integers(1, 3), FRACTIONS)
def test_what_counts_lies_between_what_was_given(fractions, markers, tolerance):
    found = settled(fractions, markers=markers, tolerance=tolerance)

    if found is not None:
        assert min(fractions) <= found <= max(fractions)
        assert not is_settling(fractions, markers=markers, tolerance=tolerance)


@given(st.lists(FRACTIONS, min_size=4, max_size=4), st.integers(1, 3), FRACTIONS)
def test_one_more_than_the_markers_always_settles(fractions, markers, tolerance):
    assert settled(fractions[: markers + 1], markers=markers, tolerance=tolerance) is not None
