"""What was shown to whom: when a paper is begun, when its keys open, and how worn a pool is by it."""

import random
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.doors import takers_of
from academy.models import User
from quizzes.attempts import draw_papers, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.grading.papers import pick_versions, plan_of
from quizzes.models import (
    Exposure,
)
from quizzes.pools.wear import wear_of, wear_words
from quizzes.rules.revealing import note_closings
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.rules.sitting import sit

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("ground")]


class TestExposure:
    def of(self, learner) -> dict[str, Exposure]:
        return {row.question.name: row for row in Exposure.objects.filter(person=learner).select_related("question")}

    def test_a_paper_is_shown_when_it_is_begun_and_its_keys_when_the_review_opens(self, learner, category):
        quiz = quiz_of(category, 3, attempts_allowed=2, wait_minutes=0)

        attempt = sit(quiz, learner, hand_in=False)
        begun = self.of(learner)
        first = submit_attempt(attempt=attempt, now=timezone.now())
        first.quiz, first.learner = quiz, learner
        follow_up(attempt=first, now=timezone.now())
        waiting = self.of(learner)
        sit(quiz, learner)
        over = self.of(learner)

        assert {row.times for row in begun.values()} == {1}
        assert {row.answered_at for row in begun.values()} == {None}
        assert {row.key_first_at for row in waiting.values()} == {None}
        assert None not in {row.answered_at for row in waiting.values()}
        assert len(over) == 6
        assert None not in {row.key_first_at for row in over.values()}

    def test_a_quiz_that_shows_answers_after_closing_has_shown_them_by_the_next_day(self, learner, category):
        closes = timezone.now() + timedelta(hours=1)
        sit(quiz_of(category, 6, review="after_close", closes_at=closes, attempts_allowed=1), learner)
        before = Exposure.objects.exclude(key_first_at=None).count()

        noted = note_closings(now=closes + timedelta(hours=9))

        assert (before, noted) == (0, 1)
        assert Exposure.objects.exclude(key_first_at=None).count() == 6

    def test_looking_writes_nothing(self, client, learner, category):
        attempt = sit(quiz_of(category, 6, attempts_allowed=1), learner)
        before = list(Exposure.objects.order_by("pk").values())
        client.force_login(learner)

        client.get(reverse("quizzes:result", args=[attempt.uuid]))
        client.get(reverse("quizzes:wrong_book"))

        assert list(Exposure.objects.order_by("pk").values()) == before

    @pytest.mark.parametrize("ahead", [False, True])
    def test_a_draw_avoids_what_the_person_has_seen_as_far_as_the_pool_allows(self, learner, ahead):
        category = bank_of(6, slug="pool")
        quiz = quiz_of(
            category, 2, attempts_allowed=None, wait_minutes=0, wait_later_minutes=0, kind="exam", review="result"
        )
        papers = []
        for number in range(4):
            if ahead:
                draw_papers(quiz=quiz, people=[learner.pk], now=timezone.now(), source=random.Random(number))
            papers.append({place["version"] for place in sit(quiz, learner).paper})

        assert len(set.union(*papers[:3])) == 6
        assert len(papers[3]) == 2

    def test_a_seed_draws_the_same_for_who_has_seen_the_same(self, learner, branches):
        quiz = quiz_of(bank_of(9, slug="pool"), 4)
        other = person("100002", "谢长宁", branches["BJ01"])

        mine, theirs = sit(quiz, learner), sit(quiz, other)

        assert [place["version"] for place in mine.paper] == [place["version"] for place in theirs.paper]

    def test_drawing_by_plan_needs_no_seen_questions_where_fresh_ones_suffice(self):
        quiz = quiz_of(bank_of(8, slug="pool"), 4)
        plan = plan_of(quiz)
        questions = [question for pairs in plan.pools.values() for question, _version in pairs]
        seen = {question: 1 + number % 2 for number, question in enumerate(questions[:6])}

        versions = [version.version for version in pick_versions(plan, random.Random(3), seen)]

        by_version = {version: question for pairs in plan.pools.values() for question, version in pairs}
        drawn = [seen.get(by_version[version], 0) for version in versions]
        assert sorted(drawn) == [0, 0, 1, 1]


def test_how_worn_a_pool_is(learner, branches, category):
    exam = quiz_of(category, 6, code="exam", kind="exam", review="answers", attempts_allowed=1)
    others = [person(f"1000{number}", "谢长宁", branches["BJ01"]) for number in range(10, 14)]

    def everybody(quiz, on):
        return [User.objects.filter(pk__in=[learner.pk, *(other.pk for other in others)])]

    takers_of.register(everybody)
    fresh = wear_of(quiz=exam, on=timezone.localdate())
    sit(exam, learner)
    one_of_five = wear_of(quiz=exam, on=timezone.localdate())
    sit(exam, others[0])
    worn = wear_of(quiz=exam, on=timezone.localdate())
    takers_of.functions.remove(everybody)

    assert (fresh.takers, fresh.questions, fresh.seen, fresh.worn_out) == (5, 6, 0, 0)
    assert (one_of_five.seen, one_of_five.worn_out) == (6, 0)
    assert (worn.seen, worn.worn_out) == (6, 6)
    assert wear_words(fresh) == ""
    assert all(figure in wear_words(worn) for figure in ("6", "5", "20%"))
