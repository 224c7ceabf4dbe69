"""An exam of a room begins in the room: with the code that whoever invigilates gives out there, and not without it."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from quizzes.attempts.starting import WRONG_A_MINUTE
from quizzes.models import Attempt
from tests.quizzes.hall.exam_days import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def coded(session):
    session.start_code = "301826"
    session.save(update_fields=["start_code"])
    return session


@pytest.mark.parametrize("typed", ["", "301827", "²"])
def test_nobody_begins_without_the_code_of_the_room(client, ground, coded, hr, learners, typed):
    enter(coded, hr, learners[0])
    client.force_login(learners[0])

    shown = client.get(coded.quiz.get_absolute_url()).text
    refused = client.post(reverse("quizzes:begin", args=[coded.quiz.code]), {"room_code": typed}, follow=True).text

    assert "本场开考码" in shown and coded.start_code not in shown
    assert "开考码" in refused and not Attempt.objects.exists()


@pytest.mark.parametrize("typed", [" 301826 ", "301 826", "３０１８２６"])
def test_the_code_of_the_room_opens_the_paper_and_stands_on_the_console(
    client, ground, coded, hr, watch, learners, typed
):
    enter(coded, hr, learners[0])
    client.force_login(learners[0])
    client.post(reverse("quizzes:begin", args=[coded.quiz.code]), {"room_code": typed})

    assert Attempt.objects.get().candidate.session == coded
    client.force_login(watch)
    assert coded.start_code in client.get(coded.get_absolute_url()).text
    client.force_login(learners[0])
    assert coded.start_code not in client.get(reverse("hall:slip", args=[coded.uuid])).text


def test_who_guesses_waits_and_the_right_code_opens_it_again_after_a_minute(client, ground, coded, hr, learners):
    learner, begin = learners[0], reverse("quizzes:begin", args=[coded.quiz.code])
    enter(coded, hr, learner)
    client.force_login(learner)
    for guess in range(WRONG_A_MINUTE):
        assert "输错次数过多" not in client.post(begin, {"room_code": f"00000{guess}"}, follow=True).text

    assert "输错次数过多" in client.post(begin, {"room_code": coded.start_code}, follow=True).text
    assert not Attempt.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
        client.post(begin, {"room_code": coded.start_code})
    assert Attempt.objects.get().learner == learner


def test_the_console_shows_the_code_from_half_an_hour_before_the_start_on(client, ground, coded, watch):
    client.force_login(watch)

    pages = []
    for minutes in (31, 29):
        with time_machine.travel(coded.starts_at - timedelta(minutes=minutes), tick=False):
            pages.append(client.get(coded.get_absolute_url()).text)

    assert [coded.start_code in page for page in pages] == [False, True]
    assert ["开考码将于" in page for page in pages] == [True, False]
