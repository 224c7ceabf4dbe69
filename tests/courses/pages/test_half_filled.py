"""A lesson is saved by itself while it is being written: no block that is still empty may break that, or the preview."""

import pytest
from django.urls import reverse
from wagtail import blocks
from wagtail.models import Locale

from academy.models import Branch, Role
from courses.models import CoursePage, LessonPage
from courses.models.blocks import LessonBody
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db
BLOCKS = LessonBody().child_blocks


@pytest.fixture
def course_page(client):
    client.force_login(person("200001", "林知远", bank()["HO"], roles=[Role.TRAINER]))
    return CoursePage.objects.filter(course=course_of("c1")).first()


def empty(block: blocks.Block, name: str) -> dict[str, str]:
    """What the form sends for a block that was added and not yet filled in."""
    if isinstance(block, blocks.StructBlock):
        return {
            key: text
            for child in block.child_blocks.values()
            for key, text in empty(child, f"{name}-{child.name}").items()
        }
    if isinstance(block, blocks.ListBlock):
        return {f"{name}-count": "1", f"{name}-0-deleted": "", f"{name}-0-order": "0", f"{name}-0-value": ""}
    # The editor of rich text writes nothing as null.
    return {name: "null" if isinstance(block, blocks.RichTextBlock) else ""}


def lesson_with(block: str) -> dict[str, str]:
    return {
        "title": "第一课",
        "summary": "",
        "minutes": "5",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": block,
        "body-0-id": "",
        **empty(BLOCKS[block], "body-0-value"),
    }


@pytest.mark.parametrize("block", BLOCKS)
def test_an_empty_block_is_saved_by_itself_and_previewed(client, course_page, block):
    add = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course_page.pk])
    # A browser sends a name of the tab with each preview, as a header says that it wants JSON.
    saved = client.post(add, lesson_with(block), HTTP_ACCEPT="application/json")
    assert saved.status_code == 200, saved.content[:500]
    assert saved.json()["success"] is True

    lesson = LessonPage.objects.get(pk=saved.json()["pk"])
    change = reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    again = client.post(change, lesson_with(block), HTTP_ACCEPT="application/json")
    assert again.json()["success"] is True
    assert client.get(change).status_code == 200

    preview = reverse("wagtailadmin_pages:preview_on_edit", args=[lesson.pk])
    assert client.post(preview, lesson_with(block)).json()["is_valid"] is True
    assert client.get(preview).status_code == 200


def test_a_new_lesson_is_counted_with_the_drafts_and_its_other_language_is_a_translation(client, course_page):
    """A page of its own in the other column would be a lesson without its pair."""
    add = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course_page.pk])
    saved = client.post(add, lesson_with("text"), HTTP_ACCEPT="application/json").json()
    every = LessonPage.objects.child_of(course_page).count()

    preview = reverse("wagtailadmin_pages:preview_on_edit", args=[saved["pk"]])
    client.post(preview, lesson_with("text"))
    assert every > 1 and f"第 {every} 节，共 {every} 节" in client.get(preview).text
    table = client.get(reverse("course_admin:edit", args=[course_page.course_id])).text
    twin = reverse("simple_translation:submit_page_translation", args=[saved["pk"]])
    assert twin not in table
    other = CoursePage.objects.get(pk=course_page.pk).copy_for_translation(Locale.objects.get(language_code="en"))
    table = client.get(reverse("course_admin:edit", args=[course_page.course_id])).text
    other_add = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", other.pk])
    assert twin in table and add in table and other_add not in table


def test_publishing_a_lesson_says_what_stood_empty_and_that_nobody_finds_it_yet(client, course_page):
    course_page.unpublish()
    add = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course_page.pk])
    written = {"deleted": "", "order": "1", "type": "remember", "id": "", "value": "先复述，再核实"}
    form = {**lesson_with("video"), "body-count": "2", **{f"body-1-{key}": value for key, value in written.items()}}

    told = client.post(add, {**form, "action-publish": "1"}, follow=True).text

    assert "当前编写的是简体中文版" in client.get(add).text
    assert "以下部分为空，未予发布：视频" in told
    assert "学员暂时看不到本章节：所属课程的简体中文版尚未发布" in told
    assert [block.block_type for block in LessonPage.objects.get(title="第一课").body] == ["remember"]


def test_what_stood_empty_reaches_nobody_where_the_course_goes_out_as_a_whole(client, course_page):
    """The drafts go out as they were saved: a reader finds no heading without a word, and nothing to try."""
    lesson = LessonPage.objects.child_of(course_page).get()
    lesson.body = [
        ("text", "<p>点钞两遍</p>"),
        ("remember", ""),
        ("say", {"say": ["请您再点一遍", ""], "avoid": [""]}),
        ("practice", "<p></p>"),
    ]
    lesson.save_revision()

    client.post(reverse("course_admin:submit", args=[course_page.course_id]), {"reason": "新课"})
    client.force_login(person("100001", "欧阳文澜", Branch.objects.get(code="BJ01")))
    page = client.get(lesson.get_url(), follow=True).content.decode()

    assert "点钞两遍" in page and "请您再点一遍" in page and "<li></li>" not in page
    assert [words for words in ("要点", "明天试一试", "不要这样说") if words in page] == []
