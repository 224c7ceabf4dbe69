"""What holds for one person: overrides laid over the quiz's rules, field by field, as a table."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quizzes.models import Quiz, QuizOverride
from quizzes.rules.effective import effective_rules, rules_of

DAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour: int) -> datetime:
    return DAY + timedelta(hours=hour)


def minutes(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(minutes=count)


def quiz(**fields) -> Quiz:
    values = {"opens_at": at(9), "closes_at": at(12), "time_limit_minutes": 60, "attempts_allowed": 2, "password": "q"}
    return Quiz(code="q", live=True, **(values | fields))


def own(**fields) -> QuizOverride:
    return QuizOverride(pk=900, person_id=7, name="own", **fields)


def lists(*fields: dict) -> list[QuizOverride]:
    return [QuizOverride(pk=number, name=f"list {number}", **field) for number, field in enumerate(fields, 1)]


@pytest.mark.parametrize(
    ("overrides", "field", "expected"),
    [
        # nothing arranged
        ([], "opens_at", at(9)),
        ([], "closes_at", at(12)),
        ([], "time_limit", minutes(60)),
        ([], "attempts", 2),
        ([], "passwords", ("q",)),
        # several lists: earliest opening
        (lists({"opens_at": at(8)}, {"opens_at": at(10)}), "opens_at", at(8)),
        # latest closing, none wins
        (lists({"closes_at": at(11)}, {"closes_at": at(14)}), "closes_at", at(14)),
        (lists({"closes_at": at(14)}, {"never_closes": True}), "closes_at", None),
        # longest limit, none wins; a factor is of the quiz's limit
        (lists({"time_limit_minutes": 30}, {"time_limit_minutes": 90}), "time_limit", minutes(90)),
        (lists({"time_limit_minutes": 90}, {"time_limit_minutes": 0}), "time_limit", None),
        (lists({"time_factor": Decimal("1.25")}, {"time_limit_minutes": 70}), "time_limit", minutes(75)),
        # most attempts, unlimited wins
        (lists({"attempts_allowed": 1}, {"attempts_allowed": 3}), "attempts", 3),
        (lists({"attempts_allowed": 3}, {"attempts_allowed": 0}), "attempts", None),
        # any of the lists' passwords opens
        (lists({"password": "a"}, {"password": "b"}), "passwords", ("a", "b")),
        # a person's own wins field by field, even where it is narrower
        ([own(closes_at=at(11)), *lists({"closes_at": at(14)})], "closes_at", at(11)),
        ([own(closes_at=at(11)), *lists({"never_closes": True})], "closes_at", at(11)),
        ([own(time_limit_minutes=45), *lists({"time_limit_minutes": 0})], "time_limit", minutes(45)),
        ([own(time_limit_minutes=0), *lists({"time_limit_minutes": 90})], "time_limit", None),
        ([own(attempts_allowed=1), *lists({"attempts_allowed": 0})], "attempts", 1),
        ([own(password="mine"), *lists({"password": "a"})], "passwords", ("mine",)),
        # and leaves alone what it does not say
        ([own(time_limit_minutes=45), *lists({"opens_at": at(8)})], "opens_at", at(8)),
        ([own(time_limit_minutes=45)], "attempts", 2),
    ],
)
def test_row(overrides, field, expected):
    assert getattr(effective_rules(quiz(), overrides), field) == expected


def test_a_factor_is_rounded_up_to_whole_minutes_and_of_no_limit_is_none():
    third_more = [own(time_factor=Decimal("1.33"))]

    assert effective_rules(quiz(time_limit_minutes=10), third_more).time_limit == timedelta(minutes=14)
    assert effective_rules(quiz(time_limit_minutes=None), third_more).time_limit is None


def test_the_order_of_lists_is_irrelevant_and_nothing_arranged_changes_nothing():
    arranged = lists({"opens_at": at(8), "attempts_allowed": 3}, {"opens_at": at(7), "time_limit_minutes": 80})

    assert effective_rules(quiz(), arranged) == effective_rules(quiz(), arranged[::-1])
    assert effective_rules(quiz(), []) == rules_of(quiz())


def test_grace_is_only_of_the_rule_that_grants_it():
    assert rules_of(quiz(grace_minutes=15)).grace == timedelta(0)
    assert rules_of(quiz(grace_minutes=15, time_out=Quiz.TimeOut.GRACE)).grace == timedelta(minutes=15)
