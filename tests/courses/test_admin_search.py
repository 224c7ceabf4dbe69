"""The admin's search leads from pages to courses, questions and quizzes; their lists find words inside a run of Chinese."""

import re
from html import unescape

import pytest
from django.urls import reverse
from wagtail.admin.search import admin_search_areas

from academy.models import Role
from quizzes.models import Quiz
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def areas(client, word):
    """The other places that the admin's search offers for a word: address by label."""
    page = client.get(reverse("wagtailadmin_pages:search"), {"q": word}).text
    found = re.findall(r'<a href="([^"]*\?q=[^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return {re.sub(r"<[^>]*>", "", label).strip(): unescape(address) for address, label in found}


def test_search_finds_courses_questions_and_quizzes_by_a_word_inside_chinese(client):
    branches = bank()
    made = quiz_of(bank_of(2), 1, code="visit")
    Quiz.objects.filter(pk=made.pk).update(title="大堂接待测验")
    course_of("接待老年客户")
    client.force_login(person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER]))

    offered = areas(client, "老年")
    assert {"课程", "题目", "测验"} <= offered.keys()
    assert "接待老年客户" in client.get(offered["课程"]).text
    assert "大堂接待测验" in client.get(areas(client, "接待")["测验"]).text


def test_search_offers_no_list_that_is_closed_to_the_person(rf):
    branches, request = bank(), rf.get("/")
    shown = {}
    for number, role in (("300001", Role.HR), ("200001", Role.TRAINER)):
        request.user = person(number, "苏映雪", branches["HO"], roles=[role])
        shown[role] = {area.name for area in admin_search_areas.search_items_for_request(request)}

    assert {"question", "quiz"} <= shown[Role.TRAINER]
    assert not {"question", "quiz"} & shown[Role.HR]
