"""The attempt: one question a page, flags, and the hand-in. Everything here works as plain posts."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from quizzes.attempts import submit_attempt
from quizzes.follow_up import follow_up
from quizzes.models import OPEN_STATES, Attempt
from quizzes.papers import versions_of
from quizzes.saving import save_answer, set_flags
from quizzes.steps import is_practice, take_step
from quizzes.types import ResponseRefused, question_type
from quizzes.views.own import get_own_attempt_or_404


@login_required
@never_cache
def attempt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One question a page. A plain post saves the answer and goes on; with a script it is saved at once."""
    mine = get_own_attempt_or_404(request, uuid)
    if mine.state not in OPEN_STATES:
        if request.method == "POST":
            _save_posted(request, mine)
            messages.warning(request, _("This paper is handed in already. Your last answer was kept, without marks."))
        return redirect("quizzes:result", uuid=uuid)
    if mine.state == Attempt.State.OVERDUE and request.method == "GET":
        return redirect("quizzes:submit", uuid=uuid)
    number = _slot_number(mine, request.POST.get("slot") or request.GET.get("slot"))
    if request.method == "POST":
        try:
            receipt = _save_posted(request, mine)
        except ResponseRefused as refused:
            messages.error(request, str(refused.message))
            return redirect(f"{mine.get_absolute_url()}?slot={number}")
        if receipt and receipt.status == "late":
            messages.warning(request, _("The time was over. Your last answer was kept, without marks."))
        target = request.POST.get("go", "")
        if target == "submit":
            return redirect("quizzes:submit", uuid=uuid)
        # A step of a dialogue comes back to what the client says next.
        stay = "" if target else "#turn"
        return redirect(f"{mine.get_absolute_url()}?slot={_slot_number(mine, target or str(number))}{stay}")
    answers = {answer.slot: answer for answer in mine.answers.all()}
    place = mine.paper[number - 1]
    version = versions_of([[place]])[place["version"]]
    kind = question_type(version.type)
    answer = answers.get(number)
    response = answer.response if answer else None
    return render(
        request,
        "quizzes/attempt.html",
        {
            "attempt": mine,
            "quiz": mine.quiz,
            "slot": number,
            "total": len(mine.paper),
            "mark": place["mark"],
            "kind": kind,
            "presented": kind.present(
                kind.parse(version.body), place["order"], mine.language, response, practice=is_practice(mine)
            ),
            "response": response or {},
            "answer": answer,
            "map": _map(mine, answers, number),
            "counts": _counts(mine, answers),
            "now": timezone.now(),
        },
    )


def _save_posted(request: HttpRequest, mine: Attempt):
    number = _slot_number(mine, request.POST.get("slot"))
    place = mine.paper[number - 1]
    version = versions_of([[place]])[place["version"]]
    kind = question_type(version.type)
    question = kind.parse(version.body)
    raw = kind.raw_from_post(question, request.POST)
    now = timezone.now()
    if kind.by_steps:
        return take_step(attempt=mine, place=place, kind=kind, question=question, raw=raw, now=now)
    response = kind.clean_response(question, raw, place["order"])
    # Without a script there is no counter: the moment of arrival orders the answers.
    return save_answer(
        attempt=mine, slot=number, response=response, tab="form", sequence=int(now.timestamp() * 1000), now=now
    )


@login_required
@require_POST
def flag(request: HttpRequest, uuid: UUID) -> HttpResponse:
    mine = get_own_attempt_or_404(request, uuid)
    number = _slot_number(mine, request.POST.get("slot"))
    flagged = request.POST.get("flagged") == "1"
    set_flags(attempt=mine, flags={number: flagged}, now=timezone.now())
    if request.headers.get("accept", "").startswith("application/json"):
        return JsonResponse({"slot": number, "flagged": flagged})
    return redirect(f"{mine.get_absolute_url()}?slot={number}")


@login_required
@never_cache
def submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is unanswered, then the hand-in. Handing in twice is one result."""
    mine = get_own_attempt_or_404(request, uuid)
    if mine.state not in OPEN_STATES:
        return redirect("quizzes:result", uuid=uuid)
    if request.method == "POST":
        now = timezone.now()
        closed = submit_attempt(attempt=mine, now=now)
        closed.quiz, closed.learner = mine.quiz, mine.learner
        follow_up(attempt=closed, now=now)
        return redirect("quizzes:result", uuid=uuid)
    answers = {answer.slot: answer for answer in mine.answers.all()}
    places = _map(mine, answers, 0)
    return render(
        request,
        "quizzes/submit.html",
        {
            "attempt": mine,
            "quiz": mine.quiz,
            "unanswered": [place for place in places if not place["answered"]],
            "flagged": [place for place in places if place["flagged"]],
            "total": len(mine.paper),
            "counts": _counts(mine, answers),
            "now": timezone.now(),
        },
    )


def _slot_number(attempt: Attempt, value: str | None) -> int:
    """A slot of the paper; anything else than a number on it is a 404."""
    if value in (None, ""):
        return 1
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= len(attempt.paper):
        raise Http404
    return int(value)


def _map(attempt: Attempt, answers: dict, current: int) -> list[dict]:
    return [
        {
            "slot": place["slot"],
            "answered": place.get("reads", False)
            or bool((answer := answers.get(place["slot"])) and answer.response is not None),
            "flagged": bool((answer := answers.get(place["slot"])) and answer.flagged),
            "current": place["slot"] == current,
        }
        for place in attempt.paper
    ]


def _counts(attempt: Attempt, answers: dict) -> dict[str, int]:
    answered = sum(answer.response is not None for answer in answers.values())
    return {
        "answered": answered,
        "unanswered": sum(not place.get("reads") for place in attempt.paper) - answered,
        "flagged": sum(answer.flagged for answer in answers.values()),
    }
