"""What exam day means for levels: bans as a requirement, and marks that do not count any more."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from academy.doors import consequences_of
from academy.models import CareerLevel, Notice, Role
from certificates.award.awarding import award_if_met, revoke_certification
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from certificates.rules.evidence import evidence_for
from certificates.rules.judging import judge
from certificates.rules.known import Banned, Evidence
from certificates.rules.standing import Asked, evaluate
from courses.models import Enrolment
from courses.progress.learning import complete_course_if_ready, enrol, mark_lesson_done, record_opening
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.hall.results import Annulment, propose_annulment, propose_taking_back
from quizzes.models import Ban
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("until", "of", "line", "met"),
    [
        (date(2026, 11, 24), "", "", False),
        (date(2026, 11, 23), "", "", True),
        (date(2027, 1, 1), "retail", "retail", False),
        (date(2027, 1, 1), "retail", "corporate", True),
        (date(2027, 1, 1), "retail", "", True),
    ],
)
def test_no_open_ban_is_a_requirement(until, of, line, met):
    wanted = (Asked(pk=1, kind="no_ban", label="no ban", line=line),)
    evidence = Evidence(bans=(Banned(date(2026, 1, 1), until, of),))

    found = evaluate(wanted, evidence, TODAY).lines[0]

    assert found.met is met
    assert met or found.possible_on == until + timedelta(days=1)


def test_nobody_banned_meets_it():
    assert evaluate((Asked(pk=1, kind="no_ban", label="no ban"),), Evidence(), TODAY).met


@pytest.fixture
def world(db):
    """A learner who completed a course by its quiz and holds the level that asks for it."""
    branches = bank()
    quiz = quiz_of(bank_of(2), 2, pass_mark=Decimal(50))
    course = course_of("one", lessons=1, quiz=quiz)
    level = CareerLevel.objects.create(code="CM1", rank=1, name="一级", name_en="one")
    track = CertificationTrack.objects.create(code="cm1", name="认证", level=level, award="automatic")
    version = RuleVersion.objects.create(track=track, number=1, effective_from=date(2020, 1, 1))
    Requirement.objects.create(rule_version=version, kind="course", course=course)
    Requirement.objects.create(rule_version=version, kind="no_ban", phase="apply")
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    hr = person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])
    now = timezone.now()
    enrolment = enrol(learner=learner, course=course, now=now)
    for lesson in course.lessons.all():
        progress = record_opening(enrolment=enrolment, lesson=lesson, now=now)
        mark_lesson_done(progress=progress, has_check=False, now=now)
    paper = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    for place in paper.paper:
        paper.answers.create(slot=place["slot"], version_id=place["version"], response={"chosen": "a"})
    closed = submit_attempt(attempt=paper, now=now)
    closed.learner, closed.quiz = learner, quiz
    follow_up(attempt=closed, now=now)
    return {"learner": learner, "hr": hr, "track": track, "course": course, "paper": closed}


@pytest.mark.database
def test_a_void_mark_undoes_nothing_certified_but_counts_no_more(world):
    learner, track, paper, today = world["learner"], world["track"], world["paper"], timezone.localdate()
    held = Certification.objects.get(person=learner, track=track)
    before = [str(consequence.text) for consequence in consequences_of(Annulment(paper))]

    propose_annulment(kind="void", attempt=paper, reason="替考", actor=world["hr"], now=timezone.now())

    assert len(before) == 2
    assert not hasattr(held, "ending")
    assert Enrolment.objects.get(learner=learner).completed_at is not None
    assert evidence_for([learner], today)[learner.pk].courses == {}
    told = Notice.objects.get(kind="quizzes.rests_on_void")
    assert told.person == world["hr"]
    assert told.facts["count"] == 2
    # Once a person revoked it, it is not awarded anew by the same void mark.
    revoke_certification(certification=held, reason="替考", now=timezone.now(), actor=world["hr"])
    assert complete_course_if_ready(enrolment=Enrolment.objects.get(learner=learner), now=timezone.now())
    assert award_if_met(person=learner, track=track, now=timezone.now()) is None
    propose_taking_back(result=paper.special_results.get(), reason="查无实据", actor=world["hr"], now=timezone.now())
    assert world["course"].pk in evidence_for([learner], today)[learner.pk].courses


@pytest.mark.database
def test_an_open_ban_stands_in_the_way_of_the_level(world):
    learner, track, today = world["learner"], world["track"], timezone.localdate()
    revoke_certification(certification=Certification.objects.get(), reason="x", now=timezone.now(), actor=world["hr"])
    Ban.objects.create(person=learner, effective_from=today, effective_until=today + timedelta(days=3), reason="x")

    standing = judge(person=learner, track=track, today=today).standing

    assert standing is not None
    assert [line.asked.kind for line in standing.missing] == ["no_ban"]
    assert standing.earliest == today + timedelta(days=4)
