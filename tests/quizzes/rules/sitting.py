"""A paper of a quiz, written and handed in."""

from django.utils import timezone

from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import save_answer
from quizzes.models import (
    Attempt,
    Quiz,
)


def sit(quiz: Quiz, learner, option: str = "b", *, hand_in: bool = True) -> Attempt:
    now = timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    for place in attempt.paper:
        save_answer(attempt=attempt, slot=place["slot"], response={"chosen": option}, tab="t", sequence=1, now=now)
    if not hand_in:
        return attempt
    closed = submit_attempt(attempt=attempt, now=now)
    closed.quiz, closed.learner = quiz, learner
    follow_up(attempt=closed, now=now)
    return closed
