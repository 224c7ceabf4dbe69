"""A missed exam is told once, in either language, with what can be done; whoever sat it or was ruled about hears nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from academy.models import Notice
from academy.notices.inbox import read_notices
from quizzes.hall.missing import tell_missed
from quizzes.hall.results import rule_seat, take_back
from quizzes.hall.sessions import cancel_session
from tests.quizzes.hall.exam_days import MINUTE, a_session, enter, start

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def missed_by() -> list[str]:
    notices = Notice.objects.filter(kind="quizzes.session_missed").order_by("person__staff_number")
    return list(notices.values_list("person__staff_number", flat=True))


def test_who_did_not_come_hears_once_what_to_do(ground, session, exam, hr, learners, branches, client):
    a_session(exam, branches["BJ"], hr, [], timezone.now() + timedelta(days=7), name="下午场")
    enter(session, hr, *learners)
    start(exam, learners[0])
    tell_missed(now=session.ends_at - MINUTE)
    assert missed_by() == []

    with time_machine.travel(session.ends_at, tick=False):
        call_command("tick")
        call_command("tick")
    assert missed_by() == ["100002", "100003"]

    notice = Notice.objects.get(kind="quizzes.session_missed", person=learners[1])
    [chinese], [english] = read_notices([notice], "zh-hans"), read_notices([notice], "en")
    assert "您错过了" in chinese.text and "下午场" in chinese.text
    assert "You missed your session" in english.text and "下午场" in english.text
    client.force_login(learners[1])
    assert client.get(notice.path).status_code == 200


@pytest.mark.parametrize("kind", ["absent", "deferred"])
def test_who_was_ruled_about_was_told_already(ground, session, hr, learners, kind):
    [seat] = enter(session, hr, learners[0])
    result = rule_seat(kind=kind, candidate=seat, reason="病假", actor=hr, now=session.ends_at - MINUTE)
    assert tell_missed(now=session.ends_at) == 0

    take_back(result=result, reason="另一人", actor=hr, now=session.ends_at)
    assert tell_missed(now=session.ends_at) == 1


def test_a_cancelled_session_and_an_old_one_are_no_news(ground, session, exam, hr, learners, branches):
    tomorrow = a_session(exam, branches["BJ"], hr, [], timezone.now() + timedelta(days=1))
    enter(tomorrow, hr, learners[1])
    cancel_session(session=tomorrow, reason="停电", actor=hr, now=timezone.now())
    assert tell_missed(now=tomorrow.ends_at) == 0

    enter(session, hr, learners[0])
    assert tell_missed(now=session.ends_at + timedelta(days=5)) == 0


@pytest.mark.parametrize("count", [1, 3])
def test_one_session_costs_the_same_for_any_number(ground, session, hr, learners, count, django_assert_num_queries):
    enter(session, hr, *learners[:count])
    with django_assert_num_queries(8):
        assert tell_missed(now=session.ends_at) == count
