"""Days of practice and papers, for tests."""

from datetime import timedelta

from django.utils import timezone

from academy.calendar.clock import local_day
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import save_answer
from quizzes.models import PracticeDay, Question
from quizzes.practice.daily import answer_place, order_of
from tests.quizzes.factories import named


def answer_all(practice_day, now, right=True):
    for place in practice_day.places:
        version = Question.objects.get(versions=place["version"]).current_version
        raw = {"response": named(place, "a" if right else "b")}
        answer_place(practice_day=practice_day, slot=place["slot"], version=version, raw=raw, now=now)
    practice_day.refresh_from_db()
    return practice_day


def today(slot, option="a"):
    """What the page of today's place calls an option."""
    return named(PracticeDay.objects.get(day=local_day(timezone.now())).places[slot - 1], option)


def booked(row, option, days=0):
    """What the book's page calls an option on a day."""
    day = local_day(timezone.now()) + timedelta(days=days)
    return named({"order": order_of(row.question.current_version, row.person, day)}, option)


def sit(quiz, learner, option="b"):
    now = timezone.now()
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=now, seed=1)
    for place in attempt.paper:
        save_answer(attempt=attempt, slot=place["slot"], response={"chosen": option}, tab="t", sequence=1, now=now)
    closed = submit_attempt(attempt=attempt, now=now)
    closed.quiz, closed.learner = quiz, learner
    follow_up(attempt=closed, now=now)
    return closed
