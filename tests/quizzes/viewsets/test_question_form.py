"""Writing a question asks for little: the place of the last one stands ready, and its name is made of its words."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.models import Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from quizzes.models import Question, QuestionBank, QuestionCategory, Quiz, QuizSlot
from tests.academy.house_rules.factories import rule_of
from tests.cast import bank, person

pytestmark = pytest.mark.django_db
ADD = "/cms/questions/add/?type=single"
SAID = {
    "question_type": "single",
    "body-stem_zh": "客户说听不清，第一句怎么接？",
    "body-text1_zh": "我再慢慢说一遍。",
    "body-text2_zh": "您没认真听。",
    "body-right": "1",
    "difficulty": "medium",
}


@pytest.fixture
def trainer(client):
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER]))
    return client


def banks(*slugs: str) -> list[QuestionBank]:
    return [QuestionBank.objects.create(slug=slug, name=slug) for slug in slugs]


def ready(client) -> tuple[str, str]:
    form = client.get(ADD).context["form"]
    return tuple(str(form[name].value() or "") for name in ("bank", "category"))


def test_what_is_refused_is_not_called_saved_and_leads_to_the_field(trainer):
    banks("one", "two")
    half = {name: value for name, value in SAID.items() if name not in ("body-text2_zh", "body-right")}

    refused = trainer.post(ADD, half).content.decode()

    assert not Question.objects.exists()
    assert "可保存为草稿" not in refused and "除上方所列问题外，发布前还请处理：" in refused
    assert '<a href="#id_bank-label">题库</a>' in refused and 'id="id_bank-label"' in refused


def test_a_name_is_made_of_the_words_and_a_typed_one_stays(trainer):
    (only,) = banks("only")
    for name in ("", "我的名字"):
        answer = trainer.post(ADD, {**SAID, "name": name, "bank": only.pk, "action-publish": "1"})
        assert answer.status_code == 302, answer.content.decode()[-2000:]
    assert list(Question.objects.order_by("pk").values_list("name", flat=True)) == [SAID["body-stem_zh"], "我的名字"]


def test_the_only_bank_stands_ready_and_one_of_several_does_not(trainer):
    (only,) = banks("only")
    assert ready(trainer) == (str(only.pk), "")
    banks("other")
    assert ready(trainer) == ("", "")


def test_the_place_of_the_last_question_stands_ready(trainer):
    _first, second = banks("one", "two")
    category = QuestionCategory.objects.create(bank=second, slug="c", name="类")
    trainer.post(ADD, {**SAID, "name": "", "bank": second.pk, "category": category.pk})
    assert ready(trainer) == (str(second.pk), str(category.pk))

    QuestionCategory.objects.update(kept_for_exams=True)
    assert ready(trainer) == ("", "")


def test_a_bank_with_a_pool_takes_no_question_without_a_category(trainer):
    (only,) = banks("only")
    QuestionCategory.objects.create(bank=only, slug="pool", name="考题", kept_for_exams=True)
    free = QuestionCategory.objects.create(bank=only, slug="free", name="公开")
    for sent in ({**SAID, "bank": only.pk}, {**SAID, "bank": only.pk, "action-publish": "1"}):
        form = trainer.post(ADD, sent).context["form"]
        assert form.errors["category"] == ["该题库含考试专用题，请选择分类。"]
    assert not Question.objects.exists()

    assert trainer.post(ADD, {**SAID, "bank": only.pk, "category": free.pk}).status_code == 302


def test_after_one_stands_the_way_to_the_next(trainer):
    (only,) = banks("only")
    sent = {**SAID, "name": "", "bank": only.pk, "action-publish": "1"}
    said = trainer.post(ADD, sent, follow=True).content.decode()
    assert f'href="{reverse("wagtailsnippets_quizzes_question:add")}?type=single"' in said


@pytest.mark.parametrize("address", [ADD, "/cms/quizzes/add/"])
def test_each_category_to_choose_from_costs_no_query_of_its_own(trainer, address):
    """The name of a category says its bank."""
    costs = []
    for slugs in (["one"], ["two", "three"]):
        for made in banks(*slugs):
            QuestionCategory.objects.create(bank=made, slug="c", name="类")
        trainer.get(address)
        with CaptureQueriesContext(connection) as captured:
            page = trainer.get(address).content.decode()
        assert all(f"{slug} · 类" in page for slug in slugs)
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_a_question_that_names_no_rule_there_is_stays_a_draft_and_says_so(trainer):
    (only,) = banks("only")
    sent = {**SAID, "name": "q", "bank": only.pk, "tags": "rule:first-reply"}
    refused = trainer.post(ADD, {**sent, "action-publish": "1"})
    assert refused.status_code == 200
    assert "没有代码为“first-reply”的本行规定" in refused.content.decode()
    assert trainer.post(ADD, sent).status_code == 302
    rule_of("first-reply", "hours", "3")
    assert trainer.post(ADD, {**sent, "name": "r", "action-publish": "1"}).status_code == 302
    assert Question.objects.get(name="r").current_version.house_rules["first-reply"]


def test_words_that_were_written_for_the_former_key_are_asked_about_at_their_place(trainer):
    (only,) = banks("only")
    said = {
        **SAID,
        "name": "x",
        "bank": only.pk,
        "body-feedback_option1_zh": "答对了！",
        "body-feedback_zh": "应复述。",
    }
    trainer.post(ADD, {**said, "action-publish": "1"})
    question = Question.objects.get()
    rows = {f"body-id{number}": row["id"] for number, row in enumerate(question.body["options"], 1)}
    address = reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])
    turned = {**said, **rows, "body-right": "2"}

    asked = trainer.post(address, turned)
    form = asked.context["form"].body_form
    right_then = Question.objects.get().newest_draft().body["options"][0]["fraction"]
    new_words = {"body-feedback_option1_zh": "再想想。", "body-feedback_zh": "不必复述。"}
    trainer.post(address, {**turned, **new_words})

    assert list(form.errors) == ["feedback_option1_zh", "feedback_zh"] and "words_are_right" in asked.content.decode()
    assert asked.context["form"].errors["__all__"] == [
        "答案已改，但以下文字未改，请核对下方标出的位置：反馈 1、答案解析。"
    ]
    # What is another by now is not named.
    asked = trainer.post(address, {**turned, "body-feedback_option1_zh": "再想想。", "action-publish": "1"})
    assert asked.context["form"].errors["__all__"] == ["答案已改，但以下文字未改，请核对下方标出的位置：答案解析。"]
    assert right_then == "1" and Question.objects.get().newest_draft().body["options"][0]["fraction"] == "0"
    trainer.post(address, {**turned, **new_words, "body-right": "1"})
    assert Question.objects.get().newest_draft().body["options"][0]["fraction"] == "0"
    trainer.post(address, {**turned, **new_words, "body-right": "1", "words_are_right": "1"})
    assert Question.objects.get().newest_draft().body["options"][0]["fraction"] == "1"


def test_whoever_publishes_another_key_is_led_to_the_papers_marked_by_the_former_one(trainer, ground):
    (only,) = banks("only")
    said = {**SAID, "name": "x", "bank": only.pk, "action-publish": "1"}
    trainer.post(ADD, said)
    question = Question.objects.get()
    quiz = Quiz.objects.create(code="q", title="测验", live=True)
    QuizSlot.objects.create(quiz=quiz, question=question, sort_order=0)
    edit = reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])
    repair = f'href="{reverse("question_statistics", args=[question.pk])}"'
    way = "查看受影响的答卷"
    rows = {f"body-id{number}": row["id"] for number, row in enumerate(question.body["options"], 1)}
    unanswered = trainer.post(edit, {**said, **rows, "body-right": "2"}, follow=True).content.decode()
    attempt = start_attempt(
        quiz=quiz, learner=person("100001", "欧阳文澜", bank()["BJ01"]), language="zh-hans", now=timezone.now(), seed=1
    )
    chosen = question.body["options"][0]["id"]
    save_answer(attempt=attempt, slot=1, response={"chosen": chosen}, tab="t", sequence=1, now=timezone.now())
    submit_attempt(attempt=attempt, now=timezone.now())

    turned = trainer.post(edit, {**said, **rows, "body-right": "1"}, follow=True).content.decode()
    same = trainer.post(edit, {**said, **rows, "body-right": "1"}, follow=True).content.decode()

    assert repair in turned and way in turned
    assert way not in unanswered and way not in same


@pytest.mark.parametrize("two", [False, True])
def test_the_way_of_a_wrong_key_has_a_step_more_where_a_second_person_publishes(client, two):
    branches = bank()
    (only,) = banks("only")
    kept = QuestionCategory.objects.create(bank=only, slug="c", name="考题", kept_for_exams=two)
    roles = [Role.TRAINER, Role.EXAM_KEEPER]
    for number in ("200001", "200002"):
        client.force_login(person(number, "宋知远", branches["HO"], roles=roles))
    client.post(ADD, {**SAID, "name": "x", "bank": only.pk, "category": kept.pk})

    page = client.get(reverse("question_statistics", args=[Question.objects.get().pk])).content.decode()

    steps = page.split("答案有误时的更正步骤：")[1].split("</ol>")[0]
    assert steps.count("<li>") == (4 if two else 3) and ("提交第二人复核。" in steps) == two
