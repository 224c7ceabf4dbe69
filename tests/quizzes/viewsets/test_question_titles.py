"""What a list calls a question: its first words, whatever else its stem holds."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from academy.models import Role
from quizzes.viewsets.question_columns import SHOWN, first_words, title_of
from tests.cast import bank, person
from tests.quizzes.factories import bank_of


@pytest.mark.django_db
def test_a_table_in_the_stem_is_no_part_of_the_title():
    question = bank_of(1).questions.get()
    table = "<table><tr><td>月份</td><td>流水</td></tr><tr><td>三月</td><td>8 万</td></tr></table>"
    question.body["stem"] = {"zh-hans": f"<rich-text>{table}<p>哪个月的流水有疑点？</p></rich-text>"}

    with translation.override("zh-hans"):
        assert title_of(question) == "哪个月的流水有疑点？ …"


def test_one_line_stands_whole_and_a_long_one_is_cut():
    assert first_words("甲对吗？") == "甲对吗？"
    assert first_words("字" * 200) == "字" * SHOWN + "…"
    assert first_words("") == ""


@pytest.mark.django_db
def test_titles_that_the_admin_joins_are_written_as_each_language_writes(client):
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER]))
    address = reverse("wagtailsnippets_quizzes_quiz:add")

    title = re.search(r"<title>\s*(\S+)", client.get(address).content.decode())[1]
    assert title == "新建：测验"
    missing = client.post(address, {"action-publish": "1"}).content.decode()
    assert "必需字段" not in missing
