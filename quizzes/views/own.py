"""A learner's own attempt: fetched and checked in one step, so that an unchecked one never exists in a view."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from quizzes.attempts import is_overdue, submit_attempt
from quizzes.follow_up import follow_up
from quizzes.models import Attempt


def get_own_attempt_or_404(request: HttpRequest, uuid: UUID) -> Attempt:
    """Fetches and checks in one step; closes an attempt whose time is over."""
    attempt = get_object_or_404(Attempt.objects.select_related("quiz", "learner"), uuid=uuid, learner=request.user)
    now = timezone.now()
    if is_overdue(attempt, now) and request.method == "GET":
        closed = submit_attempt(attempt=attempt, now=now)
        follow_up(attempt=closed, now=now)
        closed.quiz, closed.learner = attempt.quiz, attempt.learner
        return closed
    return attempt
