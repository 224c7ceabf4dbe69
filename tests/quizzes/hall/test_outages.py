"""Outages of an exam day: their minutes once, and never of another branch."""

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry
from quizzes.attempts.following_up import close_overdue_attempts
from quizzes.hall.outages import credit_outage, dues, papers_hit
from quizzes.models import Attempt, OutageCredit
from tests.quizzes.hall.exam_days import MINUTE, a_session, an_outage, enter, start

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_an_outage_gives_its_minutes_once_and_an_overlap_never_twice(ground, session, exam, hr, branches, learners):
    enter(session, hr, *learners[:2])
    now = timezone.now()
    paper = start(exam, learners[0], now=now - 8 * MINUTE)
    before = paper.deadline
    first = an_outage(exam, session, branches["BJ"], hr, now - 9 * MINUTE, 5)
    second = an_outage(exam, None, branches["BJ"], hr, now - 6 * MINUTE, 5)

    for incident in (first, first, second):
        credit_outage(incident=incident, reopen=[], actor=hr, now=timezone.now())

    paper.refresh_from_db()
    # Four of the first five minutes, for the paper began a minute into it; three of the second five are new.
    assert (paper.deadline - before) == 7 * MINUTE
    assert OutageCredit.objects.count() == 2
    assert JournalEntry.objects.filter(action="quizzes.credit_outage").count() == 2
    again = dues(incident=first, papers=papers_hit(incident=first, now=timezone.now()))
    assert [due.span for due in again] == [None]


def test_a_paper_that_ran_out_in_an_outage_is_reopened_where_ticked(ground, exam, hr, branches, learners):
    now = timezone.now()
    long_ago = a_session(exam, branches["BJ"], hr, [], now - 100 * MINUTE)
    enter(long_ago, hr, *learners[:2])
    papers = [start(exam, learner, now=now - 80 * MINUTE) for learner in learners[:2]]
    close_overdue_attempts(now=now)
    incident = an_outage(exam, long_ago, branches["BJ"], hr, now - 30 * MINUTE, 20)

    shown = dues(incident=incident, papers=papers_hit(incident=incident, now=now))
    assert [(due.minutes, due.reopens) for due in shown] == [(10, True), (10, True)]
    credit_outage(incident=incident, reopen=[papers[0].pk], actor=hr, now=timezone.now())

    for paper in papers:
        paper.refresh_from_db()
    assert [paper.state for paper in papers] == ["in_progress", "finished"]
    assert 9 * MINUTE < papers[0].deadline - now <= 11 * MINUTE


def test_an_outage_of_another_branch_touches_nobody_here(ground, session, exam, hr, branches, learners):
    enter(session, hr, learners[0])
    start(exam, learners[0])
    now = timezone.now()
    incident = an_outage(exam, None, branches["SH"], hr, now - 5 * MINUTE, 5)

    assert list(papers_hit(incident=incident, now=now)) == []
    with pytest.raises(RuleViolation):
        an_outage(exam, None, branches["SH"], hr, now + 5 * MINUTE, 5)


def test_hr_credits_an_outage_by_the_screen(ground, session, exam, hr, branches, learners, client):
    enter(session, hr, learners[0])
    now = timezone.now()
    start(exam, learners[0], now=now - 9 * MINUTE)
    incident = an_outage(exam, session, branches["BJ"], hr, now - 6 * MINUTE, 4)
    client.force_login(hr)
    address = reverse("incidents:credit", args=[incident.pk])

    assert "欧阳文澜" in client.get(address).content.decode()
    for _ in range(2):
        client.post(address, {})

    assert Attempt.objects.get().extra_minutes == 4
    assert "欧阳文澜" in client.get(address).content.decode()
