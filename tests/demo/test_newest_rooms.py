"""The demo shows each state of the checklist, of what was tried at work and of a house rule that changed."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from academy.models import User
from courses.models import BankAddition, LessonProgress
from quizzes.models import Quiz


def signed_in(number: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(staff_number=number))
    return client


def test_the_checklist_has_points_in_every_state():
    today = timezone.localdate()
    points = list(BankAddition.objects.all())

    assert {point.state for point in points} == set(BankAddition.State)
    assert any(point.check_by < today and point.state == BankAddition.State.OPEN for point in points)
    assert any(not point.owner for point in points)
    assert {point.settled_by.staff_number for point in points if point.settled_by} == {"200001", "300001"}


def test_a_manager_finds_tasks_to_tick_and_ticked_ones():
    context = signed_in("400001").get(reverse("courses:team_tasks")).context

    assert len({task.row.enrolment.learner_id for task in context["tried_waiting"]}) > 1
    assert context["tried_seen"]
    assert any(task.row.tried_words for task in context["tried_waiting"])


def test_the_newcomer_finds_tasks_open_said_and_seen():
    context = signed_in("100001").get(reverse("courses:my_tasks")).context

    assert context["waiting"]
    assert {task.row.seen_at is not None for task in context["tried"]} == {True, False}


def test_one_changed_rule_waits_for_the_newcomer_and_one_is_answered():
    page = signed_in("100001").get(reverse("courses:what_changed"))

    assert [question["name"] for question in page.context["questions"]] == ["电话铃响接听"]
    assert [str(check["rule"]) for check in page.context["settled"]] == ["客户遗失物在网点保管"]
    assert page.context["settled"][0]["right"]


def test_nothing_was_seen_before_it_was_said():
    seen = LessonProgress.objects.exclude(seen_at=None)

    assert seen and all(row.tried_at < row.seen_at for row in seen)


def test_every_refresher_says_of_which_year_its_questions_are():
    refreshers = Quiz.objects.filter(code__endswith="-refresher")

    assert refreshers.count() == 5 and not refreshers.filter(pool_year=None).exists()
