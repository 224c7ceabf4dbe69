"""Two drafts of two languages that were made apart become one question, and two again."""

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.bank.versions import publish_version
from quizzes.models import Question, QuestionCategory, QuestionImport
from tests.cast import person
from tests.moments import NOW
from tests.quizzes.viewsets.test_import_page import bank, branches, confirm, trainer, upload  # noqa: F401

pytestmark = pytest.mark.django_db
CHINESE = "::题::客户投诉 20 万元的理财，您先做什么？{=倾听 ~解释 ~转交}\n\n::别的::客户投诉 30 万元的存款，您先做什么？{=倾听 ~解释 ~转交}"
ENGLISH = "::q::A client complains about CNY 200,000 in 20 funds. What first?{~Hand over =Listen ~Explain}"


@pytest.fixture
def apart(client, trainer, bank):  # noqa: F811
    """The Chinese question and the English one."""
    confirm(client, upload(client, CHINESE, "zh.gift"))
    confirm(client, upload(client, ENGLISH, "en.gift", language="en"))
    return Question.objects.get(name="题"), Question.objects.get(name="q")


def address(question):
    return reverse("question_join", args=[question.pk])


def page(client, question, **asked):
    return client.get(address(question), asked).content.decode()


def join(client, question, other, *places):
    said = {f"options-{number}": place for number, place in enumerate(places)}
    return client.post(address(question), {"other": other.pk, **said}, follow=True).content.decode()


def test_drafts_of_both_languages_are_joined_with_their_options_and_taken_apart_again(client, apart):
    question, other = apart
    assert f"?other={question.pk}" in page(client, other)
    beside = page(client, question, other=other.pk)
    assert "倾听" in beside and "Hand over" in beside and beside.count("<select") == 3

    said = join(client, question, other, 1, 0, 2)

    joined = Question.objects.get(pk=question.pk).newest_draft()
    texts = [(option["text"]["zh-hans"], option["text"]["en"]) for option in joined.body["options"]]
    assert texts == [("倾听", "Listen"), ("解释", "Hand over"), ("转交", "Explain")]
    assert "已合并为双语草稿" in said and Question.objects.get(pk=other.pk).retired_at is not None
    undo = reverse("quizzes_import_undo", args=[QuestionImport.objects.get(form="joined").pk])
    assert undo in said
    client.post(undo)
    again = Question.objects.get(pk=question.pk).newest_draft()
    assert again.body["stem"].keys() == {"zh-hans"} and Question.objects.get(pk=other.pk).retired_at is None


def test_questions_whose_keys_differ_are_not_joined_and_the_page_says_why(client, apart):
    question, other = apart
    body = other.newest_draft().body
    other.body = {**body, "options": body["options"][:2]}
    other.save()
    other.save_revision()

    beside = page(client, question, other=other.pk)

    assert "无法合并" in beside and 'name="other"' not in beside
    assert join(client, question, other).count("无法合并") == 1
    assert "en" not in Question.objects.get(pk=question.pk).newest_draft().body["stem"]


def test_what_was_published_is_not_taken_in_and_what_was_published_since_is_not_taken_apart(client, apart, trainer):  # noqa: F811
    question, other = apart
    publish_version(question=other, now=NOW, actor=trainer)
    assert "无法" not in page(client, question) and f"?other={other.pk}" not in page(client, question)
    assert "已不是" in join(client, question, other, 0, 1, 2)

    join(client, other, question, 0, 1, 2)
    joined = other.newest_draft()
    assert joined.body["stem"].keys() == {"en"}
    assert Question.objects.get(pk=other.pk).newest_draft().body["stem"].keys() == {"zh-hans", "en"}


def test_a_question_kept_for_exams_is_neither_offered_nor_opened(client, apart, branches):  # noqa: F811
    question, other = apart
    pool = QuestionCategory.objects.create(bank=question.bank, name="考试题", slug="kept", kept_for_exams=True)
    Question.objects.filter(pk=other.pk).update(category=pool)
    client.force_login(person("200009", "甲九", branches["HO"], roles=[Role.TRAINER]))

    assert f"?other={other.pk}" not in page(client, question)
    refused = client.get(address(question), {"other": other.pk}, follow=True).content.decode()
    assert "Listen" not in refused and "考试" in refused
