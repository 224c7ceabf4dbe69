"""A question meets its other language: proposed, looked at side by side, joined as a draft."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import admin_page
from quizzes.bank.comparing import CHANGED, ImportRow
from quizzes.bank.language_pairs import join_languages, joined_body, joining_refusal, partners_of
from quizzes.interchange.base import ImportedQuestion
from quizzes.interchange.joining import languages_of
from quizzes.models import Question, QuestionImport
from quizzes.views.previews import InPlace, card_of
from quizzes.viewsets.import_pairs import language_in_bank, orders_said, pairs_of
from quizzes.viewsets.pools import open_question, question_or_404
from quizzes.viewsets.question_columns import title_of

TYPED_AT_MOST = 200


@declares(Scope.CONTENT)
def question_join(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose the other one, see both side by side, join them."""
    question = _opened(request, pk, "join")
    chosen = whole_number(request.POST.get("other", request.GET.get("other", "")))
    other = _opened(request, chosen, "join") if chosen else None
    if request.method == "POST" and other is not None:
        return _joined(request, question, other)
    draft = question.newest_draft()
    refusal = joining_refusal(draft)
    typed = request.GET.get("q", "").strip()[:TYPED_AT_MOST]
    offered = [] if refusal or other else partners_of(question, typed=typed, user=request.user, now=timezone.now())
    return admin_page(
        request,
        "quizzes/admin/question_join.html",
        {
            "question": question,
            "title_here": title_of(draft),
            "refusal": refusal,
            "typed": typed,
            "offered": [
                {"question": row, "title": title_of(row), "place": row.category or row.bank} for row in offered
            ],
            "beside": _beside(draft, other.newest_draft()) if other is not None and not refusal else None,
        },
        title=_t("Join with the other language"),
        icon="link",
        above=[
            (reverse("wagtailsnippets_quizzes_question:list"), _t("Questions")),
            (reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk]), title_of(question)),
        ],
    )


def _opened(request: SignedInRequest, pk: int, look: str) -> Question:
    question = question_or_404(str(pk))
    open_question(request, question, look)
    return question


def _beside(draft: Question, other: Question) -> dict[str, Any]:
    """Both as learners see them with their keys, and which option belongs to which; or why they cannot be joined."""
    facts: dict[str, Any] = {"other": other, "cards": [_card(draft), _card(other)]}
    try:
        if len(languages_of(other.body)) != 1:
            raise RuleViolation(_t("The other question is no longer a draft in the other language. Choose again."))
        body = joined_body(draft, other, {})
    except RuleViolation as refused:
        return {**facts, "refusal": str(refused)}
    (language,) = languages_of(other.body)
    row = ImportRow(_as_imported(other), CHANGED, body, draft)
    run = QuestionImport(language=language)
    return {**facts, "pairs": pairs_of(row, run), "languages": [language_in_bank(row), language]}


def _card(question: Question) -> dict[str, Any]:
    language = next(iter(languages_of(question.body)), "")
    return {
        "card": card_of(question.type, question.body, language, InPlace),
        "text": question.stem(language),
        "language": language,
    }


def _as_imported(question: Question) -> ImportedQuestion:
    return ImportedQuestion(
        type=question.type, name=question.name, text="", category="", line=0, body=question.body, key=str(question.pk)
    )


def _joined(request: SignedInRequest, question: Question, other: Question) -> HttpResponse:
    here = reverse("question_join", args=[question.pk])
    orders, refusal = orders_said(request.POST)
    if refusal:
        messages.error(request, refusal)
        return redirect(f"{here}?other={other.pk}")
    try:
        run = join_languages(question=question, other=other, orders=orders, actor=request.user, now=timezone.now())
    except RuleViolation as refused:
        messages.error(request, str(refused))
        return redirect(here)
    undo = messages.button(reverse("quizzes_import_undo", args=[run.pk]), _t("Take apart again"))
    text = _t("Joined as a draft in two languages. Look it through and publish it.")
    messages.success(request, text, buttons=[undo])
    return redirect("wagtailsnippets_quizzes_question:edit", question.pk)


URLS = [path("questions/<int:pk>/join/", question_join, name="question_join")]
