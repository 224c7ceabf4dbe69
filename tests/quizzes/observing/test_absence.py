"""“Did not come”: asked once more, answered by the person, and taken back on its own day by whoever recorded it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Notice
from quizzes.models import Observation
from quizzes.observing import booking, scoring
from quizzes.observing.absence import take_absence_back
from tests.quizzes.observing.cast import booked, levels, sheet_of, world

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def waited_for():
    """Booked, and its hour has come."""
    _branches, made, learner, (first, second, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now() - timedelta(minutes=5))
    return made, learner, first, second, observation


def test_not_come_is_asked_once_more_and_the_person_may_answer(client):
    _made, learner, first, _second, observation = waited_for()
    address = observation.get_absolute_url()
    client.force_login(first)

    sure = client.post(address, {"act": "absent", "reason": "电话未接"}).text
    observation.refresh_from_db()
    assert observation.state == Observation.State.BOOKED and "登记林晚未到场？" in sure and "电话未接" in sure
    client.post(address, {"act": "absent", "reason": "电话未接", "sure": "yes"})
    observation.refresh_from_db()
    assert observation.state == Observation.State.NO_SHOW

    client.force_login(learner)
    assert "您的说明" in client.get(address).text
    client.post(address, {"act": "answer", "words": "我在三楼等"})
    client.force_login(first)
    page = client.get(address).text
    assert "我在三楼等" in page and 'value="came"' in page
    assert Notice.objects.filter(person=first, kind="quizzes.observation_absence_answered").count() == 1


def test_not_come_is_taken_back_on_its_own_day_by_whoever_recorded_it(client):
    _made, learner, first, second, observation = waited_for()
    now = timezone.now()
    booking.end(observation=observation, actor=first, came=False, reason="电话未接", now=now)
    assert Notice.objects.filter(person=learner, kind="quizzes.observation_ended").count() == 1
    for actor, moment in ((second, now), (learner, now), (first, now + timedelta(days=1))):
        with pytest.raises(RuleViolation):
            take_absence_back(observation=observation, actor=actor, now=moment)

    client.force_login(first)
    client.post(observation.get_absolute_url(), {"act": "came"})

    observation.refresh_from_db()
    assert (observation.state, observation.ended_by, observation.end_reason) == (Observation.State.BOOKED, None, "")
    # Who has not read it never hears of it, and the sheet is filled as if nothing had been.
    assert not Notice.objects.filter(person=learner, kind__startswith="quizzes.observation_ended").exists()
    scoring.hand_in(
        sheet=sheet_of(observation, first), levels=levels(observation, 2, 2), vetoes=[], comment="好", now=now
    )
    observation.refresh_from_db()
    assert observation.passed


def test_who_read_of_it_reads_that_it_stands_again_and_what_was_asked_anew_stays():
    made, learner, first, _second, observation = waited_for()
    now = timezone.now()
    booking.end(observation=observation, actor=first, came=False, reason="电话未接", now=now)
    Notice.objects.filter(person=learner).update(read_at=now)
    anew = booking.ask(practice=made, person=learner, actor=learner, words="周三", now=now)
    with pytest.raises(RuleViolation, match="重新申请"):
        take_absence_back(observation=observation, actor=first, now=now)
    booking.end(observation=anew, actor=learner, came=True, reason="不用了", now=now)

    take_absence_back(observation=observation, actor=first, now=now)
    assert Notice.objects.filter(person=learner, kind="quizzes.observation_stands_again").count() == 1


def test_a_request_for_which_a_time_is_offered_is_not_taken_back_with_a_press():
    _branches, made, learner, (first, *_others) = world()
    asked = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    assert asked.may_be_undone()
    start = timezone.now() + timedelta(days=3)
    offered = booking.offer(observation=asked, assessor=first, starts_at=start, place="305", now=timezone.now())
    assert not offered.may_be_undone()
