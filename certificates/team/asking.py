"""申请观察: one observed practice is asked of the assessors who answer for the person's branch, and taken back."""

from datetime import date, datetime

from django.db import transaction
from django.db.models.query import QuerySet

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import User
from certificates.team.words import checked_words, words_of_taking_back
from quizzes.models import Observation, ObservedPractice
from quizzes.models.observing import OPEN
from quizzes.observing import booking


def refuse_what_cannot_be_asked(person: User, practice: ObservedPractice, today: date) -> None:
    """Raises ``RuleViolation`` where it is asked for already, or may not be asked for yet."""
    refusal = booking.asking_refusal(practice=practice, person=person, today=today)
    if refusal:
        raise RuleViolation(refusal)


@transaction.atomic
def ask_for_observation(
    *, manager: User, person: User, practice: ObservedPractice, words: str, now: datetime
) -> Observation:
    """Twice is once. Raises ``RuleViolation`` where nobody could observe it, or it may not be asked for."""
    words = checked_words(words)
    going_on = _open(person, practice).first()
    return going_on or booking.ask(practice=practice, person=person, actor=manager, words=words, now=now)


@transaction.atomic
def take_request_back(
    *, manager: User, person: User, practice: ObservedPractice, words: str, now: datetime
) -> Observation | None:
    """Ends what a manager asked for; on its own day without a reason, until a time is offered. None where nothing of that kind is open."""
    asked = _open(person, practice).exclude(asked_by=person).first()
    if asked is None:
        return None
    undoes = not asked.was_taken_up and local_day(asked.asked_at) == local_day(now)
    reason = words_of_taking_back(words, at_once=undoes)
    return booking.end(observation=asked, actor=manager, came=True, reason=reason, now=now, undoes=undoes)


def _open(person: User, practice: ObservedPractice) -> QuerySet[Observation]:
    return Observation.objects.filter(person=person, practice=practice, state__in=OPEN)
