"""Where a learner reports a question: one form, from the paper or from practice, without a script."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from academy.requests.signed_in import SignedInRequest
from quizzes.attempts.saving import place_of
from quizzes.bank.reporting import report_question, report_refusal
from quizzes.forms import ReportForm
from quizzes.models import Attempt, QuestionVersion
from quizzes.rules.looking import look_at


@login_required
@never_cache
def report(request: SignedInRequest, uuid: UUID, slot: int) -> HttpResponse:
    """``quizzes:report``: the question in this slot of one's own paper, in the version that stands there."""
    attempt = get_object_or_404(Attempt.objects.select_related("quiz"), uuid=uuid, learner=request.user)
    try:
        place = place_of(attempt, slot)
    except LookupError:
        raise Http404
    version = get_object_or_404(QuestionVersion, pk=place["version"])
    running = attempt.state == Attempt.State.IN_PROGRESS
    back = f"{attempt.get_absolute_url()}?slot={slot}" if running else attempt.get_absolute_url()
    return report_form(
        request,
        version,
        back,
        language=attempt.language,
        attempt=attempt,
        slot=slot,
        timed=running and attempt.deadline is not None,
        shown=running or _review_is_open(attempt),
    )


def _review_is_open(attempt: Attempt) -> bool:
    """After handing in, a question of a pool in use is not shown again; it can still be reported by its number."""
    return look_at(attempt=attempt, now=timezone.now()).shows.attempt


def report_form(
    request: SignedInRequest,
    version: QuestionVersion,
    back: str,
    *,
    language: str,
    attempt: Attempt | None = None,
    slot: int | None = None,
    timed: bool = False,
    shown: bool = True,
) -> HttpResponse:
    """Shows the form, or takes the report and leads back. Whoever calls has checked that the question was shown."""
    now = timezone.now()
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        report_question(
            version=version,
            reporter=request.user,
            text=form.cleaned_data["text"],
            now=now,
            attempt=attempt,
            slot=slot,
        )
        messages.success(request, _("Thank you. A trainer will look at the question and answer you."))
        return redirect(back)
    return render(
        request,
        "quizzes/report.html",
        {
            "form": form,
            "stem": version.stem(language, attempt.house_rules if attempt else None) if shown else "",
            "back": back,
            "quiz": attempt.quiz if attempt else None,
            "slot": slot,
            "timed": timed,
            "refusal": report_refusal(version=version, reporter=request.user, now=now),
        },
        status=400 if request.method == "POST" else 200,
    )
