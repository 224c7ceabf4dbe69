"""A course of one language alone: said plainly, and all around its words is in the reader's language."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from courses.models import CoursePage, LessonPage
from courses.progress.learning import enrol
from courses.starter.loading import ensure_catalogues
from tests.cast import bank, person
from tests.courses.factories import course_of, publish_below

pytestmark = pytest.mark.django_db
PLAIN = {"en": "exists in Chinese only", "zh-hans": "目前只有英文版"}
AROUND = {"en": ("My learning", "Lesson 1 of 1"), "zh-hans": ("我的学习", "第 1 节，共 1 节")}


@pytest.mark.parametrize(("written", "reads"), [("zh-hans", "en"), ("en", "zh-hans")])
def test_a_course_in_the_other_language_only_says_so_and_keeps_the_readers_words_around(client, written, reads):
    course = course_of("one", language=written)
    reader = person("100001", "欧阳文澜", bank()["BJ01"], language=reads)
    enrol(course=course, learner=reader, now=timezone.now())
    client.force_login(reader)
    lesson = LessonPage.objects.get()

    front = client.get(reverse("courses:course", args=["one"]), follow=True).text
    inside = client.get(lesson.url).text

    for page in (front, inside):
        assert PLAIN[reads] in page and AROUND[reads][0] in page
        assert f'lang="{written}"' in page
    assert AROUND[reads][1] in inside and "正文" in inside


def test_where_both_are_live_whoever_opened_the_other_one_reads_it_as_it_is(client):
    course = course_of("both")
    english = CoursePage(title="Both", slug="both", summary="One", locale=Locale.objects.get(language_code="en"))
    english.course = course
    english.translation_key = CoursePage.objects.get(course=course).translation_key
    publish_below(ensure_catalogues([])["en"], english)
    client.force_login(person("100001", "欧阳文澜", bank()["BJ01"], language="en"))

    page = client.get(CoursePage.objects.get(course=course, locale__language_code="zh-hans").url).text

    assert "我的学习" in page and PLAIN["en"] not in page
