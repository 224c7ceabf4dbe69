"""Candidates of an exam day: entered from a list, told once, each with a seat of their own."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Notice
from quizzes.hall.seating import add_candidates, assign_seats, give_seat
from tests.cast import person
from tests.quizzes.hall.exam_days import a_session, enter, start

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_pasted_list_with_wrong_lines_enters_nobody(session, hr, learners, branches):
    stranger = person("200009", "外行人", branches["SH01"])
    text = f"100001\n{stranger.staff_number}\n999999\n100001\n\x00\n100002"

    checked = add_candidates(session=session, text=text, actor=hr, now=timezone.now())

    assert [error.line for error in checked.errors] == [2, 3, 4, 5]
    assert session.candidates.count() == 0
    assert Notice.objects.filter(kind="quizzes.entered").count() == 0


def test_candidates_are_told_once_and_get_seats(session, hr, learners):
    enter(session, hr, *learners)
    seats = assign_seats(session=session, actor=hr, now=timezone.now())

    again = add_candidates(session=session, text="100001", actor=hr, now=timezone.now())

    assert seats == 3
    assert assign_seats(session=session, actor=hr, now=timezone.now()) == 0
    assert len(again.errors) == 1
    assert Notice.objects.filter(kind="quizzes.entered").count() == 3
    first, second, _third = session.candidates.all()
    with pytest.raises(RuleViolation):
        give_seat(candidate=first, seat=second.seat, actor=hr, now=timezone.now())


def test_nobody_has_two_seats_at_once_and_rooms_do_not_overflow(session, exam, hr, learners, branches):
    enter(session, hr, learners[0])
    later = a_session(exam, branches["BJ"], hr, [], timezone.now() + timedelta(days=1), seats=1, name="second")

    twice = add_candidates(session=later, text="100001", actor=hr, now=timezone.now())
    crowded = add_candidates(session=later, text="100002\n100003", actor=hr, now=timezone.now())

    assert "上午第一场" in twice.errors[0].message
    assert crowded.errors[0].line == 0


def test_being_entered_is_reason_enough_where_nothing_else_asks(session, exam, hr, learners, client):
    client.force_login(learners[0])
    assert client.get(exam.get_absolute_url()).status_code == 404
    enter(session, hr, learners[0])

    page = client.get(exam.get_absolute_url()).content.decode()
    slip = client.get(reverse("hall:slip", args=[session.uuid])).content.decode()

    assert "三楼机房" in page
    assert "欧阳文澜" in slip
    assert start(exam, learners[0]).occasion == "exam:exam"
    client.force_login(learners[1])
    assert client.get(reverse("hall:slip", args=[session.uuid])).status_code == 404
