"""A level exam: one sitting and one re-sit within thirty days, counted inside one cycle; results held until released."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from academy.doors import grounds_for
from academy.errors.refusals import RuleViolation
from academy.models import CareerLevel
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from certificates.rules.evidence import evidence_for
from quizzes.attempts import release_results, start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up, repeat_follow_ups
from quizzes.attempts.saving import save_answer
from quizzes.models import Attempt
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def learner():
    return person("100001", "欧阳文澜", bank()["BJ01"])


def exam(**fields):
    values = {"kind": "exam", "attempts_allowed": 2, "resit_within_days": 30, "wait_minutes": 0, "review": "result"}
    return quiz_of(bank_of(2), 2, code="cm1-exam", **(values | fields))


def track_asking_for(quiz, **fields) -> CertificationTrack:
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理", name_en="Trainee")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="认证", award="automatic")
    version = RuleVersion.objects.create(
        track=track, number=1, effective_from=timezone.localdate() - timedelta(days=900)
    )
    Requirement.objects.create(rule_version=version, kind="quiz", quiz=quiz, sort_order=0, **fields)
    return track


def sit(quiz, learner, right: int, now=None) -> Attempt:
    now = now or timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    for place in attempt.paper:
        option = "a" if place["slot"] <= right else "b"
        save_answer(attempt=attempt, slot=place["slot"], response={"chosen": option}, tab="t", sequence=1, now=now)
    closed = submit_attempt(attempt=attempt, now=now)
    closed.learner, closed.quiz = learner, quiz
    follow_up(attempt=closed, now=now)
    return closed


def test_one_sitting_and_one_resit_within_thirty_days(learner):
    quiz, now = exam(), timezone.now()
    track_asking_for(quiz)
    first = sit(quiz, learner, right=0)
    with time_machine.travel(now + timedelta(days=31)), pytest.raises(RuleViolation, match="补考"):
        sit(quiz, learner, right=2)
    with time_machine.travel(now + timedelta(days=29)):
        second = sit(quiz, learner, right=0)
        with pytest.raises(RuleViolation, match="次数"):
            sit(quiz, learner, right=2)

    assert (first.occasion, first.is_resit) == ("track:cm1:1", False)
    assert (second.occasion, second.is_resit) == ("track:cm1:1", True)
    assert not Certification.objects.exists()


@pytest.mark.both
def test_the_next_cycle_counts_anew(learner):
    quiz = exam()
    track = track_asking_for(quiz, purpose="both")
    sit(quiz, learner, right=0)
    sit(quiz, learner, right=2)
    certification = Certification.objects.get(person=learner, track=track)
    Certification.objects.filter(pk=certification.pk).update(renew_from=timezone.localdate())

    again = sit(quiz, learner, right=0)

    assert (again.occasion, again.number, again.is_resit) == ("track:cm1:2", 1, False)


@pytest.mark.both
def test_no_level_follows_from_a_result_that_is_withheld(learner):
    quiz = exam(withhold_results=True)
    track_asking_for(quiz)
    closed = sit(quiz, learner, right=2)
    held = (dict(evidence_for([learner], timezone.localdate())[learner.pk].quizzes), Certification.objects.count())
    repeated = repeat_follow_ups(now=timezone.now())

    release_results(quiz=quiz, actor=None, reason="成绩复核完毕", now=timezone.now())
    followed = repeat_follow_ups(now=timezone.now())

    assert closed.passed is True
    assert (held, repeated, followed) == (({}, 0), 0, 1)
    assert Certification.objects.get().person == learner


def test_practice_never_counts(learner):
    quiz = exam(kind="practice")
    track_asking_for(quiz)

    sit(quiz, learner, right=2)

    assert not Certification.objects.exists()


def test_a_passed_exam_is_sat_again_where_the_level_asks_for_more(learner):
    quiz = exam(pass_mark=50)
    track_asking_for(quiz, score=100)
    first = sit(quiz, learner, right=1)
    asked = [ground.score for ground in grounds_for(quiz, learner)]

    second = sit(quiz, learner, right=2)

    assert (first.passed, asked, second.number) == (True, [100], 2)
    assert Certification.objects.count() == 1
