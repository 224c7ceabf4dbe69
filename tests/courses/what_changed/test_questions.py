"""A question about a changed house rule is made of its values."""

from datetime import date

import pytest

from academy.house_rules.formatting import said
from courses.what_changed.questions import ChangedRule, is_answer, is_old, is_right, offered

ME = 7


def changed(unit: str, before: str, after: str, **more) -> ChangedRule:
    return ChangedRule(
        change=1,
        code="r",
        unit=unit,
        names={"zh-hans": "规定", "en": "rule"},
        before=said(unit, before, before),
        after=said(unit, after, after),
        since=date(2026, 11, 2),
        **more,
    )


@pytest.mark.parametrize(
    ("answer", "right", "old"),
    [
        ("30000", True, False),
        ("３０，０００", True, False),
        ("3 万元", True, False),
        ("50000", False, True),
        ("40000", False, False),
    ],
)
def test_a_figure_is_typed_in_as_people_write_it(answer, right, old):
    rule = changed("yuan", "50000", "30000")
    assert (is_right(rule, answer, ME), is_old(rule, answer, ME)) == (right, old)


@pytest.mark.parametrize("answer", ["", "三万", "-1", "about"])
def test_what_is_no_figure_is_no_answer(answer):
    assert not is_answer(changed("yuan", "50000", "30000"), answer, ME)


@pytest.mark.parametrize(
    ("unit", "before", "after", "neighbour"),
    [
        ("time", "15:30", "16:00", "16:30"),
        ("time", "09:00", "23:30", "00:00"),
        ("phone", "96110", "95599", "95590"),
    ],
)
def test_three_are_offered_the_new_the_old_and_a_neighbour(unit, before, after, neighbour):
    texts = [text["en"] for text in offered(changed(unit, before, after), ME)]
    assert sorted(texts) == sorted([before, after, neighbour])


def test_words_stand_beside_those_of_another_rule_and_alone_where_there_is_none():
    other = {"zh-hans": "值班主任", "en": "duty manager"}
    rule = changed("text", "head", "deputy", others=(other,))
    assert len(offered(rule, ME)) == 3
    assert other in offered(rule, ME)
    assert len(offered(changed("text", "head", "deputy"), ME)) == 2


def test_the_right_place_is_not_the_same_for_everybody():
    rule = changed("time", "15:30", "16:00")
    places = {offered(rule, person).index(rule.after) for person in range(30)}
    assert places == {0, 1, 2}
    assert all(is_right(rule, str(offered(rule, person).index(rule.after)), person) for person in range(5))
    assert not is_answer(rule, "3", ME)
