"""What an exam of the ladder asks of the database, in a session and by a track: literal numbers, however much lies around
the paper; and what its passing costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from academy.doors import grounds_for
from academy.models import CareerLevel
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from quizzes.models import Ban, Candidate, ExamSession, QuizOverride, SpecialResult
from tests.cast import OPENED, person
from tests.quizzes.attempts.test_costs_of_an_attempt import IS_SQLITE, sit
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FAILED = {"before": 5, "start": 8, "page": 4, "save": 5, "summary": 4, "submit": 7, "result": 5}
# With the award, its certificate and what that meets on other tracks; and the page says what passing brought.
PASSED = {**FAILED, "submit": 10}
if IS_SQLITE:
    FAILED |= {"start": 10, "submit": 11}
    PASSED |= {"start": 10, "submit": 19}


@pytest.fixture
def exam():
    return quiz_of(bank_of(3), 3, kind="exam", attempts_allowed=9, wait_minutes=0, wait_later_minutes=0)


def asks_for(exam, rank):
    """A track of its own that asks for nothing but this exam."""
    level = CareerLevel.objects.create(code=f"L{rank}", rank=rank, name=f"等级{rank}", name_en=f"Level {rank}")
    track = CertificationTrack.objects.create(code=f"t{rank}", name=f"认证{rank}", level=level, award="automatic")
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=rules, kind="quiz", quiz=exam)
    return track


def seated(exam, branches, learner, number):
    """In a session that runs now, in others that are over, with results of exam day, bans of another line and rules of
    one's own: ``number`` of each."""
    now = timezone.now()
    for at in range(number):
        starts = now - timedelta(minutes=5) - timedelta(days=at)
        session = ExamSession.objects.create(
            quiz=exam, branch=branches["BJ"], room="一", starts_at=starts, ends_at=starts + timedelta(hours=1), seats=9
        )
        seat = Candidate.objects.create(session=session, person=learner)
        if at:
            SpecialResult.objects.create(
                quiz=exam,
                person=learner,
                candidate=seat,
                occasion="",
                kind=SpecialResult.Kind.DEFERRED,
                reason="病假",
                recorded_at=now,
            )
        Ban.objects.create(
            person=learner,
            line="private",
            reason="违纪",
            effective_from=OPENED,
            effective_until=now.date() + timedelta(days=9),
        )
        group = QuizOverride.objects.create(quiz=exam, name=f"延长{at}", time_factor=Decimal(2))
        group.people.add(learner)


@pytest.mark.parametrize("number", [1, 3])
def test_a_failed_exam(client, branches, exam, number):
    asks_for(exam, 2)
    other, learner = (person(f"10000{at}", f"学员{at}", branches["BJ01"]) for at in range(2))
    for one in (other, learner):
        seated(exam, branches, one, number)
    sit(client, other, 3)

    assert sit(client, learner, 3) == FAILED


@pytest.mark.parametrize("number", [1, 3])
def test_a_passed_exam(client, branches, exam, number):
    track = asks_for(exam, 2)
    other, learner = (person(f"10000{at}", f"学员{at}", branches["BJ01"]) for at in range(2))
    for one in (other, learner):
        seated(exam, branches, one, number)
    sit(client, other, 3, right=True)

    assert sit(client, learner, 3, right=True) == PASSED
    assert Certification.objects.filter(person=learner, track=track).exists()


def test_the_reason_to_sit_it_is_that_of_the_last_fact(client, branches, exam):
    track = asks_for(exam, 2)
    learner = person("100001", "欧阳文澜", branches["BJ01"])

    def scores():
        return [ground.score for ground in grounds_for(exam, learner)]

    assert [scores(), scores()] == [[None], [None]]
    Requirement.objects.update(score=Decimal(90))
    assert [scores(), scores()] == [[90], [90]]
    CertificationTrack.objects.filter(pk=track.pk).update(active=False)
    assert scores() == []
    CertificationTrack.objects.filter(pk=track.pk).update(active=True)
    assert scores() == [90]
    seated(exam, branches, learner, 1)
    sit(client, learner, 3, right=True)
    assert scores() == []
