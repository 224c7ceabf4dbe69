"""After an observation that was not passed: home, To do and its page say from when, by whom, and what to practise."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import formats, timezone

from quizzes.models import Observation, ScoreSheet
from quizzes.observing import booking, scoring
from tests.quizzes.observing.cast import booked, later, levels, practice, sheet_of, world

pytestmark = pytest.mark.django_db


def failed(made, learner, assessor, places=(2, 0), vetoes=()) -> Observation:
    observation = booked(made, learner, [assessor], now=timezone.now())
    chosen = {"levels": levels(observation, *places), "vetoes": list(vetoes), "comment": "见评分"}
    scoring.hand_in(sheet=sheet_of(observation, assessor), now=later(), **chosen)
    observation.refresh_from_db()
    assert observation.passed is False
    return observation


def test_the_learner_reads_from_when_by_whom_and_what_to_practise(client):
    _branches, made, learner, (first, *_others) = world(again_days=14)
    observation = failed(made, learner, first)
    client.force_login(learner)
    day = formats.date_format(observation.observed_on + timedelta(days=14), "SHORT_DATE_FORMAT")

    for place in (reverse("home"), reverse("todo"), observation.get_absolute_url()):
        page = client.get(place).text
        assert f"{day} 起可由您本人或直属上级再次申请。请先练习：道别。" in page, place
    assert "迎接。" not in page and page.count(day) == 1
    client.force_login(first)
    assert "再次申请" not in client.get(observation.get_absolute_url()).text


def test_a_veto_is_named_first_and_once_the_day_has_come_it_can_be_asked_for(client):
    _branches, made, learner, (first, *_others) = world(again_days=0)
    veto = made.terms()["rubric"]["vetoes"][0]["id"]
    observation = failed(made, learner, first, (1, 2), [veto])
    client.force_login(learner)

    page = client.get(observation.get_absolute_url()).text
    assert "现在即可由您本人或直属上级再次申请。请先练习：抛掷单据、迎接。" in page and made.get_absolute_url() in page
    assert "再次申请" in client.get(reverse("todo")).text

    booking.ask(practice=made, person=learner, actor=learner, words="下周都行", now=timezone.now())
    assert "再次申请" not in client.get(reverse("todo")).text


@pytest.mark.parametrize("practices", [1, 3])
def test_to_do_asks_as_often_for_many_as_for_one(client, practices):
    _branches, made, learner, (first, *_others) = world()
    for number in range(practices):
        failed(made if not number else practice(code=f"p{number}"), learner, first)
    client.force_login(learner)
    client.get(reverse("todo"))

    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse("todo")).text
    assert page.count("再次申请") == practices
    assert sum(ScoreSheet._meta.db_table in query["sql"] for query in asked) <= 2
