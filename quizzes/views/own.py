"""A learner's own attempt: fetched and checked in one step, so that an unchecked one never exists in a view."""

from typing import TYPE_CHECKING, TypedDict, cast
from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from academy.requests.client_address import client_address
from academy.requests.signed_in import SignedInRequest
from quizzes.attempts import advance_attempt, is_due
from quizzes.attempts.following_up import follow_up
from quizzes.models import OPEN_STATES, Attempt
from quizzes.models.networks import network_refusal

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class InNetworks(TypedDict):
    """From where the attempt's quiz may be sat."""

    networks: str


def get_own_attempt_or_404(
    request: SignedInRequest, uuid: UUID, *, with_quiz: bool = True
) -> "WithAnnotations[Attempt, InNetworks]":
    """Fetches and checks in one step; an attempt whose time is over takes its step. One not begun is not there yet.

    ``with_quiz`` False where the quiz is asked for rarely: saving an answer reads the paper alone.
    """
    begun = Attempt.objects.exclude(state=Attempt.State.NOT_STARTED)
    attempts = (begun.select_related("quiz") if with_quiz else begun).annotate(networks=F("quiz__networks"))
    attempt: WithAnnotations[Attempt, InNetworks] = get_object_or_404(attempts, uuid=uuid, learner=request.user)
    attempt.learner = request.user
    now = timezone.now()
    if request.method == "GET" and is_due(attempt, now):
        stepped = cast("WithAnnotations[Attempt, InNetworks]", advance_attempt(attempt=attempt, now=now, online=True))
        stepped.quiz, stepped.learner = attempt.quiz, attempt.learner
        stepped.networks = attempt.networks
        follow_up(attempt=stepped, now=now)
        return stepped
    return attempt


def is_outside(request: SignedInRequest, attempt: "WithAnnotations[Attempt, InNetworks]") -> bool:
    """True where an open paper is asked for from an address from which it may not be written."""
    if attempt.state not in OPEN_STATES or not attempt.networks:
        return False
    return network_refusal(address=client_address(request), networks=attempt.networks) is not None


def outside_page(request: SignedInRequest, attempt: Attempt, *, kept: bool = False) -> HttpResponse:
    """What is the matter, what is safe and how it goes on. The paper stays open and its clock runs."""
    context = {"attempt": attempt, "quiz": attempt.quiz, "kept": kept}
    return render(request, "quizzes/outside.html", context, status=403)
