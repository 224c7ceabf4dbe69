"""Of whom a requirement is asked: by the posts that somebody holds on the day. By table, without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from certificates.rules.known import Evidence, Post
from certificates.rules.openings import with_openings
from certificates.rules.standing import Asked, evaluate

DAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)
LONG_AGO = date(2020, 1, 1)
TELLER, SECOND = Post("teller", LONG_AGO), Post("second", LONG_AGO)


def asked(pk, only=(), **fields):
    return Asked(pk=pk, kind="course", label=f"课程 {pk}", course=pk, only_positions=tuple(only), **fields)


def courses(*keys):
    return {key: (date(2026, 3, key),) for key in keys}


@pytest.mark.parametrize(
    ("posts", "is_asked"),
    [
        ((TELLER,), True),
        ((SECOND,), False),
        # Any of two posts is enough.
        ((SECOND, TELLER), True),
        # Nobody's counter, nobody's requirement.
        ((), False),
        ((Post("teller", LONG_AGO, DAY),), True),
        ((Post("teller", LONG_AGO, YESTERDAY), Post("second", DAY)), False),
        ((Post("second", LONG_AGO, YESTERDAY), Post("teller", DAY)), True),
        ((Post("second", LONG_AGO, DAY), Post("teller", TOMORROW)), False),
    ],
)
def test_it_is_asked_of_who_holds_one_of_the_posts_on_the_day_and_absent_for_others(posts, is_asked):
    standing = evaluate((asked(1), asked(2, only=["teller", "lobby"])), Evidence(courses(1), posts=posts), DAY)

    assert [line.asked.pk for line in standing.lines] == ([1, 2] if is_asked else [1])
    assert [requirement.pk for requirement in standing.not_asked] == ([] if is_asked else [2])
    assert standing.met is not is_asked


def test_where_nothing_is_asked_of_a_post_nothing_is_met():
    assert not evaluate((asked(1, only=["teller"]),), Evidence(posts=(SECOND,)), DAY).met


@pytest.mark.parametrize(
    ("post", "needs", "done", "met"),
    [
        # Two of three: of the second line two are asked, and both are needed.
        (TELLER, 2, (1, 3), True),
        (TELLER, 2, (1,), False),
        (SECOND, 2, (1,), False),
        (SECOND, 2, (1, 2), True),
        # All three: no more than are asked of them.
        (SECOND, 3, (1, 2), True),
        (TELLER, 3, (1, 2), False),
        (SECOND, 1, (2,), True),
        # What is not asked of a post does not count for its group.
        (SECOND, 1, (3,), False),
    ],
)
def test_a_choice_group_asks_for_no_more_than_are_asked_of_somebody(post, needs, done, met):
    group = {"group": "a", "group_needs": needs}
    wanted = (asked(1, **group), asked(2, **group), asked(3, only=["teller"], **group), asked(4))

    standing = evaluate(wanted, Evidence(courses(*done, 4), posts=(post,)), DAY)

    assert standing.met is met


def test_a_group_of_which_nothing_is_asked_is_not_asked():
    wanted = (asked(1), asked(2, only=["teller"], group="a"), asked(3, only=["teller"], group="a"))

    assert evaluate(wanted, Evidence(courses(1), posts=(SECOND,)), DAY).met


def test_an_exam_does_not_wait_for_what_is_not_asked():
    exam = Asked(pk=9, kind="quiz", label="考试", quiz=9, opens_after=("one", "two"))
    wanted = (asked(1, mark="one"), asked(2, only=["teller"], mark="two"), exam)

    def opened(post):
        evidence = Evidence(courses(1), posts=(post,))
        return with_openings(evaluate(wanted, evidence, DAY), evidence, DAY, date.min).lines[-1].opened

    assert opened(SECOND) and not opened(TELLER)


@pytest.mark.parametrize(
    ("posts", "year"),
    [
        ((TELLER,), "2025"),
        # A year that ended in another post asks for nothing of this one; from the move on it is asked.
        ((Post("second", LONG_AGO, date(2026, 2, 28)), Post("teller", date(2026, 3, 1))), "2026"),
        ((Post("second", LONG_AGO, date(2025, 6, 30)), Post("teller", date(2025, 7, 1))), "2025"),
    ],
)
def test_what_is_asked_each_year_is_asked_of_years_that_ended_in_the_post(posts, year):
    hours = Asked(pk=1, kind="hours", label="学时", amount=12, lasts="yearly", only_positions=("teller",), phase="pass")
    validity = (date(2025, 1, 1), date(2026, 12, 31))

    line = evaluate((hours,), Evidence(posts=posts), DAY, validity=validity).lines[0]

    assert not line.met and line.missing.startswith(year)


def test_what_was_passed_counts_though_it_was_passed_in_another_post():
    hours = Asked(pk=1, kind="hours", label="学时", amount=12, lasts="span", only_positions=("teller",))
    moved = (Post("second", LONG_AGO, date(2026, 5, 31)), Post("teller", date(2026, 6, 1)))
    evidence = Evidence(posts=moved, hours=((date(2026, 3, 1), Decimal(12)),))

    standing = evaluate((hours,), evidence, DAY, validity=(date(2026, 1, 1), date(2026, 12, 31)))

    assert standing.met and standing.completed_on == date(2026, 3, 1)
