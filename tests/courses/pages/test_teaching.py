"""Which lesson teaches a category: said once by its name when it comes with a file, chosen by people, and then kept."""

import pytest
from django.urls import reverse

from academy.doors import QuestionPlace
from academy.models import Role
from courses.models import Lesson, LessonPage, TaughtCategory
from courses.pages.teaching import places_that_teach
from quizzes.models import QuestionBank, QuestionCategory
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


def taught(category: QuestionCategory) -> list[str]:
    return [place.label for place in places_that_teach([QuestionPlace(1, category.bank_id, category.pk)])]


def category_named(slug: str) -> QuestionCategory:
    made, _created = QuestionBank.objects.get_or_create(slug="cm1-exam", defaults={"name": "考试题库"})
    return QuestionCategory.objects.create(bank=made, slug=slug, name="考题")


@pytest.mark.parametrize(
    ("slug", "lesson"),
    [("c1--lesson-2", "第 2 节"), ("c1--lesson-1-exam", "第 1 节"), ("c1--cases", None), ("c9--lesson-1", None)],
)
def test_a_category_that_comes_named_after_a_lesson_is_taught_by_it(slug, lesson):
    course_of("c1", lessons=2)

    assert taught(category_named(slug)) == ([f"课程 c1 · {lesson}"] if lesson else [])


def test_a_lesson_that_is_renamed_keeps_what_it_teaches():
    course = course_of("c1", lessons=2)
    category = category_named("c1--lesson-2")

    Lesson.objects.filter(course=course, code="lesson-2").update(code="steady-hands")
    QuestionCategory.objects.filter(pk=category.pk).update(slug="anything")
    page = LessonPage.objects.get(slug="lesson-2")
    page.title, page.slug = "手要稳", "steady-hands"
    page.save_revision().publish()

    assert taught(category) == ["课程 c1 · 手要稳"]


def test_while_the_lesson_is_offline_its_course_is_named():
    course_of("c1")
    category = category_named("c1--lesson-1")

    LessonPage.objects.get().unpublish()

    assert taught(category) == ["课程：课程 c1"]


def test_a_lesson_that_moves_to_another_course_teaches_there():
    course_of("c1")
    other = course_of("c2", lessons=0)
    category = category_named("c1--lesson-1")

    LessonPage.objects.get().move(other.pages.get(), pos="last-child")

    assert taught(category) == ["课程 c2 · 第 1 节"]


def test_whoever_edits_a_category_chooses_its_lesson_or_none(client):
    category = bank_of(1)
    course = course_of("c1", lessons=2, quiz=quiz_of(category, 1))
    client.force_login(person("200001", "秦守诚", bank()["HO"], roles=[Role.TRAINER]))
    address = reverse("question_categories:edit", args=[category.pk])
    form = {"bank": category.bank_id, "name": category.name, "name_en": ""}
    assert taught(category) == ["课程：课程 c1"]

    lesson = course.lessons.get(code="lesson-2")
    client.post(address, {**form, "taught_by": lesson.pk})
    assert taught(category) == ["课程 c1 · 第 2 节"]
    assert f'<option value="{lesson.pk}" selected>' in client.get(address).content.decode()

    client.post(address, {**form, "taught_by": ""})
    assert taught(category) == ["课程：课程 c1"]
    # Who said that no lesson teaches it is not overruled by its name.
    QuestionCategory.objects.filter(pk=category.pk).update(slug="lesson-1")
    TaughtCategory.objects.relate(QuestionCategory.objects.all())
    assert taught(category) == ["课程：课程 c1"]
