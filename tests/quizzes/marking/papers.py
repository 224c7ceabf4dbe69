"""Papers with an essay, handed in and marked."""

from decimal import Decimal

from django.utils import timezone

from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import save_answer
from quizzes.marking.giving import give_mark
from quizzes.marking.queue import take_next
from quizzes.models import Answer, Question


def hand_in(quiz, learner, text="我先请客户坐下，核实情况。"):
    now = timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    for place in attempt.paper:
        version = Question.objects.get(versions=place["version"])
        response = {"text": text} if version.type == "essay" else {"chosen": "a"}
        save_answer(attempt=attempt, slot=place["slot"], response=response, tab="t", sequence=1, now=now)
    closed = submit_attempt(attempt=attempt, now=now)
    follow_up(attempt=closed, now=now)
    return closed


def mark(answer, marker, fraction="0.75", now=None, **fields):
    now = now or timezone.now()
    assert take_next(question=answer.version.question, marker=marker, now=now) == answer
    return give_mark(
        answer=answer, marker=marker, fraction=Decimal(fraction), chosen={}, comment="先核实", now=now, **fields
    )


def essay_of(attempt) -> Answer:
    return Answer.objects.select_related("version__question", "attempt").get(attempt=attempt, version__type="essay")
