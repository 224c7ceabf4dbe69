"""What follows from a result: its own transaction in the same request, repeated by the clock until it goes through."""

import logging
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from academy.calendar.turns import register_turns
from academy.requests.statements import run_statement
from quizzes.attempts import advance_attempt
from quizzes.attempts.saving import ONLINE_SLACK
from quizzes.models import Attempt
from quizzes.signals import attempt_finished

logger = logging.getLogger(__name__)
FOLLOW_UPS = register_turns("repeat follow-ups", label=_("What follows from a result"), model=Attempt)
OVERDUE = register_turns("close overdue attempts", label=_("Closing a paper whose time is over"), model=Attempt)
# When the result was told first stays.
FOLLOWED = """
UPDATE quizzes_attempt SET followed_up_at = %s, result_told_at = COALESCE(result_told_at, %s) WHERE id = %s
"""


def follow_up(*, attempt: Attempt, now: datetime) -> bool:
    """Tells the upper floors. A fault never undoes the exam: it is logged, and ``tick`` tries again.

    ``changed`` of the signal: the result was told before and is another now, as the row says, not whoever calls.
    Nothing follows while a paper is marked or its result withheld, or from one that does not count: then it is False, and no fault.
    """
    if attempt.followed_up_at is not None:
        return True
    if not attempt.counts:
        return False
    try:
        _follow(attempt, now)
    except Exception:
        logger.exception("the follow-up of attempt %s failed; the next tick repeats it", attempt.pk)
        return False
    return True


@transaction.atomic
def _follow(attempt: Attempt, now: datetime) -> bool:
    changed = attempt.result_told_at is not None
    attempt_finished.send(sender=Attempt, attempt=attempt, now=now, changed=changed)
    moment = Attempt._meta.get_field("followed_up_at").get_db_prep_value(now, connection)
    run_statement(FOLLOWED, [moment, moment, attempt.pk])
    attempt.followed_up_at = now
    attempt.result_told_at = attempt.result_told_at or now
    return True


def repeat_follow_ups(*, now: datetime) -> int:
    """The minute's pass: what did not go through, oldest first. Returns how many went through."""
    waiting = Attempt.objects.to_follow_up().select_related("learner", "quiz")
    return FOLLOW_UPS.one_by_one(waiting, lambda attempt: attempt.counts and _follow(attempt, now), now=now)


def close_overdue_attempts(*, now: datetime) -> int:
    """The minute's pass: attempts whose next moment has come take their step. Returns how many were closed."""

    def step(attempt: Attempt) -> bool:
        stepped = advance_attempt(attempt=attempt, now=now, online=False)
        follow_up(attempt=stepped, now=now)
        return stepped.finished_at is not None

    return OVERDUE.one_by_one(Attempt.objects.to_check(by=now - ONLINE_SLACK), step, now=now)
