"""Taking offline and deleting what counts for a certificate: what it does is told, and a second person agrees."""

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.errors.refusals import RuleViolation
from academy.models import CareerLevel, JournalEntry, Position, Proposal, Role
from certificates.models import CertificationTrack, Requirement, RuleVersion
from courses.models import CoursePage, LessonPage
from courses.progress.learning import enrol
from quizzes.models import Quiz
from tests.cast import bank, person, position
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
QUIZ = "wagtailsnippets_quizzes_quiz"


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def author(branches):
    return person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER, Role.REVIEWER])


@pytest.fixture
def second(branches):
    return person("200002", "秦守诚", branches["SH"], roles=[Role.TRAINER, Role.REVIEWER])


@pytest.fixture
def course(branches):
    """A course with a quiz that a track asks for; somebody is in the middle of it."""
    quiz = quiz_of(bank_of(2), 1, code="course-quiz")
    quiz.save_revision().publish()
    found = course_of("asked", lessons=2, quiz=quiz)
    level = CareerLevel.objects.create(code="CM1", name="初级", rank=10)
    track = CertificationTrack.objects.create(code="cm1", level=level, name="初级认证")
    version = RuleVersion.objects.create(track=track, number=1, effective_from=timezone.localdate())
    Requirement.objects.create(rule_version=version, kind="course", course=found)
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    enrol(course=found, learner=learner, now=timezone.now())
    return found


@pytest.fixture
def page(course):
    return CoursePage.objects.get(course=course)


def quiz() -> Quiz:
    return Quiz.objects.get(code="course-quiz")


def approve(proposal, actor, approve=True):
    return decide_proposal(proposal=proposal, approve=approve, note="不", actor=actor, now=timezone.now())


def test_taking_a_course_offline_says_who_learns_it_and_waits_for_a_second_person(client, author, second, page):
    client.force_login(author)
    address = reverse("wagtailadmin_pages:unpublish", args=[page.pk])
    asked = client.get(address).text
    assert "1 人正在学习" in asked and "初级认证" in asked and "第二人" in asked

    client.post(address, {"reason": "改版"})
    proposal = Proposal.objects.get()
    assert CoursePage.objects.get(pk=page.pk).live and proposal.reason == "改版"
    with pytest.raises(RuleViolation):
        approve(proposal, author)
    client.force_login(second)
    decision = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    assert "初级认证" in decision and "改版" in decision

    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})

    assert not CoursePage.objects.get(pk=page.pk).live
    entry = JournalEntry.objects.get(action="academy.take_offline_counting")
    assert entry.actor == second and entry.payload["reason"] == "改版" and entry.payload["after"]["consequences"]


def test_deleting_a_lesson_waits_and_a_refused_one_stays(client, author, second, page):
    lesson = LessonPage.objects.child_of(page).first()
    client.force_login(author)
    client.post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    proposal = Proposal.objects.get()
    # Once more is not proposed twice.
    client.post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    assert Proposal.objects.count() == 1

    approve(proposal, second, approve=False)
    assert LessonPage.objects.filter(pk=lesson.pk).exists()

    client.post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    approve(Proposal.objects.get(state=Proposal.State.WAITING), second)
    assert not LessonPage.objects.filter(pk=lesson.pk).exists()


def test_what_changed_meanwhile_does_not_go(author, second, page, client):
    client.force_login(author)
    lesson = LessonPage.objects.child_of(page).first()
    client.post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    proposal = Proposal.objects.get()
    lesson.save_revision().publish()

    with pytest.raises(RuleViolation):
        approve(proposal, second)

    assert LessonPage.objects.child_of(page).count() == 2
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.WAITING


def test_a_quiz_goes_offline_by_two_and_a_draft_by_one(client, author, second, course):
    client.force_login(author)
    address = reverse(f"{QUIZ}:unpublish", args=[quiz().pk])
    assert "1 人正在学习" in client.get(address).text
    client.post(address)
    assert quiz().live
    approve(Proposal.objects.get(), second)
    assert not quiz().live

    # Offline nobody sits it: it is a matter of one person, but it is asked by the course.
    answer = client.post(reverse(f"{QUIZ}:delete", args=[quiz().pk]), follow=True)
    assert quiz() and "正在使用" in answer.text and Proposal.objects.count() == 1


def test_a_position_that_is_held_says_by_whom(client, branches, course):
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    client.force_login(hr)
    answer = client.post(reverse("positions:delete", args=[position().pk]), follow=True)

    assert Position.objects.filter(pk=position().pk).exists()
    (told,) = answer.context["messages"]
    assert "正在使用" in str(told) and "任岗记录：2" in str(told)


def test_no_other_door_takes_it_away(author, second, page):
    from wagtail.log_actions import LogContext

    for go in (page.unpublish, page.delete, quiz().unpublish):
        with LogContext(user=author), pytest.raises(RuleViolation), transaction.atomic():
            go()
    assert CoursePage.objects.get(pk=page.pk).live and quiz().live


def test_the_editor_and_the_question_before_deleting_say_that_two_decide(client, author, second, page):
    client.force_login(author)
    assert "须由第二人复核后发布" in client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).text
    lesson = LessonPage.objects.child_of(page).first()
    address = reverse("wagtailadmin_pages:delete", args=[lesson.pk])
    asked = client.get(address).text
    assert "提请删除" in asked and 'name="reason"' in asked
    client.post(address, {"reason": "课程停用"})

    assert LessonPage.objects.filter(pk=lesson.pk).exists()
    assert Proposal.objects.get().reason == "课程停用"
