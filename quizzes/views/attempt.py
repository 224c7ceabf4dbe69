"""The attempt: its pages, flags, and the hand-in. Everything here works as plain posts; a script makes it quick."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academy.errors.refusals import RuleViolation
from academy.requests.client_address import client_address
from academy.requests.device import keep_paper
from academy.requests.reversing import address_of
from academy.requests.signed_in import SignedInRequest
from academy.requests.written_together import written_together
from quizzes.attempts import start_attempt, submit_locked
from quizzes.attempts.checking import check_answer
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.reading import read_response
from quizzes.attempts.saving import Receipt, Typed, keep_from_outside, save_answer, set_flags, turn_page
from quizzes.attempts.steps import take_step
from quizzes.grading.frozen import frozen_questions
from quizzes.grading.papers import page_of
from quizzes.models import OPEN_STATES, Attempt, Quiz
from quizzes.rules.device import may_be_kept
from quizzes.types import ResponseRefused, question_type
from quizzes.views.own import get_own_attempt_or_404, is_outside, lock_own_attempt_or_404, outside_page
from quizzes.views.screens import (
    answers_of,
    counts_of,
    doubts_about,
    is_one_talk,
    is_one_way,
    map_of,
    may_answer,
    page_context,
    page_contexts,
    pages_of,
    resume_slot,
    talks_going_on,
)

PAGE = "quizzes/attempt.html#page"


@login_required
@never_cache
def attempt(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """A page of the paper; a post saves its answer, flags, turns the page or goes to the hand-in."""
    mine = get_own_attempt_or_404(request, uuid)
    if mine.state not in OPEN_STATES:
        if request.method == "POST" and request.POST.get("slot"):
            _save_posted(request, mine)
            messages.warning(request, _("This paper is handed in already. Your last answer was kept, without marks."))
        return redirect("quizzes:result", uuid=uuid)
    if is_outside(request, mine):
        sent = request.method == "POST" and bool(request.POST.get("slot"))
        return outside_page(request, mine, kept=sent and _keep_posted(request, mine))
    if request.method == "POST":
        return _take_post(request, mine)
    if mine.state == Attempt.State.OVERDUE:
        return redirect("quizzes:submit", uuid=uuid)
    answers = answers_of(mine)
    wanted = request.GET.get("slot")
    number = _slot_number(mine, wanted) if wanted else resume_slot(mine, answers)
    if not may_answer(mine, mine.paper[number - 1]):
        return redirect(f"{mine.get_absolute_url()}?slot={resume_slot(mine, answers)}")
    page = page_of(mine.paper[number - 1])
    context = {"attempt": mine, "quiz": mine.quiz, **page_context(mine, answers, page)}
    if request.headers.get("X-Page"):
        return render(request, PAGE, context)
    context |= {
        "map": map_of(mine, answers, page),
        "left": _seconds_left(mine),
        "one_way": is_one_way(mine),
        "prefetch": _may_prefetch(mine),
        "keep": may_be_kept(mine),
        "keeps_on_devices": mine.keeps_on_devices,
    }
    return _kept(render(request, "quizzes/attempt.html", context), mine)


@login_required
@require_safe
@never_cache
def paper(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """All pages at once, where one may move freely: going on needs no network then."""
    mine = get_own_attempt_or_404(request, uuid)
    if mine.state != Attempt.State.IN_PROGRESS or not _may_prefetch(mine) or is_outside(request, mine):
        raise Http404
    answers = answers_of(mine)
    template = loader.get_template(PAGE)
    contexts = [{"attempt": mine, **context} for context in page_contexts(mine, answers, pages_of(mine))]
    pages = {str(context["page"]): template.render(context, request) for context in contexts}
    return _kept(JsonResponse({"pages": pages}), mine)


@login_required
@never_cache
def submit(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What is unanswered, then the hand-in. Handing in twice is one result."""
    if request.method == "POST":
        return _hand_in(request, uuid)
    mine = get_own_attempt_or_404(request, uuid)
    if mine.state not in OPEN_STATES:
        return redirect("quizzes:result", uuid=uuid)
    if is_outside(request, mine):
        return outside_page(request, mine)
    answers = answers_of(mine)
    places = map_of(mine, answers)
    time_over = mine.state == Attempt.State.OVERDUE
    return render(
        request,
        "quizzes/submit.html",
        {
            "attempt": mine,
            "quiz": mine.quiz,
            "unanswered": [place for place in places if not place["answered"]],
            "doubtful": list(doubts_about(mine, answers).items()),
            "flagged": [place for place in places if place["flagged"]],
            "counts": counts_of(places),
            "time_over": time_over,
            "talk": is_one_talk(mine, answers),
            "practice": mine.quiz.kind == Quiz.Kind.PRACTICE,
            "said": bool(talks_going_on(mine, answers)),
            "left": None if time_over else _seconds_left(mine),
        },
    )


def _kept(response: HttpResponse, mine: Attempt) -> HttpResponse:
    if may_be_kept(mine):
        keep_paper(response, deadline=mine.deadline, now=timezone.now())
    return response


def _hand_in(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic(), written_together():
        mine = lock_own_attempt_or_404(request, uuid)
        outside = is_outside(request, mine)
        handed_in = mine.state in OPEN_STATES and not outside
        if handed_in:
            submit_locked(locked=mine, now=now)
    if outside:
        return outside_page(request, mine)
    if handed_in:
        follow_up(attempt=mine, now=now)
    if "again" in request.POST:
        return redirect(
            start_attempt(
                quiz=mine.quiz,
                learner=request.user,
                language=mine.language,
                now=now,
                address=client_address(request),
            )
        )
    return HttpResponseRedirect(address_of("quizzes:result", uuid))


def _take_post(request: SignedInRequest, mine: Attempt) -> HttpResponse:
    target, here = request.POST.get("go", ""), request.POST.get("slot")
    number = _slot_number(mine, here or target)
    back = f"{mine.get_absolute_url()}?slot={number}"
    if here:
        try:
            receipt = _save_posted(request, mine)
        except ResponseRefused as refused:
            messages.error(request, str(refused.message))
            return redirect(back)
        if receipt and receipt.status == "late":
            messages.warning(request, _("The time was over. Your last answer was kept, without marks."))
        if request.POST.get("flagged") in ("0", "1"):
            set_flags(attempt=mine, flags={number: request.POST["flagged"] == "1"}, now=timezone.now())
            return redirect(back)
    if target == "submit":
        return redirect("quizzes:submit", uuid=mine.uuid)
    if target == "check":
        try:
            check_answer(attempt=mine, slot=number, now=timezone.now())
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
        return redirect(f"{back}#checked-{number}")
    if not target:
        # A step of a dialogue comes back to what the client says next.
        return redirect(f"{back}#turn")
    wanted = _slot_number(mine, target)
    if is_one_way(mine):
        turn_page(attempt=mine, page=page_of(mine.paper[wanted - 1]))
    return redirect(f"{mine.get_absolute_url()}?slot={wanted}")


def _save_posted(request: SignedInRequest, mine: Attempt) -> Receipt | None:
    number = _slot_number(mine, request.POST.get("slot"))
    place = mine.paper[number - 1]
    if not may_answer(mine, place):
        raise ResponseRefused(_("This page was left and does not come back."))
    question = frozen_questions([place["version"]], mine.house_rules)[place["version"]]
    kind = question_type(question.type)
    raw = kind.raw_from_post(question, request.POST)
    now = timezone.now()
    if kind.by_steps:
        return take_step(attempt=mine, place=place, kind=kind, question=question, raw=raw, now=now)
    response = read_response(place=place, question=question, raw=raw)
    # Without a script there is no counter: the moment of arrival orders the answers.
    return save_answer(
        attempt=mine, slot=number, response=response, tab="form", sequence=int(now.timestamp() * 1000), now=now
    )


def _keep_posted(request: SignedInRequest, mine: Attempt) -> bool:
    """A form posted from outside the exam network: what it holds is kept beside the answer, without marks."""
    number = _slot_number(mine, request.POST.get("slot"))
    place = mine.paper[number - 1]
    question = frozen_questions([place["version"]], mine.house_rules)[place["version"]]
    kind, now = question_type(question.type), timezone.now()
    if kind.by_steps:
        return False
    try:
        response = read_response(place=place, question=question, raw=kind.raw_from_post(question, request.POST))
    except ResponseRefused:
        return False
    typed = Typed(number, response, "form", int(now.timestamp() * 1000))
    keep_from_outside(attempt=mine, typed=typed, now=now)
    return True


def _slot_number(attempt: Attempt, value: str | None) -> int:
    """A slot of the paper; anything else than a number on it is a 404."""
    if not value or len(value) > 6 or not value.isascii() or not value.isdigit():
        raise Http404
    if not 1 <= int(value) <= len(attempt.paper):
        raise Http404
    return int(value)


def _seconds_left(attempt: Attempt) -> float | None:
    return None if attempt.deadline is None else (attempt.deadline - timezone.now()).total_seconds()


def _may_prefetch(attempt: Attempt) -> bool:
    """Not where a page must not be seen before its turn, nor where answers are judged one by one."""
    return not is_one_way(attempt) and attempt.behaviour == Quiz.Behaviour.DEFERRED
