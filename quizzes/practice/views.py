"""The practice pages: made for a phone between two clients, one question a screen, plain posts."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from academy.calendar.clock import local_day
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.panels import duty_asking_for
from quizzes.attempts.saving import place_of
from quizzes.grading.frozen import parsed_for
from quizzes.grading.papers import versions_of
from quizzes.models import Attempt, PracticeAnswer, PracticeDay, QuestionVersion, WrongQuestion
from quizzes.pools.uses import LEFT_OUT, Use, uses_of
from quizzes.practice.book import (
    RIGHT_DAYS,
    add_by_hand,
    entries,
    open_book,
    remove_by_hand,
    remove_several_by_hand,
)
from quizzes.practice.daily import answer_from_book, answer_place, begin_day, order_of
from quizzes.practice.screens import book_lines, feedback_of, lessons_to_read, overview, silent_places
from quizzes.practice.sources import practisable, sources_of
from quizzes.rules.looking import look_at
from quizzes.types import ResponseRefused, question_type
from quizzes.types.base import Order
from quizzes.types.drawing import order_seal
from quizzes.views.reports import report_form

PAGE = 20
# Of one lesson, in one post.
ROWS = 200


@login_required
@never_cache
def practice(request: SignedInRequest) -> HttpResponse:
    """``quizzes:practice``: today's five, the streak, the way to the book."""
    now = timezone.now()
    found = overview(request.user, now)
    for talk in found["talks"]:
        talk["duty"] = duty_asking_for(request, f"dialogue:{talk['quiz'].pk}")
    return render(request, "quizzes/practice/overview.html", {**found, "today": local_day(now)})


@login_required
@require_POST
def begin(request: SignedInRequest) -> HttpResponse:
    begin_day(person=request.user, now=timezone.now())
    return redirect("quizzes:practice_today")


@login_required
@never_cache
def today(request: SignedInRequest) -> HttpResponse:
    """One question of today, or what came of it; without a number the first that is open."""
    now = timezone.now()
    practice_day = PracticeDay.objects.filter(person=request.user, day=local_day(now)).first()
    if practice_day is None:
        if request.method == "POST":
            messages.info(request, _("A new day has begun, and with it new questions."))
        return redirect("quizzes:practice")
    answers = {answer.slot: answer for answer in practice_day.answers.all()}
    total = len(practice_day.places)
    first_open = next((place["slot"] for place in practice_day.places if place["slot"] not in answers), None)
    asked = request.POST.get("question") or request.GET.get("question")
    if asked is None and first_open is None:
        return redirect("quizzes:practice")
    slot = _number(asked, total) if asked else first_open or 1
    place = practice_day.places[slot - 1]
    version = versions_of([[place]])[place["version"]]
    here = f"{reverse('quizzes:practice_today')}?question={slot}"
    if request.method == "POST":
        try:
            practice_day.person = request.user
            raw = _raw(request, version)
            answer_place(practice_day=practice_day, slot=slot, version=version, raw=raw, now=now)
        except ResponseRefused as refused:
            messages.error(request, str(refused.message))
        return redirect(here)
    answer = answers.get(slot)
    practice_day.person = request.user
    silent = silent_places(practice_day, now) if answers else {}
    following = (
        f"{reverse('quizzes:practice_today')}?question={first_open}" if first_open else reverse("quizzes:practice")
    )
    return _question_page(
        request,
        version=version,
        order=place["order"],
        answer=answer,
        title=_("Daily five"),
        here=here,
        following=following if answer else "",
        last=first_open is None,
        slot=slot,
        total=total,
        why=place.get("why", ""),
        steps=[
            "silent" if place["slot"] in silent else answers[place["slot"]].outcome if place["slot"] in answers else ""
            for place in practice_day.places
        ],
        silent=silent.get(slot, ""),
        pause=reverse("quizzes:practice"),
    )


@login_required
@never_cache
def book(request: SignedInRequest) -> HttpResponse:
    """``quizzes:wrong_book``: what stands in the book, by course."""
    found = open_book(person=request.user, now=timezone.now())
    rows, sources = found.rows, sources_of(request.user)
    total = len(rows)
    course = request.GET.get("course", "")
    if course:
        chosen = next((source for source in sources if source.key == course), None)
        rows = [row for row in rows if chosen and row.question.bank_id in chosen.banks]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    language = get_language() or settings.LANGUAGE_CODE
    return render(
        request,
        "quizzes/practice/book.html",
        {
            "page": page,
            "lines": book_lines(page.object_list, sources, language),
            "sources": sources,
            "course": course,
            "total": total,
            "lessons": lessons_to_read(found.to_read_again),
            "right_days": RIGHT_DAYS,
        },
    )


@login_required
@never_cache
def book_question(request: SignedInRequest, pk: int) -> HttpResponse:
    """One question of one's own book, answered as often as one likes; ``answer`` shows what came of it."""
    row = get_object_or_404(entries(request.user), pk=pk)
    version = row.question.current_version or row.version
    now = timezone.now()
    here = reverse("quizzes:wrong_question", args=[row.pk])
    may = row.question_id in practisable(person=request.user, questions=[row.question_id], now=now)
    if request.method == "POST" and may:
        try:
            seal = request.POST.get("drawn", "")
            answer = answer_from_book(row=row, version=version, raw=_raw(request, version), now=now, seal=seal)
        except ResponseRefused as refused:
            messages.error(request, str(refused.message))
            return redirect(here)
        return redirect(f"{here}?answer={answer.pk}")
    answer = None
    if request.GET.get("answer"):
        number = request.GET["answer"]
        answers = PracticeAnswer.objects.filter(person=request.user, version__question=row.question_id)
        answer = get_object_or_404(answers.select_related("version"), pk=whole_number(number))
        version = answer.version
    if not may:
        messages.info(request, _("This question is not practised now. The book names its lesson."))
        return redirect("quizzes:wrong_book")
    others = open_book(person=request.user, now=now).rows if answer else []
    following = next((other for other in others if other.pk != row.pk and other.last_right_on != local_day(now)), None)
    return _question_page(
        request,
        version=version,
        order=answer.order if answer else order_of(version, request.user, local_day(now)),
        answer=answer,
        title=_("Wrong-answer book"),
        here=here,
        following=reverse("quizzes:wrong_question", args=[following.pk]) if following and answer else "",
        last=following is None,
        row=row,
        right_days=RIGHT_DAYS,
        pause=reverse("quizzes:wrong_book"),
    )


@login_required
@require_POST
def book_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(WrongQuestion, pk=pk, person=request.user)
    remove_by_hand(row=row, now=timezone.now())
    messages.success(request, _("Taken out of your wrong-answer book."))
    return redirect("quizzes:wrong_book")


@login_required
@require_POST
def read_again(request: SignedInRequest) -> HttpResponse:
    """``quizzes:wrong_read_again``: the lesson was read again, and its questions leave the book."""
    rows = [int(value) for value in request.POST.getlist("row")[:ROWS] if value.isascii() and value.isdecimal()]
    remove_several_by_hand(person=request.user.pk, rows=[row for row in rows if row < 2**31], now=timezone.now())
    messages.success(request, _("Taken out of your wrong-answer book."))
    return redirect("quizzes:wrong_book")


@login_required
@require_POST
def keep(request: SignedInRequest, uuid: UUID, slot: int) -> HttpResponse:
    """``quizzes:practice_keep``: puts a question of one's own reviewed paper into the book."""
    attempt = get_object_or_404(
        Attempt.objects.select_related("quiz"), uuid=uuid, learner=request.user, state=Attempt.State.FINISHED
    )
    try:
        place = place_of(attempt, slot)
    except LookupError:
        raise Http404
    version = get_object_or_404(QuestionVersion, pk=place["version"])
    now = timezone.now()
    shows = look_at(attempt=attempt, now=now).shows
    if version.type in LEFT_OUT or not (shows.attempt and shows.right_answer):
        raise Http404
    if uses_of([version.question_id])[version.question_id] == Use.EXAM:
        messages.info(request, _("This question belongs to an exam and is not practised."))
        return redirect("quizzes:result", uuid=uuid)
    add_by_hand(person=request.user, version=version, now=now)
    messages.success(request, _("Put into your wrong-answer book."))
    return redirect("quizzes:result", uuid=uuid)


@login_required
@never_cache
def report(request: SignedInRequest, version: int) -> HttpResponse:
    """``quizzes:practice_report``: a question that one has answered in practice or has in the book."""
    question_version = get_object_or_404(QuestionVersion, pk=version)
    seen = PracticeAnswer.objects.filter(person=request.user, version=question_version).exists()
    kept = WrongQuestion.objects.filter(person=request.user, question=question_version.question_id).exists()
    if not seen and not (
        kept and practisable(person=request.user, questions=[question_version.question_id], now=timezone.now())
    ):
        raise Http404
    language = get_language() or settings.LANGUAGE_CODE
    return report_form(request, question_version, reverse("quizzes:practice"), language=language)


def _raw(request: SignedInRequest, version: QuestionVersion) -> Any:
    """What was posted, or None for “I do not know”."""
    if request.POST.get("unknown"):
        return None
    kind = question_type(version.type)
    return kind.raw_from_post(kind.parse(version.body), request.POST)


def _number(value: str, total: int) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 3 or not 1 <= int(value) <= total:
        raise Http404
    return int(value)


def _question_page(
    request: SignedInRequest,
    *,
    version: QuestionVersion,
    order: Order,
    answer: PracticeAnswer | None,
    silent: str = "",
    **context: Any,
) -> HttpResponse:
    kind = question_type(version.type)
    question = parsed_for(version, person=request.user.pk, now=timezone.now())
    language = get_language() or settings.LANGUAGE_CODE
    response = answer.response if answer else None
    return render(
        request,
        "quizzes/practice/question.html",
        {
            "kind": kind,
            "presented": kind.present(question, order, language, response),
            "response": response or {},
            "drawn": order_seal(order),
            "version": version,
            "answer": answer,
            "feedback": feedback_of(question, order, response, language, silent) if answer else None,
            **context,
        },
    )
