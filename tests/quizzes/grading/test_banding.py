"""Papers within a band: alike in difficulty by what is known, never at the cost of an exam that cannot begin."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from academy.models import Role
from quizzes.attempts import draw_papers, start_attempt
from quizzes.grading.banding import Line, band_of, spread_of
from quizzes.grading.papers import away_of, pick_versions, plan_of
from quizzes.models import Attempt, Question, QuestionVersion, VersionStatistics
from quizzes.pools.spread import spread_words
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.usefixtures("ground")


def test_the_average_is_that_of_the_lines_and_the_unknown_moves_nothing():
    lines = [Line(2, 1.0, [[1], [2], [3]]), Line(1, 3.0, [[4, 5], [6, 7]])]
    band = band_of(width=0.05, known={1: 0.2, 2: 0.6, 3: None, 4: 1.0, 5: 1.0, 6: 0.5, 7: 0.5}, lines=lines, worth=11.0)

    # Two of 0.4 on average, and a case of two questions of three marks each.
    assert band.target == pytest.approx(2 * 0.4 + 3 * 1.5)
    assert band.away([(1, 1.0), (2, 1.0), (4, 3.0), (5, 3.0)]) == pytest.approx((0.8 + 6.0 - 5.3) / 11)
    assert band.away([(3, 1.0), (3, 1.0), (4, 3.0), (5, 3.0)]) == pytest.approx((0.8 + 6.0 - 5.3) / 11)
    # What was chosen by name is the same on every paper.
    assert band.away([(1, 1.0), (2, 1.0), (4, 3.0), (5, 3.0), (99, 5.0)]) == pytest.approx((0.8 + 6.0 - 5.3) / 11)


def test_nothing_known_asks_for_nothing():
    band = band_of(width=0.01, known={1: None}, lines=[Line(1, 1.0, [[1]])], worth=1.0)

    assert not band.can_tell and band.away([(1, 1.0)]) == 0
    assert spread_of([0.1, -0.1], 0.05).outside == 2 and spread_of([0.0], None).deviation == 0


def known(quiz, shares, count=40):
    """What is known of the questions, in turn."""
    versions = QuestionVersion.objects.order_by("pk")
    VersionStatistics.objects.bulk_create(
        VersionStatistics(quiz=quiz, version=version, count=count, figures={"facility": shares[number % len(shares)]})
        for number, version in enumerate(versions)
    )


def away_of_papers(quiz, papers=40):
    plan = plan_of(quiz)
    told = plan_of(quiz, telling=True)
    return [abs(away_of(told, pick_versions(plan, random.Random(number)))) for number in range(papers)]


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
def test_papers_lie_within_the_band_and_the_seed_still_decides():
    quiz = quiz_of(bank_of(20), 6)
    known(quiz, [0.1, 0.9, 0.5])

    assert max(away_of_papers(quiz)) > 0.15
    quiz.expected_band = 5
    assert max(away_of_papers(quiz)) <= 0.05 + 1e-9
    plan = plan_of(quiz)
    assert pick_versions(plan, random.Random(7)) == pick_versions(plan, random.Random(7))
    assert len({tuple(pick_versions(plan, random.Random(number))) for number in range(20)}) == 20
    # Few answers say nothing: papers are drawn as ever.
    VersionStatistics.objects.update(count=29)
    assert not plan_of(quiz).band.can_tell


@pytest.mark.django_db
@pytest.mark.database
def test_a_start_costs_no_query_more_and_papers_drawn_ahead_keep_the_band():
    quiz = quiz_of(bank_of(20), 6, attempts_allowed=None, wait_minutes=0)
    known(quiz, [0.1, 0.9])
    branch, counts = bank()["BJ01"], []
    for number, band in enumerate([None, None, 5]):
        quiz.expected_band = band
        quiz.save()
        learner = person(f"10000{number}", "欧阳文澜", branch)
        with CaptureQueriesContext(connection) as queries:
            start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=3)
        counts.append(len(queries))
    # The first start of a process reads more.
    assert counts[1] == counts[2]

    people = [person(f"1001{number:02}", "谢长宁", branch).pk for number in range(12)]
    draw_papers(quiz=quiz, people=people, now=timezone.now(), source=random.Random(1))
    told = plan_of(quiz, telling=True)
    for attempt in Attempt.objects.filter(learner__in=people):
        drawn = [(place["version"], float(place["mark"])) for place in attempt.paper]
        assert abs(told.band.away(drawn)) <= 0.05 + 1e-9


@pytest.mark.django_db
@pytest.mark.database
def test_a_band_that_cannot_be_held_fails_nobody_and_is_told_to_the_trainer(client):
    branches = bank()
    quiz = quiz_of(bank_of(6), 1, expected_band=5)
    known(quiz, [0.1, 0.9])

    attempt = start_attempt(
        quiz=quiz, learner=person("100001", "欧阳文澜", branches["BJ01"]), language="zh-hans", now=timezone.now()
    )

    assert len(attempt.paper) == 1
    with override("zh-hans"):
        words = spread_words(quiz)
    assert "60 份中有 60 份超出" in words.warning and "-40.0 至 +40.0" in words.plain
    client.force_login(person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER]))
    page = client.get(reverse("wagtailsnippets_quizzes_quiz:edit", args=[quiz.pk])).content.decode()
    assert "60 份中有 60 份超出" in page and "expected_band" in page


@pytest.mark.django_db
@pytest.mark.database
def test_the_spread_with_and_without_a_band_is_told_before_anybody_sits():
    quiz = quiz_of(bank_of(20), 6)
    known(quiz, [0.1, 0.9])
    with override("en"):
        before = spread_words(quiz)
        quiz.expected_band = 10
        after = spread_words(quiz)

    assert before.plain == after.plain and not before.banded and not after.warning
    assert after.banded.startswith("Within ± 10 points: ")
    # Nothing is known, or all papers are the same: nothing to say.
    VersionStatistics.objects.all().delete()
    with override("en"):
        assert "thirty answers" in spread_words(quiz).plain
    quiz.slots.all().delete()
    quiz.slots.create(question=Question.objects.first(), mark=1, sort_order=0)
    assert spread_words(quiz) is None
