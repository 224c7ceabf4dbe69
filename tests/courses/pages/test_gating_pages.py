"""A lesson without a published page gates nothing: as a draft, deleted, or moved to another course."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Role
from courses.models import CoursePage, CourseQuiz, Enrolment, LessonPage
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from quizzes.attempts import start_attempt, submit_attempt
from tests.cast import bank, person
from tests.courses.factories import add_lesson, course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(client):
    found = person("200001", "讲师", bank()["HO"], roles=[Role.TRAINER])
    client.force_login(found)
    return found


def completed(course) -> bool:
    """Whether a new learner who does every published lesson of the course has completed it."""
    learner = person(f"1{course.pk:05}", "学员", bank()["BJ01"])
    enrolment = enrol(learner=learner, course=course, now=timezone.now())
    for page in LessonPage.objects.live().filter(lesson__course=course):
        progress = record_opening(enrolment=enrolment, lesson=page.lesson, now=timezone.now())
        mark_lesson_done(progress=progress, has_check=False, now=timezone.now())
    enrolment.refresh_from_db()
    return enrolment.completed_at is not None


def test_a_draft_of_a_lesson_gates_nobody_before_it_is_published(trainer):
    course = course_of("drafted", lessons=1)
    draft = LessonPage(title="草稿", slug="draft", live=False)
    CoursePage.objects.get(course=course).add_child(instance=draft)

    assert draft.lesson.withdrawn_at is not None
    assert completed(course)
    draft.save_revision().publish()
    draft.lesson.refresh_from_db()
    assert draft.lesson.withdrawn_at is None


def test_a_deleted_lesson_gates_nobody(client, trainer):
    course = course_of("deleted", lessons=2)

    client.post(f"/cms/pages/{LessonPage.objects.last().pk}/delete/")

    assert LessonPage.objects.count() == 1
    assert completed(course)


def test_a_lesson_moved_to_another_course_is_a_lesson_of_that_one(client, trainer):
    left, taken = course_of("left", lessons=2), course_of("taken", lessons=0)
    target = CoursePage.objects.get(course=taken)
    page = add_lesson(CoursePage.objects.get(course=left), 3)
    page.save_revision()  # A draft from before the move is what the editor opens afterwards.

    client.post(f"/cms/pages/{page.pk}/move/{target.pk}/confirm/")
    page.refresh_from_db()

    assert page.lesson.course == taken and page.lesson.withdrawn_at is None
    page.get_latest_revision_as_object().save_revision().publish()
    assert [lesson.pk for lesson in taken.lessons.all()] == [page.lesson_id]
    assert completed(left) and completed(taken)


def test_the_root_of_all_pages_is_moved_by_nobody(client, trainer):
    page = course_of("kept").pages.get()

    for answer in (client.get, client.post):
        assert answer(f"/cms/pages/1/move/{page.pk}/confirm/").status_code == 404


def test_the_admins_api_takes_nothing_away_without_the_question_before(client, trainer):
    course_of("kept", lessons=1)
    page = LessonPage.objects.get()

    for action in ("delete", "unpublish", "copy", "move"):
        answer = client.post(f"/cms/api/main/pages/{page.pk}/action/{action}/", {}, content_type="application/json")
        assert answer.status_code == 404

    assert LessonPage.objects.live().get() == page


def test_the_home_goes_on_with_a_course_in_which_something_can_be_done(client):
    """A course that only waits for its re-sit gives way to the one read before it, and stands there where nothing else does."""
    branches = bank()
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    waiting, other = course_of("waiting", lessons=1), course_of("other", lessons=2)
    now = timezone.now()
    enrol(learner=learner, course=other, now=now - timedelta(hours=1))
    enrolment = enrol(learner=learner, course=waiting, now=now)
    progress = record_opening(enrolment=enrolment, lesson=waiting.lessons.get(), now=now)
    quiz = quiz_of(bank_of(1), 1, code="gate", kind="course", attempts_allowed=3, wait_minutes=1440, pass_mark=80)
    CourseQuiz.objects.create(course=waiting, quiz=quiz)
    mark_lesson_done(progress=progress, has_check=False, now=now)
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    submit_attempt(attempt=attempt, now=now)
    client.force_login(learner)

    card = client.get("/").text.split('id="continue-title"')[1].split("</section>")[0]

    assert other.local_title in card and waiting.local_title not in card
    Enrolment.objects.filter(course=other).delete()
    assert waiting.local_title in client.get("/").text.split('id="continue-title"')[1].split("</section>")[0]
