"""Seconds spent on a question: what the savings of a paper know of time, bounded, and never part of a mark."""

from collections import Counter
from datetime import timedelta
from statistics import quantiles

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import LONGEST_PAUSE, Typed, save_answers, set_flags
from quizzes.models import Attempt, VersionStatistics
from quizzes.statistics.keeping import reckon
from quizzes.statistics.times import TimeSpent, time_spent
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.usefixtures("ground")


def begin(branches, number=1, questions=4) -> Attempt:
    learner = person(f"10000{number}", "欧阳文澜", branches["BJ01"])
    quiz = quiz_of(bank_of(questions), questions, shuffle_questions=False)
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)


def save(attempt, *slots, after, sequence=1, option="a"):
    typed = [Typed(slot, {"chosen": option}, "t", sequence) for slot in slots]
    return save_answers(attempt=attempt, typed=typed, now=attempt.started_at + timedelta(seconds=after))


def seconds(attempt):
    return dict(attempt.answers.values_list("slot", "seconds"))


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
def test_time_is_what_went_by_before_each_saving_and_a_pause_is_bounded(branches):
    attempt = begin(branches)

    save(attempt, 1, after=20)
    save(attempt, 2, after=50)
    # Back to the first one, which is answered otherwise.
    save(attempt, 1, after=65, sequence=2, option="b")
    # Repeated by the browser: nothing is added.
    save(attempt, 1, after=70, sequence=2, option="b")
    # Two came together out of the browser's queue: they share what went by.
    save(attempt, 3, 4, after=65 + 40)

    assert seconds(attempt) == {1: 20 + 15, 2: 30, 3: 20, 4: 20}
    save(attempt, 2, after=105 + 3 * LONGEST_PAUSE, sequence=2, option="b")
    assert seconds(attempt)[2] == 30 + LONGEST_PAUSE
    # A clock that was put back takes nothing away, and no sum leaves the column.
    save(attempt, 1, after=0, sequence=3)
    assert seconds(attempt)[1] == 35
    for number in range(4, 80):
        save(attempt, 3, after=number * 10 * LONGEST_PAUSE, sequence=number)
    assert LONGEST_PAUSE < seconds(attempt)[3] <= 32000


@pytest.mark.django_db
@pytest.mark.database
def test_a_flag_is_no_saving_and_the_last_answers_before_the_end_are_bounded_by_it(branches, django_assert_num_queries):
    attempt = begin(branches)
    set_flags(attempt=attempt, flags={2: True}, now=attempt.started_at + timedelta(seconds=30))

    with django_assert_num_queries(1):
        save(attempt, 1, after=40)

    assert seconds(attempt) == {1: 40, 2: 0}
    submit_attempt(attempt=attempt, now=attempt.started_at + timedelta(seconds=500))
    assert sum(seconds(attempt).values()) == 40


def test_quartiles_are_those_of_the_values_one_by_one():
    values = [3, 3, 8, 10, 11, 40, 41, 90, 600]

    found = time_spent(Counter(values))

    assert [found.lower, found.median, found.upper] == quantiles(values, n=4, method="inclusive")
    even = time_spent(Counter([1, 2, 3, 10]))
    assert [even.lower, even.median, even.upper] == quantiles([1, 2, 3, 10], n=4, method="inclusive")
    assert time_spent({}) is None
    assert time_spent({7: 5}) == TimeSpent(5, 7, 7, 7)


@pytest.mark.django_db
@pytest.mark.database
def test_the_trainer_reads_how_long_a_question_took_and_marks_know_nothing_of_it(branches, client):
    attempts, quiz = [], None
    for number, after in enumerate([10, 20, 60]):
        learner = person(f"10001{number}", "欧阳文澜", branches["BJ01"])
        quiz = quiz or quiz_of(bank_of(1), 1)
        attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
        save(attempt, 1, after=after)
        closed = submit_attempt(attempt=attempt, now=attempt.started_at + timedelta(seconds=after + 5))
        follow_up(attempt=closed, now=closed.finished_at)
        attempts.append(closed)

    reckon(quiz=quiz, now=timezone.now())

    kept = VersionStatistics.objects.get()
    assert kept.times == {"count": 3, "lower": 15.0, "median": 20.0, "upper": 40.0}
    assert len({attempt.mark for attempt in attempts}) == 1
    client.force_login(person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]))
    page = client.get(reverse("question_statistics", args=[kept.version.question_id])).content.decode()
    assert "一半不超过 20 秒" in page and "15 至 40 秒" in page and "不参与评分" in page
    assert "用时中位数" in client.get(reverse("quiz_statistics", args=[quiz.pk])).content.decode()
