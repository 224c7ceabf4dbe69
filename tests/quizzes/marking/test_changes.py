"""A released mark is changed by two people with a reason, within bounds, in their part of the bank."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from quizzes.attempts.saving import save_answer
from quizzes.marking.changes import propose_change
from tests.cast import person
from tests.quizzes.marking.papers import essay_of, hand_in, mark

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_released_mark_changes_by_two_people_with_a_reason(quiz, learner, markers, hr, client):
    attempt = hand_in(quiz, learner)
    mark(essay_of(attempt), markers[0], "0.25")
    attempt.refresh_from_db()
    assert attempt.passed is False
    paper = reverse("quiz_paper", args=[attempt.uuid])
    slot = essay_of(attempt).slot
    client.force_login(hr[0])
    save_answer(
        attempt=attempt, slot=slot, response={"text": "想起来还要补一句"}, tab="t", sequence=99, now=timezone.now()
    )
    seen = client.get(paper).content.decode()
    assert "我先请客户坐下" in seen
    assert "想起来还要补一句" in seen and "不计分的作答 1 条" in seen

    client.post(paper, {"slot": slot, "mark": "3", "reason": "成绩复核"})
    attempt.refresh_from_db()
    assert attempt.mark == 2
    proposal = Proposal.objects.get()
    client.force_login(hr[1])
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve", "note": ""})

    attempt.refresh_from_db()
    entry = JournalEntry.objects.get(action="quizzes.change_mark")
    assert (attempt.mark, attempt.passed) == (4, True)
    assert (entry.actor, entry.person, entry.payload["reason"]) == (hr[1], learner, "成绩复核")
    assert entry.payload["before"]["mark"] == "2"
    assert Notice.objects.filter(person=learner, kind="quizzes.mark_changed").count() == 1


def test_a_quarter_of_a_mark_is_not_rounded_beside_its_sum(quiz, learner, markers, client):
    quiz.slots.filter(question__type="essay").update(mark=1)
    attempt = hand_in(quiz, learner)
    mark(essay_of(attempt), markers[0], "0.25")
    client.force_login(learner)

    page = client.get(f"{attempt.get_absolute_url()}result/").content.decode()

    assert "0.25 / 1<" in page and "0.3 / 1<" not in page


@pytest.mark.parametrize("mark_given", ["-1", "4.01", "1"])
def test_a_mark_out_of_bounds_or_the_same_is_refused(quiz, learner, markers, hr, mark_given):
    attempt = hand_in(quiz, learner)
    mark(essay_of(attempt), markers[0], "0.25")

    with pytest.raises(RuleViolation):
        propose_change(answer=essay_of(attempt), mark=Decimal(mark_given), reason="x", actor=hr[0], now=timezone.now())


def test_papers_of_another_branch_are_not_found(quiz, learner, markers, branches, client):
    attempt = hand_in(quiz, learner)
    paper = reverse("quiz_paper", args=[attempt.uuid])
    for number, role, branch in [("300009", Role.HR, "SH"), ("200009", Role.TRAINER, "HO")]:
        client.force_login(person(number, "某人", branches[branch], roles=[role]))
        assert client.get(paper).status_code == 404
        assert client.post(paper, {"slot": "1", "mark": "1", "reason": "x"}).status_code == 404
