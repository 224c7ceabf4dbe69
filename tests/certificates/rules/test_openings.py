"""An exam that the other requirements open: closed before them, open for good after, said on every screen."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.doors import grounds_for
from academy.errors.refusals import RuleViolation
from academy.models import CareerLevel, Position
from certificates.award.all_met import award_all_met
from certificates.models import CertificationTrack, ExamOpening, Requirement, RuleVersion
from certificates.rules.judging import judge
from certificates.rules.known import Evidence
from certificates.rules.meeting import unmeetable
from certificates.rules.openings import with_openings
from certificates.rules.standing import Asked, evaluate
from courses.models import Enrolment
from quizzes.attempts import start_attempt
from quizzes.models import Candidate, ExamSession
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

DAY = date(2026, 3, 2)


def exam_after(*marks) -> tuple[Asked, ...]:
    return (
        Asked(1, "no_ban", "no ban", phase="apply"),
        Asked(2, "course", "first", course=1, mark="one"),
        Asked(3, "course", "second", course=2, mark="two"),
        Asked(4, "quiz", "exam", quiz=9, track=5, opens_after=marks),
    )


def opened(evidence: Evidence, *marks, since: date = date.min):
    asked = exam_after(*marks)
    return with_openings(evaluate(asked, evidence, DAY), evidence, DAY, since).lines[-1]


def test_an_exam_waits_for_what_it_names_and_for_nothing_else():
    evidence = Evidence(courses={1: (DAY,)})

    assert opened(evidence, "one").opened
    assert [line.asked.label for line in opened(evidence, "one", "two").opens_after] == ["second"]
    assert opened(Evidence()).opened


def test_an_exam_that_was_opened_stays_open_in_its_cycle_only():
    noted = Evidence(opened={(5, 9): (DAY - timedelta(days=40),)})

    assert opened(noted, "one", "two").opened
    assert opened(noted, "one", "two", since=DAY - timedelta(days=10)).opens_after


def version_with(*rows, code="cm1", rank=1) -> RuleVersion:
    level = CareerLevel.objects.create(code=code.upper(), rank=rank, name="见习客户经理", name_en="Trainee")
    track = CertificationTrack.objects.create(code=code, level=level, name="认证", award="automatic")
    version = RuleVersion.objects.create(track=track, number=1, effective_from=timezone.localdate() - timedelta(days=9))
    for place, row in enumerate(rows):
        Requirement.objects.create(rule_version=version, sort_order=place, **row)
    return version


def level_exam(**fields):
    return quiz_of(bank_of(2), 2, code="cm1-exam", kind="exam", attempts_allowed=2, wait_minutes=0, **fields)


@pytest.fixture
def learner():
    return person("100001", "欧阳文澜", bank()["BJ01"])


@pytest.fixture
def asking(learner):
    quiz, course = level_exam(), course_of(code="etiquette")
    version_with(
        {"kind": "course", "course": course, "mark": "etiquette"},
        {"kind": "quiz", "quiz": quiz, "opens_after": "etiquette"},
    )
    return quiz, course


def complete(learner, course):
    enrolment = Enrolment.objects.create(
        learner=learner, course=course, completed_at=timezone.now(), completed_on=timezone.localdate()
    )
    award_all_met(person=learner, now=timezone.now())
    return enrolment


@pytest.mark.django_db
def test_the_start_page_says_what_is_missing_and_nobody_starts_before_it(client, learner, asking):
    quiz, course = asking
    client.force_login(learner)

    page = client.get(reverse("quizzes:start", args=[quiz.code])).text
    with pytest.raises(RuleViolation):
        start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)

    assert reverse("courses:course", args=[course.code]) in page
    assert "以下条件达成后开放" in page
    complete(learner, course)
    assert start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1).pk


@pytest.mark.django_db
def test_the_ladder_says_when_it_opens(client, learner, asking):
    _quiz, course = asking
    client.force_login(learner)

    assert "达成后开放" in client.get(reverse("home")).text
    complete(learner, course)
    assert "达成后开放" not in client.get(reverse("home")).text


@pytest.mark.django_db
def test_what_was_opened_stays_open_though_its_course_is_taken_back(learner, asking):
    quiz, course = asking
    enrolment = complete(learner, course)
    enrolment.delete()

    assert [ground.refusal for ground in grounds_for(quiz, learner)] == [None]
    assert ExamOpening.objects.get().cycle == 1


@pytest.mark.django_db
def test_an_exam_that_was_begun_stays_open_though_its_rule_comes_to_ask_for_more(learner, asking):
    quiz, _course = asking
    Requirement.objects.filter(quiz=quiz).update(opens_after="")
    start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)

    Requirement.objects.filter(quiz=quiz).update(opens_after="etiquette")

    other = person("100002", "司马文澜", learner.postings.get().branch)
    assert [ground.refusal for ground in grounds_for(quiz, learner)] == [None]
    assert [bool(ground.refusal) for ground in grounds_for(quiz, other)] == [True]


@pytest.mark.django_db
def test_a_session_and_its_slip_do_not_let_in_before_it_opens(client, learner, asking):
    quiz, course = asking
    now = timezone.now()
    session = ExamSession.objects.create(
        quiz=quiz,
        branch=bank()["BJ"],
        name="上午场",
        room="301",
        starts_at=now,
        ends_at=now + timedelta(hours=2),
        seats=5,
    )
    Candidate.objects.create(session=session, person=learner)
    client.force_login(learner)

    slip = client.get(reverse("hall:slip", args=[session.uuid])).text

    assert "以下条件达成后开放" in slip and str(course) in slip
    with pytest.raises(RuleViolation):
        start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)


@pytest.mark.django_db
def test_circles_and_what_nobody_can_meet_are_named():
    quiz = level_exam()
    version = version_with({"kind": "no_ban"}, {"kind": "quiz", "quiz": quiz})
    track = version.track

    def why(*rows):
        return [
            (one.place, one.field) for one in unmeetable(track=track, requirements=rows, today=timezone.localdate())
        ]

    first = Requirement(kind="quiz", quiz=quiz, mark="a", opens_after="b")
    second = Requirement(kind="quiz", quiz=quiz, mark="b", opens_after="a")
    assert why(first, second) == [(0, "opens_after"), (1, "opens_after")]
    assert why(Requirement(kind="quiz", quiz=quiz, opens_after="nothing")) == [(0, "opens_after")]
    assert why(Requirement(kind="course", opens_after="a", mark="a")) == [(0, "opens_after")]
    assert why(Requirement(kind="no_ban", group="x", group_needs=2)) == [(0, "group_needs")]
    assert why(Requirement(kind="no_ban", active=False)) == [(None, None)]
    assert why(Requirement(kind="level_held", level=track.level)) == [(0, "level")]
    assert why(Requirement(kind="no_ban")) == []


@pytest.mark.django_db
def test_two_levels_that_ask_for_each_other_are_a_circle():
    lower = version_with({"kind": "no_ban"}, code="cm1", rank=1).track
    upper = version_with({"kind": "level_held", "level": lower.level}, code="cm2", rank=2).track
    asked = [Requirement(kind="level_held", level=upper.level)]

    found = unmeetable(track=lower, requirements=asked, today=timezone.localdate())

    assert [(one.place, one.field) for one in found] == [(0, "level")]


@pytest.mark.django_db
def test_who_is_under_way_finishes_by_the_old_version_until_its_day(learner):
    today = timezone.localdate()
    course, more = course_of(code="etiquette"), course_of(code="more")
    old = version_with({"kind": "course", "course": course}, {"kind": "posted", "phase": "apply"})
    RuleVersion.objects.update(effective_from=today - timedelta(days=90))
    posted = old.requirements.get(kind="posted")
    posted.positions.set(Position.objects.all())
    posted.save()
    new = RuleVersion.objects.create(
        track=old.track, number=2, effective_from=today - timedelta(days=5), transition_until=today
    )
    Requirement.objects.create(rule_version=new, kind="course", course=more)
    enrolment = Enrolment.objects.create(
        learner=learner, course=course, completed_at=timezone.now(), completed_on=today - timedelta(days=6)
    )

    under_way = judge(person=learner, track=old.track, today=today)
    Enrolment.objects.filter(pk=enrolment.pk).update(completed_on=today - timedelta(days=5))
    began_later = judge(person=learner, track=old.track, today=today)
    Enrolment.objects.filter(pk=enrolment.pk).update(completed_on=today - timedelta(days=6))
    RuleVersion.objects.filter(pk=new.pk).update(transition_until=today - timedelta(days=1))
    too_late = judge(person=learner, track=old.track, today=today)

    assert (under_way.version, under_way.finishes_by, under_way.met) == (old, today, True)
    assert (began_later.version, began_later.finishes_by, began_later.met) == (new, None, False)
    assert (too_late.version, too_late.met) == (new, False)
