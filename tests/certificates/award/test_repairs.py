"""A repaired question and those who hold a level by it: told before anything happens, and nothing is taken."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from academy.doors import consequences_of
from academy.models import CareerLevel
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack, Requirement, RuleVersion
from courses.progress.learning import enrol, occasion_of
from quizzes.marking.regrading import Change, KeyRepair
from quizzes.models import Attempt
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(("passed_after", "told"), [(False, 1), (True, 0)])
def test_who_holds_a_level_by_a_quiz_is_counted(passed_after, told):
    today, now = timezone.localdate(), timezone.now()
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    category = bank_of(1)
    quiz = quiz_of(category, 1)
    course = course_of("one", quiz=quiz)
    level = CareerLevel.objects.create(code="CM9", rank=9, name="等级")
    track = CertificationTrack.objects.create(code="cm9", name="认证", level=level)
    version = RuleVersion.objects.create(track=track, number=1, effective_from=today - timedelta(days=99))
    Requirement.objects.create(rule_version=version, kind="course", course=course)
    import_history(
        person=learner,
        track=track,
        awarded_on=today - timedelta(days=30),
        valid_through=today + timedelta(days=300),
        now=now,
        actor=None,
    )
    attempt = Attempt.objects.create(
        quiz=quiz,
        learner=learner,
        occasion=occasion_of(enrol(learner=learner, course=course, now=now)),
        number=1,
        state="finished",
        language="en",
        paper=[],
        pass_mark=80,
        max_mark=1,
        mark=1,
        passed=True,
        started_at=now,
        finished_at=now,
        released_at=now,
    )
    repair = KeyRepair(category.questions.get(), (Change(attempt, Decimal(1), Decimal(0), True, passed_after),))

    assert len(consequences_of(repair)) == told
