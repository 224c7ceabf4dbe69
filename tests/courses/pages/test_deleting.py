"""A course that nobody learned goes with its last page, by whoever wrote it; what was learned stays and says so."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from academy.models import Role
from courses.models import CataloguePage, Course, CoursePage, Lesson, LessonPage, Programme, ProgrammeStep
from courses.progress.learning import enrol
from tests.cast import bank, person
from tests.courses.factories import add_lesson, course_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def author(branches, client):
    found = person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER])
    client.force_login(found)
    return found


@pytest.fixture
def draft(author):
    """A course page with a lesson, neither ever published."""
    page = CoursePage(title="跨境汇款", summary="一句话", live=False, owner=author)
    CataloguePage.objects.get(pk=course_of("other").pages.get().get_parent().pk).add_child(instance=page)
    lesson = LessonPage(title="第一节", live=False, owner=author)
    CoursePage.objects.get(pk=page.pk).add_child(instance=lesson)
    return CoursePage.objects.get(pk=page.pk)


def delete(page) -> str:
    return reverse("wagtailadmin_pages:delete", args=[page.pk])


def offered(client, page) -> bool:
    """Whether the editor's menu offers to delete the page."""
    return f'href="{delete(page)}' in client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).text


def test_a_draft_that_nobody_learned_goes_with_its_lessons_and_its_course(client, draft):
    course = draft.course_id
    assert offered(client, draft)
    assert "课程设置将与本页一并删除" in client.get(delete(draft)).text

    answer = client.post(delete(draft), {"next": ""})

    assert answer.url == reverse("course_admin:index")
    assert not Course.objects.filter(pk=course).exists() and not Lesson.objects.filter(course=course).exists()
    client.get(answer.url)
    assert "跨境汇款" not in client.get(answer.url).text


def test_a_copy_in_another_language_goes_alone(client, draft, author):
    english = CoursePage(title="Wires", summary="…", live=False, owner=author, course=draft.course)
    english.locale, english.translation_key = Locale.objects.get(language_code="en"), draft.translation_key
    CataloguePage.objects.get(locale=english.locale).add_child(instance=english)

    answer = client.post(delete(english))

    assert answer.url == reverse("course_admin:edit", args=[draft.course_id])
    assert draft.course.pages.get() == draft


def test_what_was_published_and_learned_is_taken_offline_and_stays(client, author, branches):
    course = course_of("learned", lessons=1)
    page = CoursePage.objects.get(course=course)
    enrol(course=course, learner=person("100001", "欧阳文澜", branches["BJ01"]), now=timezone.now())
    assert not offered(client, page)
    assert "可以取消发布，不能删除" in client.get(delete(page), follow=True).text

    client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]), {"include_descendants": "on"})

    page = CoursePage.objects.get(pk=page.pk)
    assert not page.live and not offered(client, page)
    assert "保留在下线状态" in client.post(delete(page), follow=True).text
    assert CoursePage.objects.filter(pk=page.pk).exists()


def test_what_something_refers_to_or_somebody_else_wrote_is_refused_with_the_reason(client, branches, draft):
    step = ProgrammeStep.objects.create(
        programme=Programme.objects.create(code="new", name="新员工"), month=1, course=draft.course
    )
    assert not offered(client, draft)
    assert "培养计划步骤：1" in client.get(delete(draft), follow=True).text
    step.delete()
    colleague = person("200003", "叶蓁蓁", branches["SH"], roles=[Role.TRAINER])
    client.force_login(colleague)

    assert not offered(client, draft)
    assert "只能由本人删除" in client.post(delete(draft), follow=True).text
    assert CoursePage.objects.filter(pk=draft.pk).exists()
    # Nobody would be left to do it.
    draft.owner.is_active = False
    draft.owner.save()
    assert offered(client, draft)


def test_the_catalogue_itself_is_not_deleted(client, author):
    catalogue = CoursePage.objects.get(course=course_of("kept")).get_parent().specific

    assert not offered(client, catalogue)
    client.post(delete(catalogue))

    assert CataloguePage.objects.filter(pk=catalogue.pk).exists()


def test_a_list_of_pages_asks_no_more_for_three_than_for_one(client, author, django_assert_num_queries):
    page = CoursePage.objects.get(course=course_of("listed", lessons=1))
    address = reverse("wagtailadmin_explore", args=[page.pk])
    client.get(address)
    with django_assert_num_queries(51):
        client.get(address)
    for number in (2, 3):
        add_lesson(page, number)
    # Of several Wagtail asks once more, however many.
    with django_assert_num_queries(52):
        client.get(address)
