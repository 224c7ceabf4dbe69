"""A lesson that quotes the bank's own figures says what holds for its reader, and follows when it changes."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import override
from wagtail.models import Locale

from academy.doors import quoted_in
from academy.house_rules.changing import set_value
from academy.models import HouseRule, HouseRuleValue
from courses.models import LessonPage
from courses.pages.counting import page_problems
from courses.pages.house_rules import learnt_before
from courses.pages.passages import index_lesson
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from tests.academy.house_rules.factories import rule_of, value_of
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule():
    return rule_of("first-reply", "hours", "3")


@pytest.fixture
def lesson():
    course_of("complaints", lessons=1)
    page = LessonPage.objects.get()
    page.body = [("text", "<p>首次答复在 {{ rule:first-reply }} 内。</p>"), ("remember", "{{rule:first-reply}}")]
    page.save_revision().publish()
    return page


def read(client, person, page) -> str:
    client.force_login(person)
    return client.get(page.get_url()).content.decode()


def test_each_reader_reads_their_own_figure_from_one_kept_lesson(rule, lesson, client):
    branches = bank()
    value_of(rule, "5", branch=branches["SH"])
    beijing, shanghai = person("100001", "林见鹿", branches["BJ01"]), person("100002", "沈知夏", branches["SH01"])
    assert "3 小时 内" in read(client, beijing, lesson)
    assert "5 小时 内" in read(client, shanghai, lesson)
    rule.values.filter(branch=None).update(value="4")
    page = read(client, beijing, lesson)
    assert "4 小时 内" in page
    assert "rule:" not in page


def test_the_search_finds_and_shows_each_reader_their_own_figure(rule, lesson, client):
    branches = bank()
    value_of(rule, "5", branch=branches["SH"])
    beijing, shanghai = person("100001", "林见鹿", branches["BJ01"]), person("100002", "沈知夏", branches["SH01"])
    index_lesson(page=lesson, now=timezone.now())

    def found(reader, query: str) -> str:
        client.force_login(reader)
        text = strip_tags(client.get("/zh-hans/", {"q": query}).text.split("<main")[1])
        return " ".join(text.replace("本行规定", "").split())

    assert "首次答复在 3 小时 内" in found(beijing, "首次答复") and "5 小时" not in found(beijing, "首次答复")
    assert "首次答复在 5 小时 内" in found(shanghai, "首次答复") and "3 小时" not in found(shanghai, "首次答复")
    assert "首次答复在 5 小时 内" in found(shanghai, "答复 5 小时") and "首次答复在" not in found(
        beijing, "答复 5 小时"
    )

    stored, wanted = rule.values.get(branch=None), HouseRuleValue.objects.get(branch=None)
    wanted.value = "4"
    set_value(rule=rule, stored=stored, wanted=wanted, actor=None, now=timezone.now())
    assert "首次答复在 4 小时 内" in found(beijing, "答复 4 小时")


def test_a_rule_names_the_lessons_that_quote_it_and_who_learnt_it(rule, lesson):
    learner = person("100001", "林见鹿", bank()["BJ01"])
    progress = record_opening(
        enrolment=enrol(learner=learner, course=lesson.lesson.course, now=timezone.now()),
        lesson=lesson.lesson,
        now=timezone.now(),
    )
    mark_lesson_done(progress=progress, has_check=False, now=timezone.now())
    today = timezone.localdate()
    assert [one.text for one in quoted_in(rule)] == ["章节：第 1 节"]
    assert not learnt_before(rule, day=today).exists()
    assert learnt_before(rule, day=today + timedelta(days=1)).get().enrolment.learner == learner


def test_a_lesson_in_two_languages_is_named_once_in_the_readers(rule, lesson):
    english = Locale.objects.get(language_code="en")
    lesson.get_parent().copy_for_translation(english, copy_parents=True).save_revision().publish()
    twin = lesson.copy_for_translation(english)
    twin.title = "The first reply"
    twin.save_revision().publish()
    with override("zh-hans"):
        assert [quotation.text for quotation in quoted_in(rule)] == ["章节：第 1 节"]
    with override("en"):
        assert [quotation.text for quotation in quoted_in(rule)] == ["Lesson: The first reply"]


def test_a_lesson_that_quotes_no_rule_there_is_does_not_go_out(lesson):
    assert "first-reply" in page_problems(lesson, set())[0]


def test_the_search_finds_the_rule_itself_and_leads_to_it(rule, lesson, client):
    client.force_login(person("100001", "欧阳文澜", bank()["BJ01"]))
    HouseRule.objects.update(name="投诉首次答复时限")

    page = client.get("/zh-hans/?q=投诉时限").text
    assert f"/my/house-rules/?q={quote('投诉首次答复时限')}" in page
    assert "3 小时" in page
