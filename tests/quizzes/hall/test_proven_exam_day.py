"""Bans, special results and the times of papers are facts that the journal proves."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import decide_proposal
from academy.doors import Ground, grounds_for
from academy.journal import prove_journal, seal_entries
from academy.journal.digests import digest_of
from academy.journal.facts import plain
from academy.journal.recording import record_standing
from academy.models import JournalEntry, Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.overriding import end_override, save_override
from quizzes.attempts.proof import RESULT, _told_of_mark
from quizzes.hall.bans import propose_ban, propose_lifting
from quizzes.hall.console import act
from quizzes.hall.outages import credit_outage, record_incident
from quizzes.hall.results import propose_annulment, propose_taking_back, rule_seat
from quizzes.hall.seating import add_candidates
from quizzes.hall.sessions import arrange_session
from quizzes.models import Attempt, Ban, ExamSession, HallAct, Incident, QuizOverride, SpecialResult
from tests.cast import person
from tests.proven import changed_fields_unseen
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
TIMES = ("started_at", "deadline", "extra_minutes")


@pytest.fixture
def people(branches):
    """HR, a second one who decides, an invigilator, and three who learn."""
    return {
        "hr": person("300001", "苏映雪", branches["BJ"], roles=[Role.HR]),
        "checker": person("300002", "何清源", branches["BJ"], roles=[Role.HR]),
        "watch": person("510001", "沈观澜", branches["BJ"], roles=[Role.INVIGILATOR]),
        "learners": [
            person(f"10000{number}", name, branches["BJ01"])
            for number, name in enumerate(("欧阳文澜", "谢长宁", "罗素衣"), 1)
        ],
    }


@pytest.fixture
def session(branches, people):
    def always(quiz, learner):
        return [Ground(occasion="test:1", label="test", url="/")]

    grounds_for.register(always)
    now = timezone.now()
    exam = quiz_of(bank_of(3), 3, code="exam", kind="exam", time_limit_minutes=60, attempts_allowed=2, pass_mark=60)
    made = arrange_session(
        session=ExamSession(
            quiz=exam,
            branch=branches["BJ"],
            name="上午",
            room="八楼机房",
            starts_at=now - 40 * MINUTE,
            ends_at=now + 140 * MINUTE,
            late_minutes=30,
        ),
        invigilators=[people["watch"]],
        actor=people["hr"],
        now=now - 60 * MINUTE,
    )
    add_candidates(session=made, text="100001\n100002\n100003", actor=people["hr"], now=now - 50 * MINUTE)
    yield made
    grounds_for.functions.remove(always)


def begin(session, learner, minutes_ago=35):
    return start_attempt(
        quiz=session.quiz, learner=learner, language="zh-hans", now=timezone.now() - minutes_ago * MINUTE, seed=1
    )


def decide(proposal, checker):
    decide_proposal(proposal=proposal, approve=True, note="", actor=checker, now=timezone.now())


def give(session, people, attempt, kind, minutes):
    act(
        session=session,
        kind=kind,
        candidates=[attempt.candidate],
        token=uuid4(),
        reason="设备故障",
        actor=people["watch"],
        now=timezone.now(),
        minutes=minutes,
    )


def unseen_times(attempt):
    return changed_fields_unseen(attempt, free={field.attname for field in Attempt._meta.concrete_fields} - set(TIMES))


def holds():
    proof = prove_journal()
    return proof.holds or proof.findings


@pytest.mark.both
def test_the_times_of_a_paper_are_proven_from_its_start_on(session, people):
    attempt = begin(session, people["learners"][0])
    assert (holds(), unseen_times(attempt)) == (True, set())

    give(session, people, attempt, HallAct.Kind.MINUTES, 10)
    attempt.refresh_from_db()
    assert attempt.extra_minutes == 10
    assert (holds(), unseen_times(attempt)) == (True, set())

    submit_attempt(attempt=attempt, now=timezone.now())
    attempt.refresh_from_db()
    assert (holds(), unseen_times(attempt)) == (True, set())

    give(session, people, attempt, HallAct.Kind.REOPEN, 5)
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.IN_PROGRESS
    assert (holds(), unseen_times(attempt)) == (True, set())


@pytest.mark.both
def test_an_outage_and_an_arrangement_move_the_end_with_an_entry(session, people):
    attempt = begin(session, people["learners"][0])
    now = timezone.now()
    incident = record_incident(
        incident=Incident(
            quiz=session.quiz,
            session=session,
            branch=session.branch,
            starts_at=now - 20 * MINUTE,
            ends_at=now - 10 * MINUTE,
            reason="停电",
        ),
        actor=people["watch"],
        now=now,
    )
    assert len(credit_outage(incident=incident, reopen=[], actor=people["watch"], now=now)) == 1
    attempt.refresh_from_db()
    assert (holds(), unseen_times(attempt)) == (True, set())

    override = save_override(
        override=QuizOverride(quiz=session.quiz, name="视障", time_factor=Decimal("1.5")),
        people=[attempt.learner],
        actor=people["hr"],
        now=now,
    )
    longer = Attempt.objects.get(pk=attempt.pk)
    assert longer.deadline != attempt.deadline
    assert (holds(), unseen_times(longer)) == (True, set())
    end_override(override=override, actor=people["hr"], now=now)
    assert holds() is True
    assert JournalEntry.objects.filter(action="quizzes.move_end", about=f"quizzes.attempt:{attempt.pk}").count() == 2


@pytest.mark.both
def test_bans_and_lifted_bans_are_proven_in_every_column(people):
    today = local_day(timezone.now())
    for learner, since in zip(people["learners"], (today - timedelta(days=9), today, today), strict=True):
        decide(
            propose_ban(
                people=[learner],
                line="",
                since=since,
                until=today + timedelta(days=30),
                reason="违纪",
                actor=people["hr"],
                now=timezone.now(),
            ),
            people["checker"],
        )
    for ban in Ban.objects.filter(person__in=people["learners"][:2]):
        decide(propose_lifting(ban=ban, reason="申诉成立", actor=people["hr"], now=timezone.now()), people["checker"])

    assert holds() is True
    assert Ban.objects.count() == 4
    for ban in Ban.objects.all():
        assert changed_fields_unseen(ban, free={"reason"}) == set()
    gone = Ban.objects.filter(withdrawn_at=None).first()
    Ban.objects.filter(pk=gone.pk).delete()
    assert f"quizzes.ban {gone.pk} is gone" in prove_journal().findings[0]


@pytest.mark.both
def test_special_results_are_proven_in_every_column_and_with_them_the_mark(session, people):
    first, second, absent = people["learners"]
    for learner in (first, second):
        attempt = begin(session, learner)
        submit_attempt(attempt=attempt, now=timezone.now())
        decide(
            propose_annulment(kind="void", attempt=attempt, reason="替考", actor=people["hr"], now=timezone.now()),
            people["checker"],
        )
    rule_seat(
        kind="absent",
        candidate=session.candidates.get(person=absent),
        reason="未到",
        actor=people["watch"],
        now=timezone.now(),
    )
    decide(
        propose_taking_back(
            result=SpecialResult.objects.get(person=second), reason="查无此事", actor=people["hr"], now=timezone.now()
        ),
        people["checker"],
    )

    assert holds() is True
    assert SpecialResult.objects.count() == 3
    for result in SpecialResult.objects.all():
        assert changed_fields_unseen(result, free={"reason"}) == set()
    Attempt.objects.filter(learner=first).update(annulled_at=None)
    assert "quizzes.attempt" in prove_journal().findings[0]


@pytest.mark.both
def test_an_entry_from_before_times_were_proven_proves_the_mark_as_it_did(session, people):
    attempt = begin(session, people["learners"][0])
    submit_attempt(attempt=attempt, now=timezone.now())
    JournalEntry.objects.filter(fact=f"quizzes.attempt:{attempt.pk}").delete()
    entry = record_as_before(Attempt.objects.get(pk=attempt.pk))
    seal_entries(now=timezone.now())

    assert prove_journal().holds
    Attempt.objects.filter(pk=attempt.pk).update(extra_minutes=9)
    assert prove_journal().holds
    Attempt.objects.filter(pk=attempt.pk).update(passed=not attempt.passed)
    assert f"is not as journal entry {entry.pk}" in prove_journal().findings[0]


def record_as_before(attempt):
    digest = digest_of({name: plain(value) for name, value in _told_of_mark(attempt).items()})
    with transaction.atomic():
        record_standing(RESULT, [(attempt, digest)], now=timezone.now())
    return JournalEntry.objects.latest("pk")
