"""Who began under the earlier requirements reads through which day these hold; each missing thing says whose turn it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.duties.assignments.acts import create_assignment
from academy.duties.assignments.evaluating import evaluate_assignment
from academy.models import Audience
from certificates.models import Requirement, RuleVersion
from certificates.rules.ladder import ladder_of
from certificates.rules.ladder_words import day_of
from courses.models import CourseAssignment, CourseQuiz
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from quizzes.attempts import start_attempt, submit_attempt
from tests.certificates.deciding.scenes import World
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


def test_the_ladder_names_the_last_day_of_the_earlier_requirements(client):
    world, today = World(), timezone.localdate()
    world.learns(world.learner, 0, ago=20)
    until = today + timedelta(days=60)
    newer = RuleVersion.objects.create(
        track=world.cm1, number=2, effective_from=today - timedelta(days=1), transition_until=until
    )
    for course in (*world.courses[:2], course_of("four")):
        Requirement.objects.create(rule_version=newer, kind="course", course=course)

    began, new = (
        next(step for step in ladder_of(who, today) if step.state == "current") for who in (world.learner, world.other)
    )

    assert (began.finishes_by, began.missing) == (until, 1)
    assert (new.finishes_by, new.missing) == (None, 3)
    client.force_login(world.learner)
    page = client.get("/").content.decode()
    assert day_of(until) in page
    assert "由谁办理：您" in page


def test_the_home_names_what_the_level_asks_next_where_no_course_is_open(client):
    world = World()
    client.force_login(world.learner)

    first = client.get("/").text.partition('id="continue-title"')[2].partition("</section>")[0]

    assert world.courses[0].local_title in first and world.courses[0].code in first
    assert "选择" not in first


def test_a_course_that_waits_gives_way_to_the_next_one_the_level_asks_not_to_one_that_may_be_taken(client):
    world, now = World(), timezone.now()
    learner, (waiting, following, *_others), free = world.learner, world.courses, course_of("free")
    quiz = quiz_of(bank_of(1), 1, code="gate", kind="course", attempts_allowed=3, wait_minutes=1440, pass_mark=80)
    CourseQuiz.objects.create(course=waiting, quiz=quiz)
    enrolment = enrol(learner=learner, course=waiting, now=now)
    for lesson in waiting.lessons.all():
        mark_lesson_done(progress=record_opening(enrolment=enrolment, lesson=lesson, now=now), has_check=False, now=now)
    submit_attempt(attempt=start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1), now=now)
    audience = Audience.objects.create(name="零售", branch=learner.postings.get().branch, kind="rule")
    today = timezone.localdate()
    days = {"effective_from": today, "due_from": "fixed", "due_date": today + timedelta(days=5)}
    assignment = CourseAssignment(course=free, audience=audience, required=False, **days)
    create_assignment(assignment=assignment, now=now, actor=None)
    evaluate_assignment(assignment=assignment, now=now)
    client.force_login(learner)

    first = client.get("/").text.partition('id="continue-title"')[2].partition("</section>")[0]

    assert following.local_title in first
    assert free.local_title not in first and waiting.local_title not in first
