"""A learner's own attempt: fetched and checked in one step, so that an unchecked one never exists in a view."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from academy.requests.client_address import client_address
from academy.requests.prepared import PreparedQuery
from academy.requests.signed_in import SignedInRequest
from quizzes.attempts import advance_attempt, is_due
from quizzes.attempts.following_up import follow_up
from quizzes.models import OPEN_STATES, Attempt
from quizzes.models.networks import network_refusal
from quizzes.models.querysets import AttemptQuerySet


def _own() -> AttemptQuerySet[Attempt]:
    return Attempt.objects.exclude(state=Attempt.State.NOT_STARTED).with_networks()


def _read(uuid: UUID, learner: int) -> AttemptQuerySet[Attempt]:
    return _own().with_device().select_related("quiz").filter(uuid=uuid, learner=learner)


type Own = PreparedQuery[Attempt]
OWN: Own = PreparedQuery(_read)
OWN_ALONE: Own = PreparedQuery(lambda uuid, learner: _own().filter(uuid=uuid, learner=learner))
OWN_AROUND: Own = PreparedQuery(
    lambda uuid, learner: _own().with_surroundings().select_related("quiz").filter(uuid=uuid, learner=learner)
)
LOCKED: Own = PreparedQuery(
    lambda uuid, learner: (
        _own()
        .with_surroundings()
        .select_related("quiz")
        .select_for_update(of=("self",))
        .filter(uuid=uuid, learner=learner)
    )
)


def lock_own_attempt_or_404(request: SignedInRequest, uuid: UUID) -> Attempt:
    """The same, with its surroundings, for whoever writes it in this transaction; it takes no step by itself."""
    attempt = LOCKED.first(uuid=uuid, learner=request.user.pk)
    if attempt is None:
        raise Http404
    attempt.learner = request.user
    return attempt


def get_own_attempt_or_404(request: SignedInRequest, uuid: UUID, *, query: Own = OWN) -> Attempt:
    """Fetches and checks in one step; an attempt whose time is over takes its step. One not begun is not there yet.

    ``query`` is ``OWN_ALONE`` where the quiz is asked for rarely, as in saving an answer, and ``OWN_AROUND`` where it is
    reviewed.
    """
    attempt = query.first(uuid=uuid, learner=request.user.pk)
    if attempt is None:
        raise Http404
    attempt.learner = request.user
    now = timezone.now()
    if request.method == "GET" and is_due(attempt, now):
        stepped = advance_attempt(attempt=attempt, now=now, online=True)
        stepped.quiz, stepped.learner = attempt.quiz, attempt.learner
        stepped.networks = attempt.networks
        stepped.keeps_on_devices, stepped.is_supervised = attempt.keeps_on_devices, attempt.is_supervised
        follow_up(attempt=stepped, now=now)
        return stepped
    return attempt


def is_outside(request: SignedInRequest, attempt: Attempt) -> bool:
    """True where an open paper is asked for from an address from which it may not be written."""
    if attempt.state not in OPEN_STATES or not attempt.networks:
        return False
    return network_refusal(address=client_address(request), networks=attempt.networks) is not None


def outside_page(request: SignedInRequest, attempt: Attempt, *, kept: bool = False) -> HttpResponse:
    """What is the matter, what is safe and how it goes on. The paper stays open and its clock runs."""
    context = {"attempt": attempt, "quiz": attempt.quiz, "kept": kept}
    return render(request, "quizzes/outside.html", context, status=403)
