"""Before and after: the start page with its button, and the result."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from academy.doors import grounds_for
from quizzes.attempts import attempt_refusal, chances, start_attempt
from quizzes.models import Attempt, Quiz
from quizzes.review import review_lines, review_shows
from quizzes.views.own import get_own_attempt_or_404


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
