"""In a pass over many rows one that raises holds up no other; daily passes are a worker's."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import DAILY_PASSES, MINUTE_PASSES
from academy.calendar.turns import AGAIN, TRIES, forget_failures, wait_after
from academy.models import FailedTurn, Job, Notice, Role, User
from quizzes.attempts.following_up import FOLLOW_UPS, close_overdue_attempts, repeat_follow_ups
from quizzes.models import Attempt
from quizzes.signals import attempt_finished
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    branches = bank()
    return {"branches": branches, "head": person("900001", "严守正", branches["HO"], roles=[Role.ADMINISTRATOR])}


def papers(cast, count: int, **values) -> list[Attempt]:
    """The broken ones are the oldest."""
    quiz, learner, now = quiz_of(bank_of(1), 1), person("000101", "林见鹿", cast["branches"]["BJ01"]), timezone.now()
    made = [
        Attempt(
            quiz=quiz,
            learner=learner,
            occasion=f"x{number}",
            number=1,
            state="finished",
            language="zh-hans",
            paper=[],
            pass_mark=60,
            mark=1,
            max_mark=2,
            passed=False,
            finished_at=now,
            released_at=now + timedelta(seconds=number),
            **values,
        )
        for number in range(count)
    ]
    return Attempt.objects.bulk_create(made)


def test_two_hundred_broken_follow_ups_starve_nobody_and_those_that_stay_are_given_up_with_an_alarm(cast):
    rows = papers(cast, 203)
    broken = {row.pk for row in rows[:200]}
    seen = []

    def upper_floor(sender, attempt, **kwargs):
        seen.append(attempt.pk)
        if attempt.pk in broken:
            raise ValueError("beans")

    attempt_finished.connect(upper_floor)
    now = timezone.now()
    try:
        repeat_follow_ups(now=now)
        assert repeat_follow_ups(now=now) == 3
        assert set(Attempt.objects.filter(followed_up_at=None).values_list("pk", flat=True)) == broken
        # Until its wait is over a broken one is not touched again.
        seen.clear()
        repeat_follow_ups(now=now)
        assert seen == []
        # So many as two passes try again, and not all of the two hundred to the tenth time.
        Attempt.objects.filter(pk__in=[row.pk for row in rows[AGAIN + 10 : 200]]).update(followed_up_at=now)
        broken = {row.pk for row in rows[: AGAIN + 10]}
        for step in range(TRIES * 2 + 4):
            repeat_follow_ups(now=now + timedelta(hours=5) * (step + 1))
    finally:
        attempt_finished.disconnect(upper_floor)

    assert set(FailedTurn.objects.values_list("row", flat=True)) == broken
    assert not FailedTurn.objects.filter(given_up_at=None).exists()
    told = Notice.objects.filter(kind="academy.given_up")
    assert set(told.values_list("person", flat=True)) == {cast["head"].pk}
    forget_failures()
    assert repeat_follow_ups(now=now) == AGAIN + 10 and not FailedTurn.objects.exists()


def test_papers_that_cannot_be_closed_starve_nobody(cast, monkeypatch):
    rows = papers(cast, 203)
    now = timezone.now()
    for number, row in enumerate(rows):
        row.learner = User.objects.create(staff_number=f"1{number:05}", display_name="林见鹿")
        row.state, row.finished_at, row.check_at = (
            "in_progress",
            None,
            now - timedelta(days=1) + timedelta(seconds=number),
        )
        row.released_at, row.mark, row.passed = None, None, None
    Attempt.objects.all().delete()
    Attempt.objects.bulk_create(rows)
    broken, closed = {row.pk for row in rows[:200]}, []

    def step(*, attempt, now, online):
        if attempt.pk in broken:
            raise ValueError("beans")
        closed.append(attempt.pk)
        return attempt

    monkeypatch.setattr("quizzes.attempts.following_up.advance_attempt", step)

    for _minute in range(2):
        close_overdue_attempts(now=now)

    assert set(closed) == {row.pk for row in rows[200:]}


def test_waits_grow_and_end(cast):
    waits = [wait_after(tries) for tries in range(1, TRIES)]

    assert waits == sorted(waits) and waits[0] == timedelta(minutes=1) and waits[-1] == timedelta(hours=4)


def test_what_went_through_elsewhere_waits_no_more(cast):
    people = type(cast["head"]).objects.filter(pk=cast["head"].pk)

    def fall(one):
        raise ValueError

    FOLLOW_UPS.turns.one_by_one(people, fall, now=timezone.now())
    assert FailedTurn.objects.count() == 1

    FOLLOW_UPS.turns.one_by_one(people.none(), fall, now=timezone.now())

    assert not FailedTurn.objects.exists()


def test_who_was_given_up_has_turns_again_by_hand(cast, client):
    FailedTurn.objects.create(name="repeat follow-ups", row=7, tries=10, given_up_at=timezone.now())
    hr = person("300001", "苏映雪", cast["branches"]["HO"], roles=[Role.HR])
    client.force_login(hr)
    assert client.post(reverse("jobs:turns_again")).status_code == 404
    client.force_login(cast["head"])
    assert "成绩的后续处理" in client.get(reverse("jobs:index") + "?state=turns").content.decode()

    client.post(reverse("jobs:turns_again"))

    turn = FailedTurn.objects.get()
    assert (turn.tries, turn.given_up_at) == (0, None) and turn.next_try_at is not None


def test_the_loop_only_asks_for_daily_passes_and_by_hand_they_run(cast):
    from academy.management.commands.tick import run_passes

    calls = []
    minute = dict(MINUTE_PASSES)
    MINUTE_PASSES.clear()
    kept = dict(DAILY_PASSES)
    DAILY_PASSES.clear()
    DAILY_PASSES["count beans"] = lambda now, today: calls.append(today)
    try:
        run_passes()
        run_passes()
        assert calls == [] and Job.objects.get(kind="academy.daily").state == "waiting"

        call_command("tick")
        call_command("tick")

        assert len(calls) == 1 and Job.objects.get(kind="academy.daily").state == "done"
    finally:
        MINUTE_PASSES.update(minute)
        DAILY_PASSES.clear()
        DAILY_PASSES.update(kept)


def test_a_daily_pass_that_raises_is_tried_again_and_holds_up_no_other(cast):
    from academy.management.commands.tick import run_passes

    calls, kept = [], dict(DAILY_PASSES)

    def fall(now, today):
        raise ValueError("beans")

    DAILY_PASSES.clear()
    DAILY_PASSES.update({"fall": fall, "count beans": lambda now, today: calls.append(today)})
    try:
        run_passes(by_hand=True)
    finally:
        DAILY_PASSES.clear()
        DAILY_PASSES.update(kept)

    assert len(calls) == 1 and Job.objects.get(what="fall").tries == 1
