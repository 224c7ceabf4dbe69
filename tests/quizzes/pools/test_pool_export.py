"""A pool leaves as a file by two people, once, and within a day."""

import hashlib

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal, decision_refusal, proposals_visible_to
from academy.decisions.switching import switch_four_eyes
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Proposal, Role
from quizzes.bank.pool_export import ACTION, FETCH_WITHIN, fetch_refusal, propose_pool_export
from quizzes.models import (
    QuestionCategory,
)
from tests.cast import person
from tests.quizzes.pools.exam_pool import KEY, SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def second(branches):
    return person("300003", "钟礼安", branches["HO"], roles=[Role.HR])


def ask(keeper, reason="异地备份"):
    pool = QuestionCategory.objects.get(pk=KEY)
    return propose_pool_export(
        category=pool, form="gift", language="zh-hans", reason=reason, actor=keeper, now=timezone.now()
    )


def test_a_pool_leaves_as_a_file_by_two_people_and_once(client, keeper, second, question):
    client.force_login(keeper)
    client.post(
        reverse("quizzes_pool_export", args=[KEY]), {"form": "gift", "language": "zh-hans", "reason": "异地备份"}
    )
    proposal = Proposal.objects.get()
    file = reverse("quizzes_pool_file", args=[proposal.pk])
    assert proposal.state == Proposal.State.WAITING
    assert SECRET not in client.post(file, follow=True).text

    client.force_login(second)
    assert "考试" in client.get(reverse("proposals:decide", args=[proposal.pk])).text
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})
    assert client.post(file).status_code == 404

    client.force_login(keeper)
    first, again = client.post(file), client.post(file, follow=True)

    assert SECRET in first.text
    assert SECRET not in again.text
    entry = JournalEntry.objects.get(action="quizzes.fetch_exam_pool")
    assert entry.actor == keeper
    assert entry.payload["after"]["sha256"] == hashlib.sha256(first.content).hexdigest()


def test_a_pool_is_not_exported_alone(branches, keeper, question):
    with pytest.raises(RuleViolation):
        ask(keeper)

    assert not Proposal.objects.exists()


def test_an_approval_runs_out(keeper, second, question):
    proposal = ask(keeper)
    decide_proposal(proposal=proposal, approve=True, note="", actor=second, now=timezone.now())
    proposal.refresh_from_db()

    assert fetch_refusal(proposal=proposal, actor=keeper, now=proposal.decided_at + FETCH_WITHIN) is None
    assert fetch_refusal(proposal=proposal, actor=keeper, now=proposal.decided_at + FETCH_WITHIN * 1.01)
    assert fetch_refusal(proposal=proposal, actor=second, now=proposal.decided_at)


def test_a_branch_decides_nothing_of_a_pool(branches, keeper, second, question):
    proposal = ask(keeper)
    of_branch = person("300002", "陆明川", branches["SH"], roles=[Role.HR])

    assert decision_refusal(proposal=proposal, actor=of_branch, on=timezone.localdate())
    assert not proposals_visible_to(of_branch, timezone.localdate()).exists()
    with pytest.raises(RuleViolation):
        switch_four_eyes(action=ACTION, demanded=False, actor=second, now=timezone.now())


def test_a_trainer_asks_for_no_pool(trainer, second, question):
    with pytest.raises(RuleViolation):
        ask(trainer)
