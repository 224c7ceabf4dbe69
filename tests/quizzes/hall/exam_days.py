"""Sessions, candidates and papers of an exam day, for the tests of the hall."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from academy.calendar.clock import local_day
from quizzes.attempts import start_attempt
from quizzes.entry import hall_for
from quizzes.hall.console import act
from quizzes.hall.outages import record_incident
from quizzes.hall.seating import add_candidates
from quizzes.hall.sessions import arrange_session
from quizzes.models import Attempt, Candidate, ExamSession, Incident
from quizzes.rules.chances import chances, rules_for

MINUTE = timedelta(minutes=1)


def a_session(exam, branch, actor, invigilators, starts, **fields) -> ExamSession:
    values = {"room": "三楼机房", "late_minutes": 30, "seats": 30, "name": "上午第一场", **fields}
    made = ExamSession(quiz=exam, branch=branch, starts_at=starts, ends_at=starts + 120 * MINUTE, **values)
    return arrange_session(session=made, invigilators=invigilators, actor=actor, now=timezone.now())


def enter(session, actor, *people):
    text = "\n".join(person.staff_number for person in people)
    checked = add_candidates(session=session, text=text, actor=actor, now=timezone.now())
    assert checked.errors == []
    return [Candidate.objects.get(session=session, person=person) for person in people]


def start(exam, learner, now=None):
    return start_attempt(quiz=exam, learner=learner, language="zh-hans", now=now or timezone.now(), seed=1)


def do(session, kind, candidates, actor, **more):
    values = {"token": uuid4(), "reason": "机器故障", "now": timezone.now(), **more}
    return act(session=session, kind=kind, candidates=candidates, actor=actor, **values)


def left(exam, learner) -> int | None:
    today = local_day(timezone.now())
    return chances(
        quiz=exam,
        rules=rules_for(quiz=exam, learner=learner),
        attempts=list(Attempt.objects.of(exam, learner)),
        occasion="test:1",
        hall=hall_for(exam, learner, today),
    ).left


def an_outage(exam, session, branch, actor, starts, minutes, **fields) -> Incident:
    values = {"quiz": exam, "session": session, "branch": branch, "starts_at": starts, "reason": "断网", **fields}
    return record_incident(
        incident=Incident(ends_at=starts + minutes * MINUTE, **values), actor=actor, now=timezone.now()
    )
