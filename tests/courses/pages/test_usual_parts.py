"""A new lesson begins with its usual parts; what was left empty does not go out, and drafts keep it."""

import pytest
from django.urls import reverse

from academy.models import Role
from courses.models import CoursePage, LessonPage
from courses.models.blocks import USUAL
from tests.cast import bank, person
from tests.controls import Fields
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(client):
    client.force_login(person("200001", "林知远", bank()["HO"], roles=[Role.TRAINER]))
    parent = CoursePage.objects.get(course=course_of("c1", lessons=0))
    return reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", parent.pk])


def parts(**said: str) -> dict[str, str]:
    """The form of a new lesson with its usual parts, some of them written."""
    sent = {"title": "第一课", "minutes": "4", "summary": "", "body-count": str(len(USUAL))}
    sent |= {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    for number, name in enumerate(USUAL):
        place = f"body-{number}"
        sent |= {f"{place}-deleted": "", f"{place}-order": str(number), f"{place}-type": name, f"{place}-id": ""}
        if name == "say":
            for side in ("say", "avoid"):
                lines = f"{place}-value-{side}"
                sent |= {f"{lines}-count": "1", f"{lines}-0-deleted": "", f"{lines}-0-order": "0"}
                sent[f"{lines}-0-value"] = said.get(side, "")
        elif name == "check":
            sent[f"{place}-value-question"] = ""
        else:
            sent[f"{place}-value"] = said.get(name, "" if name == "remember" else "null")
    return sent


def test_the_form_of_a_new_lesson_stands_ready(client, add):
    page = client.get(add).content.decode()
    assert [page.count(f"&quot;type&quot;: &quot;{name}&quot;") >= 1 for name in USUAL] == [True] * len(USUAL)
    assert Fields(page).data["minutes"] == "4"


def test_what_is_empty_does_not_go_out(client, add):
    written = {"say": "我听您说。", "remember": "先听，再说。"}
    answer = client.post(add, {**parts(**written), "action-publish": "1"})

    assert answer.status_code == 302, answer.content.decode()[-2000:]
    lesson = LessonPage.objects.get()
    assert [block.block_type for block in lesson.body] == ["say", "remember"]
    assert list(lesson.body[0].value["say"]) == ["我听您说。"] and list(lesson.body[0].value["avoid"]) == []
    assert "不要这样说" not in client.get(lesson.url).content.decode()


def test_a_draft_keeps_its_empty_parts(client, add):
    assert client.post(add, parts(remember="先听，再说。"), HTTP_ACCEPT="application/json").json()["success"]
    assert [block.block_type for block in LessonPage.objects.get().body] == list(USUAL)


def test_what_has_begun_is_still_asked_for(client, add):
    """A picture without words is none; a check whose question is missing was left empty."""
    answer = client.post(add, {**parts(), "title": "", "action-publish": "1"})
    assert answer.status_code == 200 and not LessonPage.objects.exists()
