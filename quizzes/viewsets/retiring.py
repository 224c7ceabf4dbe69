"""The list of questions that may go: why each, what would take its place, the way to retire it, and keeping it with a reason."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from wagtail.admin import messages

from academy.calendar.clock import local_day
from academy.doors import consequences_of
from academy.errors.refusals import RuleViolation
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import admin_page, viewer_with
from quizzes.bank.retiring import RetireSuggestion, keep_question, retire_suggestions
from quizzes.models import KeptQuestion
from quizzes.pools.exam_pools import closed_questions
from quizzes.rules.keys import staff_key_refusals
from quizzes.viewsets.pools import open_question, question_or_404
from quizzes.viewsets.question_columns import title_of
from quizzes.viewsets.statistics import READERS, RECKONERS

LISTED, KEPT_LISTED = 50, 20


@declares(Scope.CONTENT)
def retiring_page(request: SignedInRequest) -> HttpResponse:
    """Of an exam question that is closed to the reader stands the number, and nothing can be done to it here."""
    viewer_with(request, *READERS)
    problem = ""
    if request.method == "POST":
        viewer_with(request, *RECKONERS)
        try:
            _keep(request, request.POST.get("question", ""))
        except RuleViolation as refused:
            problem = str(refused.message)
        else:
            messages.success(
                request, _t("It stays. It is suggested again by another reason or by thirty more answers.")
            )
            return redirect("quizzes_retiring")
    now = timezone.now()
    found = retire_suggestions(on=local_day(now))
    kept = list(KeptQuestion.objects.select_related("question__category", "kept_by")[:KEPT_LISTED])
    named = {suggestion.question.pk for suggestion in found} | {decision.question_id for decision in kept}
    closed = closed_questions(user=request.user, now=now).filter(pk__in=named)
    shut = set(closed.values_list("pk", flat=True))
    shut |= set(staff_key_refusals(user=request.user, questions=named - shut, now=now))
    return admin_page(
        request,
        "quizzes/admin/retiring.html",
        {
            "rows": [_row(request, suggestion, shut) for suggestion in found[:LISTED]],
            "more": max(0, len(found) - LISTED),
            "kept": [(decision, _title(decision.question, shut)) for decision in kept],
            "problem": problem,
        },
        title=_t("Questions suggested for retirement"),
        icon="order",
        above=[(reverse("quizzes_statistics"), _t("Question statistics"))],
        status=400 if problem else 200,
    )


def _keep(request: SignedInRequest, asked: str) -> None:
    question, now = question_or_404(asked), timezone.now()
    open_question(request, question, "statistics")
    if not request.user.has_perm("quizzes.change_question"):
        raise RuleViolation(_t("You may read this, not change it."))
    reason = request.POST.get("reason", "")
    keep_question(question=question, reason=reason, actor=request.user, now=now, on=local_day(now))


def _row(request: SignedInRequest, retire_suggestion: RetireSuggestion, shut: set[int]) -> dict[str, Any]:
    open_here, question = retire_suggestion.question.pk not in shut, retire_suggestion.question
    may_retire = open_here and request.user.has_perm("quizzes.publish_question")
    return {
        "question": question,
        "title": _title(question, shut),
        "reasons": [reason.text for reason in retire_suggestion.reasons],
        "consequences": [found.text for found in consequences_of(question)],
        "url": reverse("question_statistics", args=[question.pk]) if open_here else "",
        "retire_url": reverse("wagtailsnippets_quizzes_question:unpublish", args=[question.pk]) if may_retire else "",
        "may_keep": open_here and request.user.has_perm("quizzes.change_question"),
    }


def _title(question: Any, shut: set[int]) -> str:
    return _t("Exam question %(number)s") % {"number": question.pk} if question.pk in shut else title_of(question)


URLS = [path("statistics/retiring/", retiring_page, name="quizzes_retiring")]
