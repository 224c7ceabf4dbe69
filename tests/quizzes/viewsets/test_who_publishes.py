"""Where a second person publishes or deletes, the editor says so beforehand and asks for the reason that they read."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.publishing import hand_in
from academy.doors import counts_towards
from academy.models import Proposal, Role
from academy.viewsets.handing_in import PUBLISHED_IN_EDITOR
from quizzes.models import Question, Quiz
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BY_TWO = "须由第二人复核后发布"


@pytest.fixture
def author(branches, client):
    found = person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER])
    client.force_login(found)
    return found


@pytest.fixture
def second(branches):
    return person("200002", "秦守诚", branches["SH"], roles=[Role.TRAINER])


@pytest.fixture
def question(branches):
    """One of a course quiz that a level counts."""

    def counting(thing):
        return ["CM1"] if isinstance(thing, Quiz) and thing.code == "counting" else []

    counts_towards.register(counting)
    quiz_of(bank_of(3), 2, code="counting", kind=Quiz.Kind.COURSE)
    found = Question.objects.order_by("pk").first()
    found.save_revision().publish()
    yield found
    counts_towards.functions.remove(counting)


def editor(client, question):
    return client.get(reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk])).text


def test_the_button_says_that_a_second_person_publishes(client, author, second, question):
    page = editor(client, question)
    assert BY_TWO in page and 'name="reason"' in page and "提交第二人复核" in page


def test_the_button_of_one_who_publishes_alone_says_nothing_of_it(client, author, question):
    page = editor(client, question)
    assert "action-publish" in page
    assert BY_TWO not in page and 'name="reason"' not in page


def test_the_button_of_what_does_not_count_says_nothing_of_it(client, author, second, question):
    Quiz.objects.update(code="nothing asks for it")
    page = editor(client, question)
    assert "action-publish" in page
    assert BY_TWO not in page


def test_deleting_asks_for_the_reason_and_proposes_with_it(client, author, second, question):
    address = reverse("wagtailsnippets_quizzes_quiz:delete", args=[Quiz.objects.get().pk])
    page = client.get(address).text
    assert 'name="reason"' in page and "提请删除" in page
    client.post(address, {"reason": "换成新版测验"})

    assert Quiz.objects.exists()
    assert Proposal.objects.get().reason == "换成新版测验"


@pytest.mark.parametrize(("reason", "said"), [("", False), ("按新规改写", True)])
def test_who_decides_reads_the_question_as_learners_do_and_a_reason_that_somebody_gave(
    client, author, second, question, reason, said
):
    category = question.category
    made = Question(bank=category.bank, category=category, name="新题", type="single", live=False)
    made.body = {**question.body, "stem": {"zh-hans": "客户等候时先说什么？"}}
    made.save()
    reason = reason or str(PUBLISHED_IN_EDITOR)
    hand_in(drafts=[(made, made.save_revision(user=author))], reason=reason, actor=author, now=timezone.now())
    client.force_login(second)

    page = client.get(reverse("proposals:decide", args=[Proposal.objects.get().pk])).text

    assert page.index("客户等候时先说什么") < page.index("正确，得满分")
    assert "正确，得满分" in page and "错误，不得分" in page and "案例中的次序" not in page
    assert ("<dt>事由</dt>" in page) is said
    look = re.search(r'href="([^"]+)"[^>]*>查看学员所见', page)
    assert look and "客户等候时先说什么" in client.get(look[1]).text
