"""A page copied for its translation names its words of the other language before it goes out, and after."""

import pytest
from django.urls import reverse
from wagtail.models import Locale

from academy.models import Role
from courses.models import CoursePage, LessonPage
from courses.pages.untranslated import untranslated
from courses.starter.loading import ensure_catalogues
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(client):
    trainer = person("200001", "宋知远", bank()["BJ"], roles=[Role.TRAINER])
    client.force_login(trainer)
    return trainer


@pytest.fixture
def page(trainer):
    """A course with one lesson, written in English and published."""
    catalogue = ensure_catalogues([])["en"]
    english = catalogue.locale
    page = CoursePage(title="Gold", slug="gold", summary="What the bank sells.", locale=english)
    catalogue.add_child(instance=page)
    lesson = LessonPage(title="Three kinds", slug="kinds", locale=english)
    lesson.body = [("text", "<p>Bars, coins, accounts.</p>"), ("remember", "KYC")]
    page.add_child(instance=lesson)
    for one in (page, lesson):
        one.save_revision().publish()
    return page


def copied(client, page) -> None:
    """As the button in the course's settings leads: the language that is missing is ticked."""
    for one in (page, page.get_children().get()):
        address = reverse("simple_translation:submit_page_translation", args=[one.pk])
        asked = client.get(address).context["form"]
        ticked = [box.data["value"].value for box in asked["locales"] if box.data["selected"]]
        assert ticked == [Locale.objects.get(language_code="zh-hans").pk]
        client.post(address, {"locales": ticked})


def test_what_is_not_translated_is_named_by_page_and_field(client, page):
    copied(client, page)
    address = reverse("course_admin:submit", args=[page.course_id])

    warned = client.get(address).text

    assert "“Gold”（简体中文）中以下内容尚未翻译，仍为另一语言的文字：标题、简介。" in warned
    assert "“Three kinds”（简体中文）中以下内容尚未翻译，仍为另一语言的文字：标题、正文。" in warned
    assert "照此发布后" in warned
    # English pages hold English.
    assert untranslated(CoursePage.objects.filter(locale=page.locale)) == []

    course, lesson = (kind.objects.get(locale__language_code="zh-hans") for kind in (CoursePage, LessonPage))
    course.title, course.summary = "黄金产品", "本行销售的产品。"
    lesson.title, lesson.body = "三类产品", [("text", "<p>金条、金币、账户。</p>"), ("remember", "KYC 客户身份识别")]
    for one in (course, lesson):
        one.save_revision()
    translated = client.get(address).text
    assert "黄金产品" in translated and "尚未翻译" not in translated


def test_whoever_publishes_one_page_reads_it_too(client, page):
    copied(client, page)
    copy = CoursePage.objects.get(locale__language_code="zh-hans")
    sent = {
        "title": copy.title,
        "slug": copy.slug,
        "summary": copy.summary,
        "outcomes": "",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "action-publish": "1",
    }
    edit = reverse("wagtailadmin_pages:edit", args=[copy.pk])

    said = client.post(edit, sent, follow=True).text
    copy.refresh_from_db()

    assert copy.live and "尚未翻译，仍为另一语言的文字：标题、简介。" in said
