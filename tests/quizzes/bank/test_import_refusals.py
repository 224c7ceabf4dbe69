"""What a file may not do to questions that stand: change what is published, or carry it into another category."""

from copy import copy

import pytest
import yaml
from django.utils import timezone

from academy.house_rules.changing import set_value
from academy.models import Role
from quizzes.bank.importing import store_questions
from quizzes.interchange import read_cases, read_gift
from quizzes.models import Question, QuestionCategory
from tests.academy.house_rules.factories import rule_of
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER])


@pytest.fixture
def category():
    """With a published question ``x``, of medium difficulty and without tags."""
    found = bank_of(0)
    question = Question.objects.create(
        bank=found.bank, category=found, name="x", external_id="x", type="single", body=body()
    )
    question.save_revision().publish()
    return found


def store(result, actor, **more):
    return store_questions(
        result=result, bank_slug="tests", language="zh-hans", now=timezone.now(), actor=actor, **more
    )


def file_of(*tags, difficulty="hard", right="甲"):
    labels = "".join(f" [tag:{tag}]" for tag in tags)
    return read_gift(f"// [id:x] [difficulty:{difficulty}]{labels}\n选甲{{={right} ~乙}}", language="zh-hans")


def case_file(*parts, category="all"):
    texts = {"title": {"zh-hans": "案例"}, "stem": {"zh-hans": "流水"}}
    data = {"code": "case", "category": category, **texts, "questions": list(parts)}
    return read_cases(yaml.safe_dump(data, allow_unicode=True), language="zh-hans")


def new_part(name):
    return {"id": name, "body": body(f"{name}对", f"{name}错")}


def drawn_by(question):
    return Question.objects.filter(pk=question.pk).values_list("difficulty", "tags", "category__slug", "case").get()


def test_a_file_changes_the_draft_of_what_is_published_and_nothing_that_is_drawn_by(trainer, category):
    question = Question.objects.get()

    done = store(file_of("rule:no-such-rule", "重点"), trainer)

    assert done.updated == 1 and drawn_by(question) == ("medium", "", "all", None)
    question.refresh_from_db()
    draft = question.newest_draft()
    assert (draft.difficulty, draft.tags) == ("hard", "rule:no-such-rule, 重点")
    assert question.live and question.has_unpublished_changes


def test_a_tag_of_a_file_does_not_stand_against_a_house_rule(trainer, category):
    stored = rule_of("first-reply", "hours", "3").values.get()
    Question.objects.update(tags="rule:first-reply")
    wanted = copy(stored)
    wanted.value = "5"

    store(file_of("rule:first-reply", "rule:no-such-rule"), trainer)
    set_value(rule=stored.rule, stored=stored, wanted=wanted, actor=None, now=timezone.now())

    stored.refresh_from_db()
    assert stored.value == "5"


def test_the_second_file_goes_on_from_the_draft_of_the_first(trainer, category):
    store(file_of("重点"), trainer)

    again = store(file_of("重点"), trainer)
    english = read_gift("// [id:x]\nChoose anew{=A ~B}", language="en")
    store_questions(result=english, bank_slug="tests", language="en", now=timezone.now(), actor=trainer)

    assert again.updated == 0
    draft = Question.objects.get().newest_draft()
    assert (draft.tags, draft.difficulty, draft.body["stem"]["en"]) == ("重点", "hard", "Choose anew")


@pytest.mark.parametrize("roles", [(Role.TRAINER,), (Role.TRAINER, Role.EXAM_KEEPER)])
def test_a_case_takes_no_question_that_lies_elsewhere(category, roles):
    QuestionCategory.objects.create(bank=category.bank, slug="pool", name="考题", kept_for_exams=True)
    actor = person("200003", "甲七", bank()["HO"], roles=roles)
    question = Question.objects.get()

    for place in ("pool", "new"):
        done = store(case_file("x", new_part("y"), category=place), actor, skip_errors=True)
        assert [error.line for error in done.result.errors if "案例" in error.message or "考试" in error.message]

    assert drawn_by(question) == ("medium", "", "all", None)
    assert question.revisions.count() == 1
    assert not Question.objects.filter(type="case").exists()


def test_a_case_takes_what_lies_in_its_own_category_as_a_draft(trainer, category):
    question = Question.objects.get()

    done = store(case_file("x", new_part("y")), trainer)

    assert done.result.errors == [] and drawn_by(question) == ("medium", "", "all", None)
    question.refresh_from_db()
    assert question.newest_draft().case == Question.objects.get(type="case")


def test_into_a_bank_with_a_pool_no_question_comes_without_a_category(category):
    QuestionCategory.objects.create(bank=category.bank, slug="pool", name="考题", kept_for_exams=True)
    keeper = person("200004", "甲六", bank()["HO"], roles=[Role.TRAINER, Role.EXAM_KEEPER])

    done = store(read_gift("新{T}\n\n$CATEGORY: 考题\n\n另{T}", language="zh-hans"), keeper, skip_errors=True)
    case = store(case_file(new_part("y"), new_part("z")), keeper)

    assert [(error.line, "请写明分类" in error.message) for error in done.result.errors] == [(1, True)]
    assert done.created == 1 and case.result.errors == []
    assert not Question.objects.filter(category=None).exists()


@pytest.mark.parametrize("kept", [True, False])
def test_a_category_that_a_file_brings_is_kept_where_all_of_the_bank_are(category, kept):
    QuestionCategory.objects.create(bank=category.bank, slug="pool", name="考题", kept_for_exams=True)
    QuestionCategory.objects.filter(pk=category.pk).update(kept_for_exams=kept)
    keeper = person("200004", "甲六", bank()["HO"], roles=[Role.TRAINER, Role.EXAM_KEEPER])

    store(read_gift("$CATEGORY: 没见过的\n\n新{T}", language="zh-hans"), keeper)

    assert QuestionCategory.objects.get(name="没见过的").kept_for_exams is kept


def test_only_keepers_put_questions_into_a_pool(trainer, category):
    QuestionCategory.objects.create(bank=category.bank, slug="pool", name="考题", kept_for_exams=True)
    text = read_gift("$CATEGORY: 考题\n\n新{T}", language="zh-hans")
    keeper = person("200004", "甲六", bank()["HO"], roles=[Role.EXAM_KEEPER])

    refused, done = store(text, trainer), store(text, keeper)

    assert [("考试专用" in error.message, error.line) for error in refused.result.errors] == [(True, 3)]
    assert (refused.created, done.created) == (0, 1)
