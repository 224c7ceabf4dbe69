"""An attempt loses nothing: saving, lateness, double clicks, forged addresses, what follows."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import close_overdue_attempts, follow_up, repeat_follow_ups
from quizzes.attempts.saving import ONLINE_SLACK, save_answer
from quizzes.models import Answer, Attempt, KeptAnswer
from quizzes.signals import attempt_finished
from tests.cast import person
from tests.quizzes.factories import bank_of, named, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


def start(quiz, learner, now=None):
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now or timezone.now(), seed=1)


def answer(attempt, slot, option="a", sequence=1, tab="t", now=None):
    return save_answer(
        attempt=attempt, slot=slot, response={"chosen": option}, tab=tab, sequence=sequence, now=now or timezone.now()
    )


def test_all_right_is_full_marks_and_passes(ground, learner):
    quiz = quiz_of(bank_of(5), 5)
    attempt = start(quiz, learner)
    for place in attempt.paper:
        answer(attempt, place["slot"])

    closed = submit_attempt(attempt=attempt, now=timezone.now())

    assert closed.mark == 5
    assert closed.passed is True


def test_blank_paper_earns_nothing(ground, learner):
    attempt = start(quiz_of(bank_of(3), 3), learner)

    closed = submit_attempt(attempt=attempt, now=timezone.now())

    assert closed.mark == 0
    assert closed.passed is False


def test_double_click_starts_one_attempt(ground, learner):
    quiz = quiz_of(bank_of(3), 3)

    first, second = start(quiz, learner), start(quiz, learner)

    assert first.pk == second.pk
    assert Attempt.objects.count() == 1


def test_double_submit_is_one_result(ground, learner):
    attempt = start(quiz_of(bank_of(3), 3), learner)
    answer(attempt, 1)
    first = submit_attempt(attempt=attempt, now=timezone.now())

    second = submit_attempt(attempt=attempt, now=timezone.now() + timedelta(minutes=1))

    assert second.finished_at == first.finished_at
    assert second.mark == 1


def test_older_answer_of_a_tab_is_kept_beside_the_newer(ground, learner):
    attempt = start(quiz_of(bank_of(3), 3), learner)
    answer(attempt, 1, "a", sequence=5)

    receipt = answer(attempt, 1, "b", sequence=4)

    assert receipt.status == "older"
    assert Answer.objects.get(attempt=attempt, slot=1).response == {"chosen": "a"}
    assert KeptAnswer.objects.get().response == {"chosen": "b"}


def test_between_two_tabs_the_later_arrival_counts(ground, learner):
    attempt = start(quiz_of(bank_of(3), 3), learner)
    answer(attempt, 1, "a", sequence=900, tab="one")

    receipt = answer(attempt, 1, "b", sequence=2, tab="two")

    assert receipt.status == "saved"
    assert Answer.objects.get(attempt=attempt, slot=1).response == {"chosen": "b"}


def test_late_answer_is_kept_without_marks(ground, learner):
    now = timezone.now()
    attempt = start(quiz_of(bank_of(3), 3, time_limit_minutes=10), learner, now=now)
    late = attempt.deadline + ONLINE_SLACK + timedelta(seconds=1)

    receipt = answer(attempt, 1, "a", now=late)
    closed = submit_attempt(attempt=attempt, now=late)

    assert receipt.status == "late"
    assert KeptAnswer.objects.get().why == "late"
    assert closed.mark == 0
    assert closed.finished_at == attempt.deadline
    assert closed.closed_by == Attempt.ClosedBy.TIME


def test_clock_hands_in_what_is_stored(ground, learner):
    now = timezone.now()
    attempt = start(quiz_of(bank_of(2), 2, time_limit_minutes=10, pass_mark=50), learner, now=now)
    answer(attempt, 1, now=now)

    closed = close_overdue_attempts(now=now + timedelta(minutes=11))

    attempt.refresh_from_db()
    assert closed == 1
    assert attempt.mark == 1
    assert attempt.passed is True


def test_attempts_and_waits_are_refused_with_their_reason(ground, learner):
    quiz = quiz_of(bank_of(3), 3, attempts_allowed=2, wait_minutes=60)
    now = timezone.now()
    submit_attempt(attempt=start(quiz, learner, now=now), now=now)

    with pytest.raises(RuleViolation):
        start(quiz, learner, now=now + timedelta(minutes=59))
    submit_attempt(attempt=start(quiz, learner, now=now + timedelta(minutes=61)), now=now + timedelta(minutes=62))
    with pytest.raises(RuleViolation):
        start(quiz, learner, now=now + timedelta(days=9))


def test_a_failed_follow_up_never_undoes_the_exam_and_is_repeated(ground, learner, caplog):
    attempt = start(quiz_of(bank_of(1), 1), learner)
    answer(attempt, 1)
    closed = submit_attempt(attempt=attempt, now=timezone.now())
    broken = True

    def upper_floor(sender, **kwargs):
        if broken:
            raise ZeroDivisionError

    attempt_finished.connect(upper_floor)
    went = follow_up(attempt=closed, now=timezone.now())
    stored = Attempt.objects.get(pk=attempt.pk)
    broken = False
    repeated = repeat_follow_ups(now=timezone.now())
    attempt_finished.disconnect(upper_floor)

    assert went is False
    assert stored.passed is True
    assert stored.followed_up_at is None
    assert repeated == 1
    assert Attempt.objects.get(pk=attempt.pk).followed_up_at is not None


def test_page_never_tells_the_key(ground, learner, client):
    attempt = start(quiz_of(bank_of(1), 1), learner)
    client.force_login(learner)

    page = client.get(attempt.get_absolute_url()).content.decode()

    assert "甲0" in page
    assert "fraction" not in page
    assert "因为如此" not in page


def test_forged_slot_option_and_foreign_attempt(ground, learner, client):
    attempt = start(quiz_of(bank_of(1), 1), learner)
    other = person("100099", "林一舟", attempt.learner.postings.get().branch)
    url = reverse("quizzes:save", args=[attempt.uuid])
    client.force_login(learner)

    def post(entry):
        return client.post(url, json.dumps({"tab": "t", "answers": [entry]}), content_type="application/json").json()

    forged_slot = post({"slot": 9, "sequence": 1, "raw": {"response": "a"}})
    forged_option = post({"slot": 1, "sequence": 1, "raw": {"response": "zzz"}})
    authors_own = post({"slot": 1, "sequence": 1, "raw": {"response": "a"}})
    surrogate = client.post(
        url,
        b'{"tab":"t","answers":[{"slot":1,"sequence":1,"raw":{"response":"\\ud800"}}]}',
        content_type="application/json",
    )
    client.force_login(other)

    assert forged_slot["receipts"][0]["status"] == "refused"
    assert forged_option["receipts"][0]["status"] == "refused"
    assert authors_own["receipts"][0]["status"] == "refused"
    assert surrogate.json()["receipts"][0]["status"] == "refused"
    assert Answer.objects.count() == 0
    assert client.get(attempt.get_absolute_url()).status_code == 404
    assert client.post(url, "{}", content_type="application/json").status_code == 404


def test_no_ground_no_page(learner, client):
    quiz_of(bank_of(1), 1)
    client.force_login(learner)

    assert client.get("/quizzes/quiz/").status_code == 404
    assert client.post("/quizzes/quiz/start/").status_code == 404


@pytest.mark.parametrize("count", [1, 50])
def test_query_counts_do_not_grow_with_the_paper(ground, learner, client, count, django_assert_num_queries):
    attempt = start(quiz_of(bank_of(count), count), learner)
    client.force_login(learner)
    client.get(attempt.get_absolute_url())

    with django_assert_num_queries(4):
        client.get(attempt.get_absolute_url())
    entry = {"slot": 1, "sequence": 7, "raw": {"response": named(attempt.paper[0], "a")}}
    with django_assert_num_queries(4):
        client.post(
            reverse("quizzes:save", args=[attempt.uuid]),
            json.dumps({"tab": "t", "answers": [entry]}),
            content_type="application/json",
        )
