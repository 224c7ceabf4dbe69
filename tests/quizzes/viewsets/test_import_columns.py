"""Tables whose headings nobody foresaw: a person says what the columns hold, once."""

import io

import pytest
import xlsxwriter
from django.urls import reverse

from academy.models import Role
from quizzes.models import QuestionBank
from tests.cast import bank, person
from tests.quizzes.viewsets.test_import_page import page_of, upload

pytestmark = pytest.mark.django_db
ROWS = [("考查内容", "甲项", "乙项", "标准", "出题人"), ("存款保险限额？", "30万", "50万", "B", "甲")]


def workbook():
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
    return data.getvalue()


def test_columns_that_are_not_known_are_named_by_the_person_and_known_the_next_time(client):
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER]))
    QuestionBank.objects.create(slug="b", name="题库")
    run = upload(client, workbook(), "题.xlsx")
    assert page_of(client, run).count('name="heading"') == 5

    said = {"heading": ROWS[0], "role": ["stem", "A", "B", "key", "nonsense"], "columns": "1"}
    client.post(reverse("quizzes_import_run", args=[run.pk]), said)

    assert "存为草稿：1 道题" in page_of(client, run)
    again = page_of(client, upload(client, workbook(), "题.xlsx"))
    assert "存为草稿：1 道题" in again and '<option value="key" selected>' in again


def test_what_one_person_said_of_columns_is_not_said_for_another(client):
    branches = bank()
    QuestionBank.objects.create(slug="b", name="题库")
    for number in ("200001", "200009"):
        client.force_login(person(number, "讲师", branches["HO"], roles=[Role.TRAINER]))
        run = upload(client, workbook(), "题.xlsx")
        nothing = page_of(client, run)
        assert "没有可存的题目" in nothing and reverse("quizzes_import_preview", args=[run.pk]) not in nothing
        said = {"heading": ROWS[0], "role": ["stem", "A", "B", "key", ""], "columns": "1"}
        client.post(reverse("quizzes_import_run", args=[run.pk]), said)
