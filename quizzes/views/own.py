"""A learner's own attempt: fetched and checked in one step, so that an unchecked one never exists in a view."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from quizzes.attempts import advance_attempt, is_due
from quizzes.follow_up import follow_up
from quizzes.models import Attempt


def get_own_attempt_or_404(request: HttpRequest, uuid: UUID, *, with_quiz: bool = True) -> Attempt:
    """Fetches and checks in one step; an attempt whose time is over takes its step. One not begun is not there yet.

    ``with_quiz`` False where the quiz is asked for rarely: saving an answer reads the paper alone.
    """
    attempts = Attempt.objects.exclude(state=Attempt.State.NOT_STARTED)
    if with_quiz:
        attempts = attempts.select_related("quiz")
    attempt = get_object_or_404(attempts, uuid=uuid, learner=request.user)
    attempt.learner = request.user
    now = timezone.now()
    if request.method == "GET" and is_due(attempt, now):
        stepped = advance_attempt(attempt=attempt, now=now, online=True)
        stepped.quiz, stepped.learner = attempt.quiz, attempt.learner
        follow_up(attempt=stepped, now=now)
        return stepped
    return attempt
