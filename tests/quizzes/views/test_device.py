"""Which pages of a paper a browser may keep, until when, and that the receipt of handing in sends them away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import HouseSwitch
from quizzes.attempts import start_attempt
from quizzes.models import Attempt, Candidate, ExamSession, Quiz
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ground")]


@pytest.fixture
def learner(branches, client):
    found = person("100001", "欧阳文澜", branches["BJ01"])
    client.force_login(found)
    return found


def begun(learner, **fields) -> Attempt:
    quiz = quiz_of(bank_of(3), 3, time_limit_minutes=30, **fields)
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)


def kept(client, attempt) -> list[str | None]:
    """What is said of the page and of all pages at once."""
    found = [client.get(attempt.get_absolute_url() + tail) for tail in ("", "paper/")]
    assert "no-store" in found[0]["Cache-Control"]
    return [one.headers.get("Academy-Keep") for one in found]


def seconds(said: str | None) -> int:
    assert said is not None and said.startswith("paper; seconds=")
    return int(said.removeprefix("paper; seconds="))


def test_a_running_paper_is_kept_until_some_minutes_after_its_end(client, learner):
    attempt = begun(learner)
    for said in kept(client, attempt):
        assert 44 * 60 < seconds(said) <= 45 * 60
    page = client.get(attempt.get_absolute_url()).content.decode()
    assert "data-keep\n" in page and "data-kept-line" in page and 'data-worker="/service-worker.js"' in page


def test_a_paper_without_an_end_is_kept_for_a_week(client, learner):
    attempt = begun(learner)
    Attempt.objects.filter(pk=attempt.pk).update(deadline=None)
    assert seconds(kept(client, attempt)[0]) == 7 * 24 * 3600


def test_handed_in_the_device_is_told_to_forget_it(client, learner):
    attempt = begun(learner)
    answer = client.post(f"{attempt.get_absolute_url()}submit/", follow=True)
    assert answer["Academy-Forget"] == attempt.get_absolute_url()
    assert "Academy-Keep" not in answer
    assert f'data-forget="{attempt.uuid}"' in answer.content.decode()


class TestNeverKept:
    def refused(self, client, attempt, *, worker=True):
        assert {said for said in kept(client, attempt) if said} == set()
        page = client.get(attempt.get_absolute_url()).content.decode()
        assert "data-keep\n" not in page and "data-kept-line" not in page
        assert ("data-worker" in page) is worker

    def test_what_is_sat_in_the_exam_network(self, client, learner):
        self.refused(client, begun(learner, networks="127.0.0.0/8"))

    def test_what_is_sat_in_a_session_under_supervision(self, client, learner, branches):
        attempt = begun(learner, kind=Quiz.Kind.EXAM)
        now = timezone.now()
        session = ExamSession.objects.create(
            quiz=attempt.quiz, branch=branches["BJ"], starts_at=now, ends_at=now + timedelta(hours=2), room="1"
        )
        Candidate.objects.create(session=session, person=learner)
        self.refused(client, attempt)

    def test_what_judges_answers_while_it_is_written(self, client, learner):
        self.refused(client, begun(learner, behaviour=Quiz.Behaviour.IMMEDIATE))

    def test_what_is_practised(self, client, learner):
        self.refused(client, begun(learner, kind=Quiz.Kind.PRACTICE))

    def test_anything_while_head_office_switched_it_off(self, client, learner):
        HouseSwitch.objects.create(code=HouseSwitch.KEEP_ON_DEVICES, on=False)
        self.refused(client, begun(learner), worker=False)

    def test_the_hand_in(self, client, learner):
        attempt = begun(learner)
        assert "Academy-Keep" not in client.get(f"{attempt.get_absolute_url()}submit/")
