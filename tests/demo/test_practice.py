"""The demo's practice: a row that today would lengthen, a filled book, reports open and answered."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from academy.models import User
from quizzes.models import Attempt, Marking, PracticeDay, QuestionReport, WrongQuestion


def test_the_newcomer_has_a_row_of_six_days_and_a_book():
    person = User.objects.get(staff_number="100001")
    client = Client()
    client.force_login(person)

    page = client.get("/my/practice/")

    assert page.context["state"]["streak"] == 6
    assert not page.context["state"]["begun"]
    assert WrongQuestion.objects.filter(person=person, left_on=None).exists()
    assert PracticeDay.objects.filter(person=person, done_at=None).count() == 0
    assert client.get("/").content.decode().count("practice-title") >= 1


def test_reports_are_open_and_answered():
    states = list(QuestionReport.objects.values_list("state", flat=True))

    assert states.count("open") == 2
    assert states.count("accepted") == 1
    assert QuestionReport.objects.filter(created_at__gt=timezone.now() - timedelta(days=6)).count() == 3


def test_essays_wait_for_markers_and_one_is_marked():
    states = list(Attempt.objects.filter(quiz__code="written-reply").values_list("state", flat=True))

    assert sorted(states) == ["finished", "submitted", "submitted", "submitted"]
    assert Marking.objects.count() == 4
