"""A paper that is being written stands first, on home and to do, with its end and the way back into it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel
from certificates.models import CertificationTrack, PositionRequirement, Requirement, RuleVersion
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from tests.cast import bank, person, position
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def learner(client):
    found = person("100001", "欧阳文澜", bank()["BJ01"])
    client.force_login(found)
    return found


def begun(quiz, learner):
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)


def main_of(client, address: str) -> str:
    return client.get(address).content.decode().split("<main")[1]


@pytest.mark.parametrize("address", ["/", "/my/todo/"])
def test_a_running_exam_stands_first_with_its_end(ground, learner, client, address):
    course_of("other")
    enrol(learner=learner, course=course_of("begun", lessons=2), now=timezone.now())
    paper = begun(quiz_of(bank_of(2), 1, code="exam", title="等级考试", kind="exam", time_limit_minutes=90), learner)

    page = main_of(client, address)

    assert page.index(f'href="{paper.get_absolute_url()}"') < page.index("课程 begun")
    assert "继续作答" in page and "剩余" in page
    paper.deadline += timedelta(minutes=5)
    submit_attempt(attempt=paper, now=timezone.now())
    assert "继续作答" not in main_of(client, address)


def test_what_the_home_offers_next_is_neither_under_way_nor_passed(learner, client):
    """The exam of a level from before it begins to after it is passed: offered once, then only its paper, then nothing."""
    quiz = quiz_of(bank_of(2), 1, code="exam", title="等级考试", kind="exam", attempts_allowed=2, resit_within_days=30)
    level = CareerLevel.objects.create(code="CM1", rank=1, name="一级", name_en="one")
    track = CertificationTrack.objects.create(code="cm1", name="认证", level=level, award="approval")
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=date(2020, 1, 1))
    Requirement.objects.create(rule_version=rules, kind="quiz", quiz=quiz)
    PositionRequirement.objects.create(
        position=position(), level=level, within_days=30, effective_from=date(2020, 1, 1)
    )
    before = main_of(client, "/")
    assert "接下来" in before and "进入考试" in before and "开始学习" not in before
    assert "剩余 2 次" in client.get(quiz.get_absolute_url()).text

    paper = begun(quiz, learner)
    during = main_of(client, "/")
    assert "继续作答" in during and "接下来" not in during and "选择" not in during

    for place in paper.paper:
        save_answer(
            attempt=paper, slot=place["slot"], response={"chosen": "a"}, tab="t", sequence=1, now=timezone.now()
        )
    assert submit_attempt(attempt=paper, now=timezone.now()).passed
    after = client.get(quiz.get_absolute_url()).text
    assert "已合格，无须再考" in after and "剩余 1 次" not in after and "补考" not in after


def test_a_course_quiz_that_is_written_is_there_once(learner, client):
    quiz = quiz_of(bank_of(2), 1, title="课程小考", kind="course")
    course = course_of("one", lessons=1, quiz=quiz)
    enrolment = enrol(learner=learner, course=course, now=timezone.now())
    progress = record_opening(enrolment=enrolment, lesson=course.lessons.get(), now=timezone.now())
    mark_lesson_done(progress=progress, has_check=False, now=timezone.now())
    assert main_of(client, "/my/todo/").count("课程小考") == 1

    paper = begun(quiz, learner)

    page = main_of(client, "/my/todo/")
    assert page.count("课程小考") == 1 and paper.get_absolute_url() in page and "2 次" not in page


def test_a_practice_that_was_left_presses_nobody(ground, learner, client):
    begun(quiz_of(bank_of(2), 1, title="练习", kind="practice"), learner)

    assert "继续作答" not in main_of(client, "/my/todo/")


def test_going_on_leads_to_the_first_open_question_after_the_last_answer(ground, learner, client):
    paper = begun(quiz_of(bank_of(4), 4), learner)
    for slot in (1, 2):
        option = {"chosen": "a"}
        save_answer(attempt=paper, slot=slot, response=option, tab="t", sequence=slot, now=timezone.now())

    assert client.get(paper.get_absolute_url()).context["items"][0]["slot"] == 3
