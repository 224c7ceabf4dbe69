"""Many questions at once from the list of the bank: moved, tagged, retired, handed in, and nothing that is not allowed."""

import pytest
from django.urls import reverse
from wagtail.models import Revision

from academy.models import Role
from quizzes.models import Question, QuestionBank, QuestionCategory
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, case_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world(client):
    branches = bank()
    category = bank_of(3)
    for question in Question.objects.all():
        question.save_revision().publish()
    client.force_login(person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER, Role.REVIEWER]))
    return category, list(Question.objects.order_by("pk"))


def act(client, name, questions, **form):
    ids = "&".join(f"id={question.pk}" for question in questions)
    address = f"{reverse('wagtail_bulk_action', args=['quizzes', 'question', name])}?next=/cms/questions/&{ids}"
    asked = client.get(address)
    return asked, client.post(address, form, follow=True)


def test_the_list_offers_the_four_acts_and_no_deleting(client, world):
    shown = client.get("/cms/questions/").content.decode()

    assert all(words in shown for words in ("移至分类", "添加标签", "提交审核", "停用"))
    assert "/bulk/quizzes/question/delete/" not in shown


def test_published_questions_move_and_stay_published(client, world):
    category, (first, second, third) = world
    other = QuestionCategory.objects.create(bank=category.bank, name="投诉处理")
    foreign = QuestionCategory.objects.create(bank=QuestionBank.objects.create(name="别的题库"), name="别处")

    asked, done = act(client, "question_move", [first, second], category=other.pk)
    refused = act(client, "question_move", [third], category=foreign.pk)[1].content.decode()

    assert "已选 2 道题目" in asked.content.decode() and "已处理 2 道题目" in done.content.decode()
    moved = Question.objects.filter(category=other)
    assert [(question.pk, question.live, question.has_unpublished_changes) for question in moved.order_by("pk")] == [
        (first.pk, True, False),
        (second.pk, True, False),
    ]
    assert "属于其他题库" in refused and Question.objects.get(pk=third.pk).category == category


def test_tags_are_added_once_to_what_stands_and_to_drafts(client, world):
    _category, (first, second, _third) = world
    draft = first.get_latest_revision_as_object()
    draft.name = "改写中"
    draft.save_revision()

    act(client, "question_tag", [first, second], tags="投诉，重点, 投诉")

    assert Question.objects.get(pk=second.pk).tags == "投诉, 重点"
    # What was being changed stays a draft, with the tag in it.
    first = Question.objects.get(pk=first.pk)
    assert first.has_unpublished_changes and first.name != "改写中"
    newest = Revision.objects.get(pk=first.latest_revision_id).as_object()
    assert (newest.tags, newest.name) == ("投诉, 重点", "改写中")


def test_retired_questions_are_drawn_no_more_and_come_back_by_publishing(client, world):
    category, (first, second, _third) = world

    act(client, "question_retire", [first, second], reason="已过时")
    assert category.questions.filter(live=True, retired_at=None).count() == 1
    assert client.get("/cms/questions/?state=retired").content.decode().count("选甲") == 2

    asked, done = act(client, "question_submit", [Question.objects.get(pk=first.pk)], reason="仍然适用")
    # It needs nobody else, says so before, and how many went out after.
    assert "立即发布" in asked.content.decode() and "已发布 1 道题目" in done.content.decode()
    assert ">None<" not in asked.content.decode()
    assert Question.objects.filter(pk=first.pk, live=True, retired_at=None).exists()


def test_questions_that_one_may_not_read_are_not_touched(client, world):
    _category, questions = world
    pool = QuestionCategory.objects.create(bank=questions[0].bank, name="考试", kept_for_exams=True)
    Question.objects.filter(pk=questions[0].pk).update(category=pool)

    asked, _done = act(client, "question_tag", questions[:2], tags="泄题")

    assert "已选 1 道题目" in asked.content.decode()
    assert (
        Question.objects.get(pk=questions[0].pk).tags == "" and Question.objects.get(pk=questions[1].pk).tags == "泄题"
    )


def test_what_is_retired_stays_retired_when_it_is_tagged_or_moved(client, world):
    category, (first, *_others) = world
    version = first.current_version_id
    other = QuestionCategory.objects.create(bank=category.bank, name="投诉处理")
    act(client, "question_retire", [first], reason="已过时")

    act(client, "question_tag", [first], tags="旧题")
    act(client, "question_move", [first], category=other.pk)

    first.refresh_from_db()
    assert (first.tags, first.category, first.live) == ("旧题", other, False)
    assert first.retired_at is not None and first.current_version_id == version


def test_a_case_moves_with_all_its_questions_or_stays(client, world):
    category, _questions = world
    case = case_of(2, category)
    whole = [case, *case.parts.order_by("pk")]
    other = QuestionCategory.objects.create(bank=category.bank, name="投诉处理")
    for one in whole:
        one.save_revision().publish()

    for some in ([whole[1]], [case], whole[:2]):
        assert "属于案例" in act(client, "question_move", some, category=other.pk)[1].content.decode()
        assert not other.questions.exists()
    act(client, "question_move", whole, category=other.pk)

    assert other.questions.filter(live=True, has_unpublished_changes=False).count() == 3
