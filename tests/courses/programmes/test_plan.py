"""The months of a programme: when a step begins, when it is due, and what is next. Pure."""

from dataclasses import dataclass
from datetime import date

import pytest

from courses.programmes.plan import DONE, LATE, LATER, NOW, begun_on, plan_of

D = date


@dataclass(frozen=True)
class Step:
    pk: int
    month: int


STEPS = [Step(1, 1), Step(2, 3), Step(3, 3)]


def planned(on, done=None):
    return plan_of(STEPS, begins=D(2026, 1, 31), months=4, done=done or {}, on=on)


def test_a_month_ends_on_the_day_on_which_the_programme_began():
    plan = planned(D(2026, 2, 1))

    # From 31 January, and no month after is clipped for good.
    assert [(month.number, month.begins, month.ends) for month in plan.months] == [
        (1, D(2026, 1, 31), D(2026, 2, 28)),
        (3, D(2026, 4, 1), D(2026, 4, 30)),
    ]
    assert plan.ends == D(2026, 5, 31)


@pytest.mark.parametrize(
    ("on", "states"),
    [
        (D(2026, 1, 31), [NOW, LATER, LATER]),
        (D(2026, 2, 28), [NOW, LATER, LATER]),
        (D(2026, 3, 1), [LATE, LATER, LATER]),
        (D(2026, 4, 1), [LATE, NOW, NOW]),
        (D(2026, 5, 1), [LATE, LATE, LATE]),
    ],
)
def test_a_step_is_in_time_through_the_last_day_of_its_month(on, states):
    assert [step.state for step in planned(on).steps] == states


def test_what_was_done_is_done_whenever_its_month_is():
    plan = planned(D(2026, 2, 28), {1: D(2025, 5, 1), 3: D(2026, 2, 28)})

    assert [step.state for step in plan.steps] == [DONE, LATER, DONE]
    assert (plan.done, plan.late, plan.all) == (2, 0, 3)


def test_next_is_what_presses_else_the_next_month_that_asks():
    assert [one.step.pk for one in planned(D(2026, 3, 1)).next] == [1]
    assert [one.step.pk for one in planned(D(2026, 3, 1), {1: D(2026, 2, 1)}).next] == [2, 3]
    assert planned(D(2026, 6, 1), dict.fromkeys((1, 2, 3), D(2026, 2, 1))).next == []


@pytest.mark.parametrize(
    ("last", "begun"),
    [(D(2027, 7, 1), D(2026, 1, 1)), (D(2027, 8, 31), D(2026, 2, 28)), (None, D(2026, 5, 5))],
)
def test_the_months_are_counted_back_from_the_last_day(last, begun):
    assert begun_on(last=last, since=D(2026, 5, 5), months=18) == begun
