"""Exam day in a real browser: the console refreshes in place, keeps what is ticked, and gives minutes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Role
from quizzes.attempts import start_attempt
from quizzes.hall.seating import add_candidates, assign_seats
from quizzes.hall.sessions import arrange_session
from quizzes.models import Attempt, ExamSession
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def session():
    branches = bank()
    hr = person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])
    watch = person("510001", "沈观澜", branches["BJ"], roles=[Role.INVIGILATOR], language="zh-hans")
    for number, name in ((1, "欧阳文澜"), (2, "谢长宁")):
        person(f"10000{number}", name, branches["BJ01"], language="zh-hans")
    exam = quiz_of(bank_of(3), 3, code="exam", kind="exam", time_limit_minutes=60)
    now = timezone.now()
    made = ExamSession(
        quiz=exam,
        branch=branches["BJ"],
        name="上午第一场",
        room="三楼机房",
        late_minutes=30,
        seats=30,
        starts_at=now - timedelta(minutes=5),
        ends_at=now + timedelta(hours=2),
    )
    arrange_session(session=made, invigilators=[watch], actor=hr, now=now)
    add_candidates(session=made, text="100001\n100002", actor=hr, now=now)
    assign_seats(session=made, actor=hr, now=now)
    return made


def test_an_invigilator_watches_and_gives_minutes(session, walk):
    hall = walk(360)
    hall.sign_in("510001", then=f"/hall/{session.uuid}/")
    page = hall.page
    assert "未开考 2" in page.inner_text("#board")
    hall.check("the console")
    page.check(f"#pick-{session.candidates.first().pk}")

    seat = session.candidates.first()
    start_attempt(quiz=session.quiz, learner=seat.person, language="zh-hans", now=timezone.now(), seed=1)
    # What the page does by itself every ten seconds.
    page.evaluate(
        "htmx.trigger('#board', 'refresh') || htmx.ajax('GET', location.pathname + 'board/', {target: '#board', swap: 'outerHTML'})"
    )
    page.wait_for_selector("#board :text('作答中 1')")
    assert page.is_checked(f"#pick-{seat.pk}")

    page.fill("#minutes", "15")
    page.fill("#reason", "机器重启")
    page.click("button[value=minutes]")
    page.wait_for_selector("text=补时：")
    assert Attempt.objects.get().extra_minutes == 15
    hall.check("the console after an act")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert hall.found == []


def test_a_candidate_reads_the_slip_and_begins(session, walk):
    learner = walk(360)
    learner.sign_in("100001", then=f"/quizzes/slips/{session.uuid}/")
    learner.check("the slip")
    assert "三楼机房" in learner.page.inner_text("main")

    learner.page.click("text=进入考试")
    learner.page.wait_for_selector("text=您的场次")
    learner.check("the start page")
    learner.page.click("button:has-text('开始')")
    learner.page.wait_for_url("**/quizzes/attempts/**")

    assert session.candidates.get(person__staff_number="100001").attempt is not None
    assert learner.found == []
