"""What follows from a result: its own transaction in the same request, repeated by the clock until it goes through."""

import logging
from datetime import datetime

from django.db import transaction

from quizzes.attempts import submit_attempt
from quizzes.models import Attempt
from quizzes.saving import ONLINE_SLACK
from quizzes.signals import attempt_finished

logger = logging.getLogger(__name__)
BATCH = 200


def follow_up(*, attempt: Attempt, now: datetime) -> bool:
    """Tells the upper floors. A fault never undoes the exam: it is logged, and ``tick`` tries again."""
    if attempt.followed_up_at is not None:
        return True
    try:
        with transaction.atomic():
            attempt_finished.send(sender=Attempt, attempt=attempt, now=now)
            Attempt.objects.filter(pk=attempt.pk).update(followed_up_at=now)
    except Exception:
        logger.exception("the follow-up of attempt %s failed; the next tick repeats it", attempt.pk)
        return False
    attempt.followed_up_at = now
    return True


def repeat_follow_ups(*, now: datetime) -> int:
    """The minute's pass: what did not go through, oldest first. Returns how many went through."""
    waiting = Attempt.objects.filter(state=Attempt.State.FINISHED, followed_up_at=None).order_by("finished_at")
    return sum(follow_up(attempt=attempt, now=now) for attempt in waiting.select_related("learner", "quiz")[:BATCH])


def close_overdue_attempts(*, now: datetime) -> int:
    """The minute's pass: attempts whose time is over are handed in with what is stored."""
    overdue = Attempt.objects.filter(state=Attempt.State.IN_PROGRESS, deadline__lt=now - ONLINE_SLACK)
    closed = 0
    for attempt in overdue.order_by("deadline")[:BATCH]:
        follow_up(attempt=submit_attempt(attempt=attempt, now=now), now=now)
        closed += 1
    return closed
