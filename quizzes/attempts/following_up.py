"""What follows from a result: its own transaction in the same request, repeated by the clock until it goes through."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from academy.calendar.follow_ups import register_follow_ups
from academy.calendar.turns import register_turns
from academy.doors import asks_of_follow_ups
from academy.requests.together import asked_together
from academy.requests.written_together import write, written_together
from quizzes.attempts import advance_attempt
from quizzes.attempts.saving import ONLINE_SLACK
from quizzes.models import Attempt
from quizzes.signals import attempt_finished

OVERDUE = register_turns("close overdue attempts", label=_("Closing a paper whose time is over"), model=Attempt)
# When the result was told first stays.
FOLLOWED = """
UPDATE quizzes_attempt SET followed_up_at = %s, result_told_at = COALESCE(result_told_at, %s) WHERE id = %s
"""


def _tell(attempt: Attempt, now: datetime) -> None:
    """``changed`` of the signal: the result was told before and is another now, as the row says, not whoever calls."""
    changed = attempt.result_told_at is not None
    # A turn that is taken in it is taken before anything is judged; what is asked with it was asked before it, too.
    with asked_together(*asks_of_follow_ups(attempt, now), may_lock=True):
        attempt_finished.send(sender=Attempt, attempt=attempt, now=now, changed=changed)


def _note(attempt: Attempt, now: datetime) -> None:
    moment = Attempt._meta.get_field("followed_up_at").get_db_prep_value(now, connection)
    write(FOLLOWED, [moment, moment, attempt.pk])
    attempt.result_told_at = attempt.result_told_at or now


FOLLOW_UPS = register_follow_ups(
    "repeat follow-ups",
    label=_("What follows from a result"),
    model=Attempt,
    waiting=lambda: Attempt.objects.to_follow_up().select_related("learner", "quiz"),
    tell=_tell,
    note=_note,
    counts=lambda attempt: attempt.counts,
    within=written_together,
)


def follow_up(*, attempt: Attempt, now: datetime) -> bool:
    """Tells the upper floors. A fault never undoes the exam: it is logged, and ``tick`` tries again.

    Nothing follows while a paper is marked or its result withheld, or from one that does not count: then it is False.
    """
    return FOLLOW_UPS.at_once(attempt, now=now)


def repeat_follow_ups(*, now: datetime) -> int:
    """The minute's pass: what did not go through, oldest first. Returns how many went through."""
    return FOLLOW_UPS.repeat(now=now)


def close_overdue_attempts(*, now: datetime) -> int:
    """The minute's pass: attempts whose next moment has come take their step. Returns how many were closed."""

    def step(attempt: Attempt) -> bool:
        stepped = advance_attempt(attempt=attempt, now=now, online=False)
        follow_up(attempt=stepped, now=now)
        return stepped.finished_at is not None

    return OVERDUE.one_by_one(Attempt.objects.to_check(by=now - ONLINE_SLACK), step, now=now)
