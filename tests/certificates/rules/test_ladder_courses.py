"""What a ladder says of a course that is begun: the quiz, where nothing else lacks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel
from certificates.models import CertificationTrack, Requirement, RuleVersion
from certificates.rules.ladder import ladder_of
from certificates.rules.ladder_courses import with_courses
from courses.demo.courses import learn
from tests.cast import OPENED, bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("lessons", "words"), [(1, "完成该课程。"), (2, "章节已全部学完，还需通过课程测验。")])
def test_the_rung_names_the_quiz_once_every_lesson_is_done(lessons, words):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    course = course_of("one", lessons=2, quiz=quiz_of(bank_of(1), 1))
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习", name_en="Trainee")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="一级认证", name_en="CM1")
    version = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=version, kind="course", course=course)
    learn(learner=learner, course=course, begun=timezone.now() - timedelta(days=2), lessons=lessons)

    (rung,) = with_courses(ladder_of(learner, timezone.localdate()), person=learner)

    assert [line.missing for line in rung.standing.missing] == [words]
