"""Questions that are held because a house rule changed: what it said and says, beside each, and one press for “still right”."""

from random import Random
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, ngettext_lazy
from django.utils.translation import gettext as _t
from wagtail.admin import messages

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import HouseRule
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.staff.groups import roles_allowing
from academy.viewsets.base import Scope, declares
from academy.viewsets.handing_in import tell_handed_in
from academy.viewsets.pages import admin_page
from academy.viewsets.panels import WaitingItem
from quizzes.bank.holding import (
    RuleBehindKey,
    branches_of,
    checking_waits,
    confirm_keys,
    held_questions,
    rules_behind,
    said_in_scopes,
    waiting_checks,
)
from quizzes.grading.frozen import parsed_version
from quizzes.models import Question, QuestionVersion
from quizzes.pools.exam_pools import readable_questions
from quizzes.pools.looks import log_look_at_list
from quizzes.rules.keys import staff_key_refusals
from quizzes.types import question_type
from quizzes.types.rich import plain_in
from quizzes.viewsets.question_columns import title_of

LISTED = 50
READ = ("current_version", "category__bank", "bank", "case__current_version")


def held_waits(request: SignedInRequest) -> list[WaitingItem]:
    """For the home of who looks after questions: those that the person may read."""
    if not has_role(request.user, local_day(timezone.now()), *roles_allowing("quizzes.change_question")):
        return []
    label = ngettext_lazy(
        "question is held until its key is checked: a house rule changed",
        "questions are held until their keys are checked: a house rule changed",
        "count",
    )
    count = _mine(request).count()
    return [WaitingItem(count=count, label=label, url=reverse("quizzes_held"), order=140, urgent=True)]


def _mine(request: SignedInRequest) -> Any:
    return readable_questions(user=request.user, now=timezone.now(), among=held_questions())


@declares(Scope.CONTENT)
def held_page(request: SignedInRequest) -> HttpResponse:
    problem = ""
    if request.method == "POST":
        try:
            return _confirmed(request)
        except RuleViolation as refused:
            problem = str(refused.message)
    mine, now = _mine(request), timezone.now()
    questions, total = list(mine.select_related(*READ)[:LISTED]), mine.count()
    log_look_at_list(request, [question.pk for question in questions], "held")
    names = {rule.code: str(rule) for rule in HouseRule.objects.all()} if questions else {}
    behind = {question.pk: _rules_behind(question) for question in questions}
    branches = branches_of(rule for rules in behind.values() for rule in rules)
    waiting = {question.pk for question in waiting_checks(questions)}
    silent = staff_key_refusals(user=request.user, questions=[question.pk for question in questions], now=now)
    return admin_page(
        request,
        "quizzes/admin/held.html",
        {
            "rows": [
                {
                    **_row(question, question.pk in waiting, silent.get(question.pk, "")),
                    "rules": [
                        (names.get(rule.code, rule.code), *(said_in_scopes(rows, branches) for rows in rule.sides))
                        for rule in behind[question.pk]
                    ],
                }
                for question in questions
            ],
            "total": total,
            "more": total > LISTED,
            "others": held_questions().count() - total,
            "two": bool(questions) and checking_waits(questions=questions[:1], actor=request.user, now=now),
            "may_confirm": request.user.has_perm("quizzes.change_question"),
            "reason": request.POST.get("reason", ""),
            "problem": problem,
        },
        title=_t("Keys to check"),
        icon="warning",
        above=[(reverse("wagtailsnippets_quizzes_question:list"), _t("Questions"))],
        status=400 if problem else 200,
    )


def _confirmed(request: SignedInRequest) -> HttpResponse:
    asked = map(whole_number, request.POST.getlist("question"))
    questions = list(
        _mine(request)
        .filter(pk__in=[key for key in asked if key is not None])
        .select_related("current_version", "category")
    )
    reason = request.POST.get("reason", "")[:500]
    proposal = confirm_keys(questions=questions, reason=reason, actor=request.user, now=timezone.now())
    count = len(questions)
    if proposal is not None:
        text = ngettext("%(count)s question waits.", "%(count)s questions wait.", count) % {"count": count}
        tell_handed_in(request, proposal, text)
    else:
        text = ngettext("%(count)s question is back in use.", "%(count)s questions are back in use.", count)
        messages.success(request, text % {"count": count})
    return redirect("quizzes_held")


def _rules_behind(question: Question) -> list[RuleBehindKey]:
    version = question.current_version
    return rules_behind(version=version, tags=question.tags) if version is not None else []


def _row(question: Question, waits: bool, silent: str) -> dict[str, Any]:
    version = question.current_version
    return {
        "question": question,
        "title": title_of(question),
        "place": str(question.category or question.bank),
        **(_key_of(version) if version is not None and not silent else {}),
        "document": _document_of(question) if not silent else "",
        "silent": silent,
        "waits": waits,
        "url": reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk]),
    }


def _document_of(question: Question) -> str:
    """The text of its case, without which nobody can check the key."""
    version = question.case.current_version if question.case is not None else None
    if version is None:
        return ""
    # Of a case ``stem`` says the title only.
    return plain_in(parsed_version(version, version.frozen_values).stem, get_language() or "")


def _key_of(version: QuestionVersion) -> dict[str, str]:
    """The question, what it takes for right and why, as they would be printed with what the rules say now."""
    kind, language = question_type(version.type), get_language() or ""
    parsed = parsed_version(version, version.frozen_values)
    right = kind.right_answer(parsed, language, kind.draw_order(parsed, Random(version.pk)))  # noqa: S311
    return {"stem": version.stem(language), "right": right, "why": plain_in(parsed.feedback, language)}


URLS = [path("questions/held/", held_page, name="quizzes_held")]
