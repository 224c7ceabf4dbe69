"""The categories above the list of questions: a tree with counts, each a way to the questions of it and below it."""

import re

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.models import Question, QuestionBank, QuestionCategory
from quizzes.pools.category_tree import category_tree
from tests.cast import bank as house
from tests.cast import person
from tests.quizzes.factories import body

pytestmark = pytest.mark.django_db
LIST = reverse("wagtailsnippets_quizzes_question:list")


@pytest.fixture
def trainer(client):
    found = person("200001", "罗启明", house()["HO"], roles=[Role.TRAINER])
    client.force_login(found)
    return found


def questions(where, count=1):
    bank, _made = QuestionBank.objects.get_or_create(slug="b", defaults={"name": "零售题库"})
    category = None
    if where:
        category, _made = QuestionCategory.objects.get_or_create(bank=bank, name=where)
    for number in range(count):
        Question.objects.create(
            bank=bank, category=category, name=f"{where}{number}", type="single", body=body(f"{where}{number}")
        )
    return category


def shown(page):
    """Label and number of each place of the tree, in its order."""
    tree = re.search(r'<nav class="category-tree".*?</nav>', page, re.DOTALL)[0]
    return re.findall(
        r'<a href="[^"]*place=[^"]*"[^>]*>([^<]*)</a>\s*<span class="category-tree__count">([\d,]+)</span>', tree
    )


def test_a_category_counts_what_lies_below_it(client, trainer):
    questions("存款")
    questions("存款/个人", 2)
    questions("存款/对公/结算", 3)
    questions("理财")
    questions("")

    assert shown(client.get(LIST).content.decode()) == [
        ("零售题库", "8"),
        ("存款", "6"),
        ("个人", "2"),
        ("对公", "3"),
        ("结算", "3"),
        ("理财", "1"),
    ]


def test_a_place_of_the_tree_narrows_the_list_to_what_lies_there_and_below(client, trainer):
    questions("存款/个人", 2)
    questions("存款业务", 1)
    pages = {place: client.get(LIST, {"place": f"b{place}"}) for place in ("", "/存款", "/存款/个人", "/无")}

    assert {place: len(page.context["object_list"]) for place, page in pages.items()} == {
        "": 3,
        "/存款": 2,
        "/存款/个人": 2,
        "/无": 0,
    }
    for wrong in ("x", "/", "b//", "x" * 500):
        assert client.get(LIST, {"place": wrong}).status_code == 200
    page = client.get(LIST, {"place": "b/存款", "difficulty": "medium"}).content.decode()
    assert 'aria-current="true">存款</a>' in page
    # What else is asked stays, and the way back out of the tree is there.
    assert f'href="{LIST}?difficulty=medium">全部分类</a>' in page


def test_what_is_kept_for_exams_is_counted_for_its_keepers_only(client, trainer):
    questions("存款")
    kept = questions("认证", 2)
    kept.kept_for_exams = True
    kept.save()

    assert shown(client.get(LIST).content.decode()) == [("零售题库", "1"), ("存款", "1")]


@pytest.mark.parametrize("count", [1, 3])
def test_the_tree_costs_three_queries_whatever_its_size(trainer, django_assert_num_queries, count):
    for number in range(count):
        questions(f"甲/乙{number}", count)

    with django_assert_num_queries(3):
        assert category_tree(Question.objects.all(), chosen="", address=str)[0].count == count * count
