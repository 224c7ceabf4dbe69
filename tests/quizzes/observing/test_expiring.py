"""Observations of which nothing came end after 60 days, and who may assess beside whom."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Notice, Role
from quizzes.models import Ban, Observation
from quizzes.observing import booking, expiring, scoring
from tests.cast import person
from tests.quizzes.observing.cast import booked, levels, sheet_of, world

pytestmark = pytest.mark.django_db


def passed(days):
    now = timezone.now() + timedelta(days=days)
    return expiring.expire(now=now, today=timezone.localdate() + timedelta(days=days))


def test_a_request_that_nobody_answers_expires_after_sixty_days_and_says_so():
    _branches, made, learner, _assessors = world()
    asked = booking.ask(practice=made, person=learner, actor=learner, words="随时", now=timezone.now())

    assert passed(60) == 0
    assert passed(61) == 1
    asked.refresh_from_db()
    assert asked.state == "expired"
    assert Notice.objects.filter(person=learner, kind="quizzes.observation_expired").count() == 1
    assert passed(62) == 0
    again = booking.ask(practice=made, person=learner, actor=learner, words="再请", now=timezone.now())
    assert again.state == "asked"


def test_sixty_days_count_from_the_booked_time_and_anew_when_it_is_put_off():
    _branches, made, learner, (first, *_others) = world()
    now = timezone.now()
    observation = booking.ask(practice=made, person=learner, actor=learner, words="随时", now=now)
    start = now + timedelta(days=30)
    booking.offer(observation=observation, assessor=first, starts_at=start, place="大堂", now=now)
    assert passed(61) == 0
    booking.put_off(observation=observation, actor=first, reason="出差", now=now + timedelta(days=40))

    assert passed(91) == 0
    assert passed(101) == 1


def test_what_an_assessor_has_scored_does_not_expire():
    _branches, made, learner, (first, second, *_others) = world(assessors=2)
    observation = booked(made, learner, [first, second], now=timezone.now())
    scoring.hand_in(
        sheet=sheet_of(observation, first),
        levels=levels(observation, 2, 2),
        vetoes=[],
        comment="好",
        now=timezone.now() + timedelta(minutes=5),
    )

    assert passed(90) == 0
    assert Observation.objects.get(pk=observation.pk).is_open


def test_who_is_banned_or_holds_too_low_a_level_does_not_assess():
    _branches, made, learner, (first, second, *_others) = world()
    observation = booking.ask(practice=made, person=learner, actor=learner, words="随时", now=timezone.now())
    today = timezone.localdate()
    Ban.objects.create(person=first, effective_from=today, effective_until=today + timedelta(days=9), reason="替考")
    start = timezone.now() + timedelta(days=1)
    with pytest.raises(RuleViolation, match="禁考"):
        booking.offer(observation=observation, assessor=first, starts_at=start, place="大堂", now=timezone.now())

    made.assessor_rank = 3
    made.save()
    with pytest.raises(RuleViolation, match="3"):
        booking.offer(observation=observation, assessor=second, starts_at=start, place="大堂", now=timezone.now())


def test_what_is_booked_and_short_of_an_assessor_is_read_and_joined_by_another(client):
    _branches, made, learner, (first, second, third, _fourth) = world(assessors=2, combining="mean", spread=20)
    observation = booked(made, learner, [first, second], now=timezone.now())
    client.force_login(third)
    assert client.get(observation.get_absolute_url()).status_code == 404
    for assessor, places in ((first, (2, 2)), (second, (0, 0))):
        scoring.hand_in(
            sheet=sheet_of(observation, assessor),
            levels=levels(observation, *places),
            vetoes=[],
            comment="各看各的",
            now=timezone.now() + timedelta(minutes=5),
        )

    assert observation.get_absolute_url() in client.get("/observe/").content.decode()
    client.post(observation.get_absolute_url(), {"act": "join"})
    assert observation.sheets.filter(assessor=third).exists()


def test_of_three_assessors_one_at_most_works_at_the_outlet_of_the_observed_person():
    branches, made, learner, (first, *_others) = world(assessors=3)
    here = [person(f"7{n}", f"同事{n}", branches["BJ01"], roles=[Role.ASSESSOR]) for n in (1, 2)]
    observation = booking.ask(practice=made, person=learner, actor=learner, words="随时", now=timezone.now())
    start = timezone.now() + timedelta(days=1)
    booking.offer(observation=observation, assessor=here[0], starts_at=start, place="大堂", now=timezone.now())

    with pytest.raises(RuleViolation, match="网点"):
        booking.join(observation=observation, assessor=here[1], now=timezone.now())
    booking.join(observation=observation, assessor=first, now=timezone.now())
    assert observation.sheets.count() == 2
