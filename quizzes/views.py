"""The learner's side of a quiz: start page, attempt, hand-in, result."""

import json
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from academy.doors import grounds_for
from quizzes.attempts import attempt_refusal, chances, is_overdue, save_answer, set_flag, start_attempt, submit_attempt
from quizzes.follow_up import follow_up
from quizzes.models import Attempt, Quiz
from quizzes.papers import versions_of
from quizzes.review import review_lines, review_shows
from quizzes.types import ResponseRefused, question_type

MAXIMUM_BODY = 512 * 1024


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


@login_required
@never_cache
def start_page(request: HttpRequest, code: str) -> HttpResponse:
    """The rules, the ground, what was done so far, and the button with its reason."""
    quiz = get_object_or_404(Quiz, code=code)
    grounds = grounds_for(quiz, request.user)
    attempts = list(Attempt.objects.filter(quiz=quiz, learner=request.user).order_by("-started_at"))
    if not grounds and not attempts:
        raise Http404
    now = timezone.now()
    ground, refusal = None, None
    for ground in grounds:
        refusal = attempt_refusal(quiz=quiz, ground=ground, attempts=attempts, now=now)
        if refusal is None:
            break
    open_attempt = next((one for one in attempts if one.state == Attempt.State.IN_PROGRESS), None)
    return render(
        request,
        "quizzes/start.html",
        {
            "quiz": quiz,
            "ground": ground,
            "refusal": refusal if ground else _("There is no reason to sit this quiz any more."),
            "chances": chances(quiz=quiz, attempts=attempts, ground=ground) if ground else None,
            "attempts": attempts,
            "open_attempt": open_attempt,
            "questions": sum(slot.count if slot.category_id else 1 for slot in quiz.slots.all()),
            "wait_hours": quiz.wait_minutes / 60,
        },
    )


@login_required
@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    quiz = get_object_or_404(Quiz, code=code)
    if not grounds_for(quiz, request.user) and not Attempt.objects.filter(quiz=quiz, learner=request.user).exists():
        raise Http404
    attempt = start_attempt(quiz=quiz, learner=request.user, language=translation.get_language(), now=timezone.now())
    return redirect(attempt)


@login_required
@never_cache
def attempt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One question a page. A plain post saves the answer and goes on; with a script it is saved at once."""
    mine = get_own_attempt_or_404(request, uuid)
    if mine.state == Attempt.State.FINISHED:
        if request.method == "POST":
            _save_posted(request, mine)
            messages.warning(request, _("This paper is handed in already. Your last answer was kept, without marks."))
        return redirect("quizzes:result", uuid=uuid)
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
        return redirect(f"{mine.get_absolute_url()}?slot={_slot_number(mine, target or str(number))}")
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
            "presented": kind.present(kind.parse(version.body), place["order"], mine.language, response),
            "response": response or {},
            "answer": answer,
            "map": _map(mine, answers, number),
            "counts": _counts(mine, answers),
            "now": timezone.now(),
        },
    )


@login_required
@require_POST
def save_answers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Saves one or several answers at once; each gets its receipt. Bad ones are named, the others are saved."""
    mine = get_own_attempt_or_404(request, uuid)
    if len(request.body) > MAXIMUM_BODY:
        return JsonResponse({"error": _("This is too long.")}, status=413)
    try:
        data = json.loads(request.body)
        entries = data["answers"]
        tab = str(data.get("tab", ""))[:36]
        if not isinstance(entries, list) or len(entries) > len(mine.paper) * 4:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponseBadRequest(_("This cannot be read."))
    versions = versions_of([mine.paper])
    receipts = []
    for entry in entries:
        receipts.append(_save_entry(mine, versions, entry, tab))
    now = timezone.localtime()
    return JsonResponse({"receipts": receipts, "state": mine.state, "time": now.strftime("%H:%M:%S")})


def _save_entry(mine: Attempt, versions: dict, entry: object, tab: str) -> dict:
    try:
        slot, sequence = int(entry["slot"]), int(entry["sequence"])  # type: ignore[index]
        raw = entry["raw"]  # type: ignore[index]
        place = next(place for place in mine.paper if place["slot"] == slot)
        if not isinstance(raw, dict) or not 0 <= sequence < 2**62:
            raise ValueError
    except (ValueError, KeyError, TypeError, StopIteration):
        return {"status": "refused", "message": _("This question is not on your paper.")}
    version = versions[place["version"]]
    kind = question_type(version.type)
    try:
        response = kind.clean_response(kind.parse(version.body), raw, place["order"])
    except ResponseRefused as refused:
        return {"status": "refused", "slot": slot, "sequence": sequence, "message": str(refused.message)}
    receipt = save_answer(attempt=mine, slot=slot, response=response, tab=tab, sequence=sequence, now=timezone.now())
    return {
        "status": receipt.status,
        "slot": slot,
        "sequence": sequence,
        "at": timezone.localtime(receipt.saved_at).strftime("%H:%M:%S"),
        "answered": response is not None,
    }


def _save_posted(request: HttpRequest, mine: Attempt):
    number = _slot_number(mine, request.POST.get("slot"))
    place = mine.paper[number - 1]
    version = versions_of([[place]])[place["version"]]
    kind = question_type(version.type)
    question = kind.parse(version.body)
    response = kind.clean_response(question, kind.raw_from_post(question, request.POST), place["order"])
    now = timezone.now()
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
    set_flag(attempt=mine, slot=number, flagged=flagged, now=timezone.now())
    if request.headers.get("accept", "").startswith("application/json"):
        return JsonResponse({"slot": number, "flagged": flagged})
    return redirect(f"{mine.get_absolute_url()}?slot={number}")


@login_required
@never_cache
def submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is unanswered, then the hand-in. Handing in twice is one result."""
    mine = get_own_attempt_or_404(request, uuid)
    if mine.state == Attempt.State.FINISHED:
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


@login_required
@never_cache
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    mine = get_own_attempt_or_404(request, uuid)
    if mine.state != Attempt.State.FINISHED:
        return redirect(mine)
    siblings = list(Attempt.objects.filter(quiz=mine.quiz, learner=request.user, occasion=mine.occasion))
    shows = review_shows(quiz=mine.quiz, attempts=siblings)
    grounds = grounds_for(mine.quiz, request.user)
    ground = next((one for one in grounds if one.occasion == mine.occasion), None)
    return render(
        request,
        "quizzes/result.html",
        {
            "attempt": mine,
            "quiz": mine.quiz,
            "shows": shows,
            "lines": review_lines(attempt=mine, shows=shows),
            "ground": ground,
            "chances": chances(quiz=mine.quiz, attempts=siblings, ground=ground) if ground else None,
            "kept": mine.kept_answers.count(),
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
            "answered": bool((answer := answers.get(place["slot"])) and answer.response is not None),
            "flagged": bool(answer and answer.flagged),
            "current": place["slot"] == current,
        }
        for place in attempt.paper
    ]


def _counts(attempt: Attempt, answers: dict) -> dict[str, int]:
    answered = sum(answer.response is not None for answer in answers.values())
    return {
        "answered": answered,
        "unanswered": len(attempt.paper) - answered,
        "flagged": sum(answer.flagged for answer in answers.values()),
    }
