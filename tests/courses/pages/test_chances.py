"""How often a quiz may still be sat is one count: the home page, the course and the quiz's own page say the same."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from academy.duties.assignments.evaluating import evaluate_assignment
from academy.models import Audience
from courses.models import CourseAssignment, TaughtCategory
from courses.progress.learning import enrol, record_opening, stand_of
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.models import QuizOverride
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def lessons_done(client, learner, course, now):
    """The learner has joined the course of one lesson, read it and stays signed in."""
    enrolment = enrol(learner=learner, course=course, now=now)
    lesson = course.lessons.get()
    record_opening(enrolment=enrolment, lesson=lesson, now=now)
    client.force_login(learner)
    client.post(reverse("courses:lesson_step", args=[lesson.pages.get().pk, "done"]))
    return enrolment


def test_attempts_arranged_for_one_person_are_counted_wherever_they_are_shown(client):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    quiz, now = quiz_of(bank_of(2), 2, attempts_allowed=3, wait_minutes=0), timezone.now()
    course = course_of("c1", quiz=quiz)
    enrolment = lessons_done(client, learner, course, now)
    assert stand_of(enrolment).lessons_done
    submit_attempt(attempt=start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now), now=now)
    pages = ("/", course.pages.get().url, quiz.get_absolute_url())
    before = [client.get(page).content.decode() for page in pages]

    QuizOverride.objects.create(quiz=quiz, person=learner, name="延长", attempts_allowed=6)
    after = [client.get(page).content.decode() for page in pages]

    assert ["剩余 2 次" in page for page in before] == [True, True, True]
    assert ["剩余 5 次" in page for page in after] == [True, True, True]


def test_a_paper_that_is_being_written_keeps_the_day_of_its_course(client):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    quiz, now = quiz_of(bank_of(2), 2), timezone.now()
    course = course_of("c1", quiz=quiz)
    lessons_done(client, learner, course, now)
    assignment = CourseAssignment.objects.create(
        course=course,
        audience=Audience.objects.create(name="北京", branch=learner.postings.get().branch),
        effective_from=timezone.localdate(),
        due_date=timezone.localdate() + timedelta(days=7),
    )
    evaluate_assignment(assignment=assignment, now=now)

    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now)
    (item,) = client.get(reverse("todo")).context["items"]

    assert item.running and item.url == attempt.get_absolute_url()
    assert item.due_on == assignment.due_date
    assert "还剩 7 天" in client.get("/").content.decode()


def test_a_wait_stands_with_its_moment_until_it_is_over(client):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    quiz, now = quiz_of(bank_of(2), 2, attempts_allowed=3, wait_minutes=60), timezone.now()
    course = course_of("c1", quiz=quiz)
    lessons_done(client, learner, course, now)
    submit_attempt(attempt=start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now), now=now)

    def seen() -> tuple:
        (item,) = client.get(reverse("todo")).context["items"]
        pages = [client.get(page).content.decode() for page in ("/", course.pages.get().url)]
        return item.opens_at, item.url, [f'href="{quiz.get_absolute_url()}"' in page for page in pages]

    waiting = seen()
    with time_machine.travel(now + timedelta(minutes=61), tick=False):
        over = seen()

    # Nothing leads to a closed door, and what is kept of the pages turns at the moment.
    assert waiting == (now + timedelta(minutes=60), reverse("courses:course", args=["c1"]), [False, False])
    assert over == (None, quiz.get_absolute_url(), [True, True])


def test_after_a_failed_quiz_the_course_names_the_lessons_to_read_again(client):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    category, now = bank_of(2), timezone.now()
    quiz = quiz_of(category, 2, attempts_allowed=3, wait_minutes=60)
    course = course_of("c1", quiz=quiz, lessons=2)
    TaughtCategory.objects.create(category=category, lesson=course.lessons.get(code="lesson-1"))
    course.quizzes_after_lessons = False
    course.save()
    enrol(learner=learner, course=course, now=now)
    client.force_login(learner)
    page = course.pages.get().url
    before = client.get(page).content.decode()

    paper = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now)
    submit_attempt(attempt=paper, now=now)
    after = client.get(page).content.decode()
    result = client.get(reverse("quizzes:result", args=[paper.uuid])).content.decode()

    assert "建议重读" not in before
    assert (
        "上次未合格" in after
        and "第 1 节" in after.split("建议重读")[1]
        and "第 2 节" not in after.split("建议重读")[1]
    )
    said = result.partition('id="topics-title"')[2]
    assert 'href="#topics-title"' in result
    assert "第 1 节" in said and "失分 2 题" in said and "第 2 节" not in said


def test_the_button_above_the_lessons_leads_to_the_quiz_or_says_what_stands_in_its_way(client):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    quiz, now = quiz_of(bank_of(2), 2, attempts_allowed=1), timezone.now()
    course = course_of("c1", quiz=quiz)
    lessons_done(client, learner, course, now)

    def above_the_lessons() -> str:
        shown = client.get(course.pages.get().url).content.decode()
        return shown[: shown.index('<ol class="rows">')]

    assert f'href="{quiz.get_absolute_url()}"' in above_the_lessons()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now)
    assert f'href="{attempt.get_absolute_url()}"' in above_the_lessons() and "继续作答" in above_the_lessons()
    submit_attempt(attempt=attempt, now=now)
    used_up = above_the_lessons()
    assert 'aria-describedby="next-quiz"' in used_up and quiz.get_absolute_url() not in used_up
