"""Questions, quizzes and what stands beside them are saved by themselves while they are being written: as empty as they are."""

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.models import Question, QuestionBank
from quizzes.types import QUESTION_TYPES
from tests.cast import bank, person
from tests.controls import Fields
from tests.demo.walking import addresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(client):
    client.force_login(person("900001", "管理员", bank()["HO"], roles=[Role.TRAINER], is_superuser=True))
    return client


def saved_by_itself(client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200, address
    sent = Fields(page.content.decode()).data
    for typed in ({}, {"title": "礼", "name": "礼"}):
        answer = client.post(address, {**sent, **typed}, HTTP_ACCEPT="application/json")
        assert answer.status_code < 500, (address, answer.content[:300])


@pytest.mark.parametrize("code", QUESTION_TYPES)
def test_an_empty_question_of_each_type_is_saved_by_itself_or_told_why_not(trainer, code):
    saved_by_itself(trainer, f"/cms/questions/add/?type={code}")


def test_every_form_of_the_admin_that_makes_something_is_sent_as_it_stands(trainer):
    forms = [address for address in addresses() if address.name.endswith(":add") and "<" not in address.template]
    opened = [address.template for address in forms if trainer.get(address.template).status_code == 200]
    assert len(opened) > 10

    for template in opened:
        saved_by_itself(trainer, template)


HALF = {
    "single": {"stem_zh": "第一句怎么接？"},
    "multiple": {"text1_zh": "我再慢慢说一遍。", "scoring": "partial"},
    "truefalse": {"stem_en": "The reviewer may be the author."},
    "shorttext": {"stem_zh": "几天？"},
    "numeric": {"stem_zh": "几元？", "tolerance": "", "tolerance_kind": "absolute"},
    "matching": {"left1_zh": "先听", "scoring": "pairs"},
    "ordering": {"text1_zh": "先听", "scoring": "pairs"},
    "cloze": {"stem_zh": "先[[=听"},
    "essay": {"guide_zh": "两点"},
    "information": {},
    "case": {"title_zh": "现金日"},
    "dialogue": {"title_zh": "急着汇款", "mood": 3},
}


@pytest.mark.parametrize("code", QUESTION_TYPES)
def test_a_half_written_question_of_each_type_is_kept_and_publishing_asks_for_the_rest(trainer, code):
    home = QuestionBank.objects.create(slug="h", name="h")
    typed = {f"body-{name}": value for name, value in HALF[code].items()}
    sent = {"question_type": code, "bank": home.pk, "difficulty": "medium", **typed}

    opened = trainer.post(f"/cms/questions/add/?type={code}", sent, follow=True)

    question = Question.objects.get()
    form = opened.context["form"].body_form
    for name, value in HALF[code].items():
        assert str(form[name].value()) == str(value or 0), name
    assert "可保存为草稿。发布前请处理：" in opened.content.decode()
    address = reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])
    refused = trainer.post(address, {**sent, "action-publish": "1"})
    assert refused.status_code == 200 and not Question.objects.get().live


@pytest.mark.parametrize("code", QUESTION_TYPES)
def test_a_draft_that_holds_what_cannot_be_stored_is_refused_at_its_place(trainer, code):
    home = QuestionBank.objects.create(slug="h", name="h")
    bad = {"body-stem_zh": "字" * 13_000}
    chosen = {f"body-{name}": HALF[code][name] for name in ("scoring", "mood", "tolerance_kind") if name in HALF[code]}
    sent = {"question_type": code, "bank": home.pk, "difficulty": "medium", **chosen, **bad}

    refused = trainer.post(f"/cms/questions/add/?type={code}", sent)

    assert "stem_zh" in refused.context["form"].body_form.errors and not Question.objects.exists()
