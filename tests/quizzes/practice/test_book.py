"""The wrong-answer book: filled by quizzes, never by exams, emptied by right days."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import local_day
from quizzes.models import WrongQuestion
from quizzes.practice.book import open_book
from quizzes.practice.daily import answer_from_book
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.practice.days import booked, sit

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


def test_a_quiz_fills_the_book_and_two_right_days_empty_it(source, ground, learner, category, client):
    sit(quiz_of(category, 3, attempts_allowed=1), learner)
    client.force_login(learner)
    assert WrongQuestion.objects.filter(person=learner, left_on=None, source="quiz").count() == 3
    row = WrongQuestion.objects.select_related("person").first()
    page = reverse("quizzes:wrong_question", args=[row.pk])

    told = client.get(client.post(page, {"response": booked(row, "a")}).url).content.decode()
    client.post(page, {"response": booked(row, "a")})
    row.refresh_from_db()
    assert "因为如此" in told
    assert (row.right_days, row.left_on) == (1, None)

    version = row.question.current_version
    answer_from_book(
        row=row, version=version, raw={"response": booked(row, "a", 1)}, now=timezone.now() + timedelta(days=1)
    )

    assert row.left_on == local_day(timezone.now()) + timedelta(days=1)
    assert WrongQuestion.objects.filter(left_on=None).count() == 2
    answer_from_book(
        row=row, version=version, raw={"response": booked(row, "b", 2)}, now=timezone.now() + timedelta(days=2)
    )
    assert row.left_on is None
    assert row.times_wrong == 2


@pytest.mark.parametrize("review", ["result", "answers"])
def test_an_exam_puts_nothing_into_practice_whatever_its_review_shows(ground, learner, review):
    quiz = quiz_of(bank_of(3, slug="pool"), 3, kind="exam", review=review, attempts_allowed=1)

    sit(quiz, learner)

    book = open_book(person=learner, now=timezone.now())
    assert book.rows == []
    assert [row.source for row in book.to_read_again] == ["exam"] * 3


def test_a_question_is_put_in_by_hand_from_an_open_review_only(ground, learner, client):
    category = bank_of(2, slug="pool")
    shut = sit(quiz_of(category, 2, code="shut", review="explanations"), learner, "a")
    opened = sit(quiz_of(category, 2, code="opened", review="answers"), learner, "a")
    client.force_login(learner)

    refused = client.post(reverse("quizzes:practice_keep", args=[shut.uuid, 1]))
    forged = client.post(reverse("quizzes:practice_keep", args=[opened.uuid, 9]))
    client.post(reverse("quizzes:practice_keep", args=[opened.uuid, 1]))
    client.post(reverse("quizzes:practice_keep", args=[opened.uuid, 1]))

    row = WrongQuestion.objects.get()
    assert (refused.status_code, forged.status_code) == (404, 404)
    assert row.source == "hand"
    client.post(reverse("quizzes:wrong_remove", args=[row.pk]))
    row.refresh_from_db()
    assert row.left_on == local_day(timezone.now())


def test_the_book_is_filtered_by_course(source, ground, learner, category, client):
    sit(quiz_of(category, 3, attempts_allowed=1), learner)
    client.force_login(learner)

    assert len(client.get("/my/practice/wrong/?course=course").context["lines"]) == 3
    assert client.get("/my/practice/wrong/?course=other").context["lines"] == []
    assert client.get("/my/practice/wrong/?course=other").context["total"] == 3


def test_filling_the_book_costs_two_queries_whatever_the_paper(ground, learner, category, django_assert_num_queries):
    from quizzes.practice.book import fill_from_attempt

    for count in (1, 8):
        quiz = quiz_of(category, count, code=f"quiz-{count}", attempts_allowed=None)
        attempt = sit(quiz, learner)
        WrongQuestion.objects.all().delete()
        with django_assert_num_queries(2):
            fill_from_attempt(attempt=attempt, now=timezone.now())
