"""Special results of an exam day: absent, deferred, void, and what two people give back."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from academy.decisions.four_eyes import decide_proposal
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from quizzes.attempts import reopen_attempt, submit_attempt
from quizzes.hall.results import propose_annulment, propose_taking_back, rule_seat, take_back
from quizzes.marking.changes import propose_change
from quizzes.models import Attempt
from tests.cast import person
from tests.quizzes.hall.exam_days import MINUTE, a_session, enter, left, start

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_absent_uses_an_attempt_deferred_does_not(ground, exam, hr, learners, branches):
    gone = a_session(exam, branches["BJ"], hr, [], timezone.now() - 40 * MINUTE)
    absent, deferred, sat = enter(gone, hr, *learners)

    rule_seat(kind="absent", candidate=absent, reason="未到", actor=hr, now=timezone.now())
    rule_seat(kind="absent", candidate=absent, reason="未到", actor=hr, now=timezone.now())
    rule_seat(kind="deferred", candidate=deferred, reason="病假", actor=hr, now=timezone.now())

    assert [left(exam, learner) for learner in learners] == [1, 2, 2]
    assert JournalEntry.objects.filter(action="quizzes.special_result").count() == 2
    with pytest.raises(RuleViolation):
        rule_seat(kind="absent", candidate=deferred, reason="x", actor=hr, now=timezone.now())
    result = take_back(result=absent.special_results.get(), reason="登记有误", actor=hr, now=timezone.now())
    assert result.withdrawn_at is not None
    assert left(exam, learners[0]) == 2
    assert sat.special_results.count() == 0


def test_nobody_is_absent_while_entry_is_open(ground, session, hr, learners):
    (seat,) = enter(session, hr, learners[0])

    with pytest.raises(RuleViolation):
        rule_seat(kind="absent", candidate=seat, reason="x", actor=hr, now=timezone.now())


def test_a_void_mark_counts_nowhere_and_comes_back_when_taken_back(ground, session, exam, hr, learners, client):
    enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    for place in paper.paper:
        paper.answers.create(slot=place["slot"], version_id=place["version"], response={"chosen": "a"})
    submit_attempt(attempt=paper, now=timezone.now())
    assert Attempt.objects.counting().filter(passed=True).count() == 1

    proposal = propose_annulment(kind="void", attempt=paper, reason="泄题", actor=hr, now=timezone.now())

    assert proposal.state == Proposal.State.ALONE
    assert Attempt.objects.counting().count() == 0
    assert left(exam, learners[0]) == 1
    client.force_login(learners[0])
    page = client.get(reverse("quizzes:result", args=[paper.uuid])).content.decode()
    assert "成绩作废" in page
    assert "泄题" in page
    with pytest.raises(RuleViolation):
        propose_annulment(kind="irregular", attempt=paper, reason="x", actor=hr, now=timezone.now())
    propose_taking_back(result=paper.special_results.get(), reason="核实无误", actor=hr, now=timezone.now())
    assert Attempt.objects.counting().filter(passed=True).count() == 1


def test_what_two_people_took_away_two_people_give_back(ground, session, exam, hr, learners, branches, client):
    enter(session, hr, learners[0])
    paper = submit_attempt(attempt=start(exam, learners[0]), now=timezone.now())
    second = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    taken = propose_annulment(kind="void", attempt=paper, reason="泄题", actor=hr, now=timezone.now())
    decide_proposal(proposal=taken, approve=True, note="", actor=second, now=timezone.now())
    result = paper.special_results.get()
    page = reverse("special_results:consequences", args=[result.pk])
    client.force_login(hr)

    with pytest.raises(RuleViolation):
        take_back(result=result, reason="核实无误", actor=hr, now=timezone.now())
    client.post(page, {"reason": "核实无误"})
    client.post(page, {"reason": "核实无误"})
    proposal = Proposal.objects.get(action="quizzes.give_mark_back")
    waits = client.get(page).text

    assert Attempt.objects.counting().count() == 0
    assert reverse("proposals:decide", args=[proposal.pk]) in waits and 'name="reason"' not in waits
    client.force_login(second)
    page = client.get(reverse("proposals:decide", args=[proposal.pk])).text
    # The moment as every other page writes it.
    assert "泄题" in page and date_format(timezone.localtime(paper.started_at), "SHORT_DATETIME_FORMAT") in page
    client.post(reverse("proposals:decide", args=[proposal.pk]), {"decision": "approve"})
    assert Attempt.objects.counting().count() == 1
    assert JournalEntry.objects.get(action="quizzes.take_back_result").actor == second
    assert Notice.objects.get(kind="quizzes.result_taken_back").person == learners[0]


def test_a_paper_whose_mark_was_changed_by_decision_is_not_opened_again(ground, session, exam, hr, learners):
    """Closing it anew would mark it anew, alone."""
    enter(session, hr, learners[0])
    paper = start(exam, learners[0])
    for place in paper.paper:
        paper.answers.create(slot=place["slot"], version_id=place["version"], response={"chosen": "b"})
    paper = submit_attempt(attempt=paper, now=timezone.now())
    answer = paper.answers.select_related("attempt__quiz", "attempt__learner").first()
    propose_change(answer=answer, mark=Decimal("0.5"), reason="部分正确", actor=hr, now=timezone.now())

    with pytest.raises(RuleViolation):
        reopen_attempt(attempt=paper, now=timezone.now(), minutes=10)

    assert paper.answers.get(pk=answer.pk).mark == Decimal("0.5")


def test_who_is_deferred_is_invited_to_no_seat(ground, session, exam, hr, learners, client):
    (seat,) = enter(session, hr, learners[0])
    client.force_login(learners[0])
    before = client.get(exam.get_absolute_url()).text
    rule_seat(kind="deferred", candidate=seat, reason="病假", actor=hr, now=timezone.now())

    page = client.get(exam.get_absolute_url()).text
    assert "您的场次" in before and "您的场次" not in page
    assert page.index("尚未为您安排其他场次") < page.index("disabled")
