"""Filters that are kept under a name: one's own, those that are shared, and where each of them leads."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from academy.models import Role, SavedFilter
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]

QUESTIONS = "/cms/questions/"
LISTING = "wagtailsnippets_quizzes_question:list"


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def trainer(branches):
    return person("200001", "讲师", branches["HO"], roles=[Role.TRAINER])


def keep(client, query, name="待修改的单选题", *, listing=LISTING, **more):
    return client.post(reverse("keep_filter"), {"listing": listing, "query": query, "name": name, **more}, follow=True)


def shown(client, address=QUESTIONS):
    return client.get(address).content.decode()


def test_what_a_listing_shows_is_kept_under_a_name_and_found_again(client, trainer):
    client.force_login(trainer)
    assert "保存此筛选条件" not in shown(client)

    first = shown(client, f"{QUESTIONS}?type=single&state=draft&difficulty=&p=1")
    assert "保存此筛选条件" in first and 'value="state=draft&amp;type=single"' in first
    answer = keep(client, "type=single&state=draft&difficulty=&p=1")

    assert answer.redirect_chain == [(f"{QUESTIONS}?state=draft&type=single", 302)]
    page = shown(client)
    assert f'href="{QUESTIONS}?state=draft&amp;type=single"' in page and "待修改的单选题" in page
    now = shown(client, f"{QUESTIONS}?type=single&state=draft")
    assert 'aria-current="true"' in now and "保存此筛选条件" not in now


def test_the_results_that_a_filter_asks_for_alone_bring_what_can_be_kept_of_them(client, trainer):
    client.force_login(trainer)
    page = shown(client, f"{QUESTIONS}results/?state=draft&_w_filter_fragment=true")

    assert 'value="state=draft"' in page and f'value="{LISTING}"' in page


def test_the_same_name_is_given_anew_and_only_its_owner_takes_it_away(client, branches, trainer):
    client.force_login(trainer)
    keep(client, "state=draft")
    keep(client, "state=live", is_shared="on")
    kept = SavedFilter.objects.get()
    assert (kept.query, kept.is_shared) == ("state=live", True)

    other = person("200009", "另一讲师", branches["HO"], roles=[Role.TRAINER])
    client.force_login(other)
    assert "待修改的单选题" in shown(client)
    assert client.post(reverse("drop_filter", args=[kept.pk])).status_code == 404
    assert "删除此筛选条件" not in shown(client, f"{QUESTIONS}?state=live")

    client.force_login(trainer)
    assert "删除此筛选条件" in shown(client, f"{QUESTIONS}?state=live")
    client.post(reverse("drop_filter", args=[kept.pk]))
    assert not SavedFilter.objects.exists()


def test_what_is_not_shared_is_offered_to_nobody_else(client, branches, trainer):
    client.force_login(trainer)
    keep(client, "q=客户")
    client.force_login(person("200009", "另一讲师", branches["HO"], roles=[Role.TRAINER]))

    assert "待修改的单选题" not in shown(client)


@pytest.mark.parametrize("listing", ["home", "https://example.com/", "no-such:list", ""])
def test_a_filter_belongs_to_a_listing_of_the_admin(client, trainer, listing):
    client.force_login(trainer)

    assert keep(client, "state=draft", listing=listing).status_code == 404
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("name", "query"), [("", "state=draft"), ("名" * 41, "state=draft"), ("名", "q=" + "x" * 1001)]
)
def test_what_cannot_be_kept_is_said_on_the_listing(client, trainer, name, query):
    client.force_login(trainer)
    page = keep(client, query, name).content.decode()

    assert "筛选条件未保存" in page
    assert not SavedFilter.objects.exists()


def test_a_person_keeps_twenty_of_a_listing(client, trainer):
    client.force_login(trainer)
    for number in range(20):
        keep(client, f"q={number}", f"条件{number}")
    page = keep(client, "q=20", "条件20").content.decode()

    assert "您已为此列表保存 20 个筛选条件" in page
    assert SavedFilter.objects.count() == 20


def test_listings_that_a_rule_answers_keep_filters_too(client, branches):
    client.force_login(person("300001", "人事", branches["HO"], roles=[Role.HR]))
    address = reverse("register:index")
    keep(client, "status=held", "持证", listing="register:index")

    assert "持证" in shown(client, address)


def test_kept_filters_cost_one_query_however_many_there_are(client, trainer):

    client.force_login(trainer)
    costs = []
    for count in (1, 3):
        for number in range(count):
            keep(client, f"q={number}", f"条件{number}")
        with CaptureQueriesContext(connection) as caught:
            shown(client)
        costs.append(sum("academy_savedfilter" in query["sql"] for query in caught.captured_queries))
    assert costs == [1, 1]
