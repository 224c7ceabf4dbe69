"""A repair of a question: what it would do, by name, course and level, the word that starts it, and what was done before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import pgettext
from wagtail.admin import messages

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import DECIDERS
from academy.decisions.objects import PUBLISH, Act, second_people
from academy.decisions.publishing import waiting_publications
from academy.decisions.second_person import deciders_of_bank
from academy.doors import Consequence, consequences_of
from academy.errors.refusals import RuleViolation
from academy.models import Proposal, Role, User
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, holds_bank_wide
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import admin_page
from quizzes.marking.handing_over import decline, hand_over, open_request, page_of, take_back
from quizzes.marking.regrading import (
    Change,
    KeyRepair,
    Preview,
    outdated_answers,
    preview_regrade,
    propose_regrade,
    undoable_run,
)
from quizzes.marking.repairs import Mode, Worth, marks_now, worth_refusal
from quizzes.models import Question, Quiz, RegradeRun
from quizzes.pools.exam_pools import closed_on_papers, exam_pool_refusal, readable_questions
from quizzes.pools.looks import log_look_at_question

SHOWN, NAMED_DECIDERS = 200, 3
NOTHING = Preview((), 0, 0)


@dataclass(frozen=True)
class ChangeRow:
    """A paper that would change: what else it does, and whether somebody decides about the person."""

    change: Change
    courses_and_levels: str
    asks: bool
    stays: bool


def _mode(request: SignedInRequest) -> str:
    """What is to be done, as the address or the form says; by the key where it says nothing that there is."""
    asked = request.POST.get("mode") or request.GET.get("mode") or ""
    return asked if asked in RegradeRun.Mode.values else RegradeRun.Mode.KEY.value


def _offered(last: RegradeRun | None, runs: Sequence[RegradeRun], chosen: str) -> list[tuple[str, Any, bool]]:
    """Value, words and whether it is chosen, of what can be done: taking all back only where papers do not remember."""
    forgotten = any(not run.can_be_undone and run.mode in (Mode.FULL, Mode.DROP) for run in runs)
    shown = {Mode.KEY, Mode.FULL, Mode.DROP, Mode.MARK, chosen} | ({Mode.UNDO} if last else set())
    shown |= {Mode.BACK} if forgotten else set()
    return [(mode.value, mode.label, mode == chosen) for mode in Mode if mode in shown]


def opened_to(viewer: User, questions: Collection[int], now: datetime) -> set[int]:
    """For which of the questions the page of a repair opens for the viewer: for deciders of the whole bank each, for trainers
    and reviewers those that are not kept from them. Lists link to these only."""
    today = local_day(now)
    if holds_bank_wide(viewer, today, *DECIDERS):
        return set(questions)
    if not has_role(viewer, today, Role.TRAINER, Role.REVIEWER):
        return set()
    among = Question.objects.filter(pk__in=questions)
    return set(readable_questions(user=viewer, now=now, among=among).values_list("pk", flat=True))


@declares(Scope.CONTENT)
def regrade_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """What marking anew with the repaired question would do. Head office's HR asks for it and sees names."""
    viewer, now = request.user, timezone.now()
    today = local_day(now)
    decides = holds_bank_wide(viewer, today, *DECIDERS)
    if pk not in opened_to(viewer, [pk], now):
        raise Http404
    question = get_object_or_404(Question.objects.select_related("current_version", "category"), pk=pk)
    closed = exam_pool_refusal(user=viewer, question=question, now=now) is not None
    if not viewer.has_perm("quizzes.view_question"):
        # HR, who looks after no questions, is not told the words of an exam's that lies in no pool either.
        closed = closed or bool(closed_on_papers(user=viewer, questions=[pk], now=now))
    if not closed:
        log_look_at_question(request, question, "regrade")
    mode, worth = _mode(request), _worth(request)
    problem = _worth_problem(request) if mode == Mode.MARK else ""
    if request.method == "POST" and not problem:
        try:
            return _posted(request, question, mode, worth, decides=decides)
        except RuleViolation as refused:
            problem = str(refused.message)
    asks_first = mode == Mode.MARK and worth is None
    preview = NOTHING if asks_first else preview_regrade(question=question, mode=mode, worth=worth)
    told = consequences_of(KeyRepair(question, preview.changes)) if preview.changes else []
    last = undoable_run(question)
    runs = list(question.regrades.select_related("version", "asked_by", "job", "undoes", "quiz"))
    return admin_page(
        request,
        "quizzes/admin/regrade.html",
        {
            "question": question,
            "stem": _t("Exam question %(number)s") % {"number": pk} if closed else question.stem(),
            "preview": preview,
            "changes": _rows(preview, told, set(request.POST.getlist("stays"))) if decides else [],
            "consequences": told,
            "waiting": outdated_answers(question).count() if mode == Mode.KEY else len(preview.changes) + preview.same,
            "modes": _offered(last, runs, mode),
            "mode": mode,
            "worth": worth,
            "written": request.POST.get("worth", request.GET.get("worth", ""))[:20],
            "quiz_asked": whole_number(request.GET.get("quiz", "")),
            "quizzes": _quizzes_with(question) if mode == Mode.MARK else [],
            "asks_first": asks_first,
            "last": last,
            "runs": runs[:10],
            "decides": decides,
            "handed": open_request(question),
            "with_whom": _with_whom(viewer, today),
            "problem": problem,
            "corrections": [
                (proposal, second_names(question, proposal, today)) for proposal in waiting_publications([question])
            ],
        },
        title=_t("Re-mark papers"),
        icon="rotate",
        status=400 if problem else 200,
    )


def _posted(
    request: SignedInRequest, question: Question, mode: str, worth: Worth | None, *, decides: bool
) -> HttpResponse:
    """HR proposes, or says to the trainer why not; a trainer hands it to HR. Raises ``RuleViolation``."""
    reason, now = request.POST.get("reason", ""), timezone.now()
    if request.POST.get("do") == "hand_over" and not decides:
        hand_over(question=question, mode=mode, worth=worth, reason=reason, actor=request.user, now=now)
        messages.success(request, _t("Handed to head office's HR, who were notified."))
        return redirect("quiz_regrade", pk=question.pk)
    handed = open_request(question)
    if request.POST.get("do") == "take_back" and handed is not None:
        take_back(request=handed, actor=request.user, now=now)
        messages.success(request, _t("Taken back. You can hand another repair to HR now."))
        return redirect(page_of(question, mode))
    if not decides:
        raise Http404
    if request.POST.get("do") == "decline" and handed is not None:
        decline(request=handed, answer=reason, actor=request.user, now=now)
        messages.success(request, _t("The trainer was told."))
        return redirect("quiz_regrade", pk=question.pk)
    return _proposed(request, question, mode, worth)


def _proposed(request: SignedInRequest, question: Question, mode: str, worth: Worth | None) -> HttpResponse:
    """Raises ``RuleViolation``."""
    run = propose_regrade(
        question=question,
        reason=request.POST.get("reason", "")[:500],
        actor=request.user,
        now=timezone.now(),
        mode=mode,
        worth=worth if mode == Mode.MARK else None,
        stays=[key for asked in request.POST.getlist("stays") if (key := whole_number(asked)) is not None],
    )
    run.refresh_from_db()
    messages.success(
        request,
        _t("Proposed. The papers are re-marked once a second person approves.")
        if run.job is None
        else _t("The papers are being re-marked. You may leave this page."),
    )
    return redirect("quiz_regrade", pk=question.pk)


def _worth(request: SignedInRequest) -> Worth | None:
    """Which mark for the question on the papers of which quiz is asked for; None where that is not said whole."""
    asked = request.POST if request.method == "POST" else request.GET
    quiz = whole_number(asked.get("quiz", ""))
    try:
        mark = Decimal(asked.get("worth", "").strip())
    except InvalidOperation:
        return None
    return Worth(quiz, mark) if quiz is not None and worth_refusal(mark) is None else None


def _worth_problem(request: SignedInRequest) -> str:
    """What is wrong with the mark that was written, '' where none was."""
    said = (request.POST if request.method == "POST" else request.GET).get("worth", "").strip()
    try:
        return (worth_refusal(Decimal(said)) or "") if said else ""
    except InvalidOperation:
        return worth_refusal(None) or ""


def _quizzes_with(question: Question) -> list[tuple[Quiz, str]]:
    """On whose finished papers the question stands, and what it is worth on them now."""
    marks = marks_now(question)
    return [
        (quiz, pgettext("between marks", ", ").join(f"{mark.normalize():f}" for mark in marks[quiz.pk]))
        for quiz in Quiz.objects.filter(pk__in=marks)
    ]


def _rows(preview: Preview, told: Sequence[Consequence], stays: set[str]) -> list[ChangeRow]:
    """Whoever is decided about first, all of them; then whose result changes."""
    asks = {person for consequence in told if consequence.asks_each for person in consequence.by_person}

    def row(change: Change) -> ChangeRow:
        person = change.attempt.learner_id
        words = [consequence.by_person[person] for consequence in told if person in consequence.by_person]
        changes = change.passed_before != change.passed_after
        return ChangeRow(
            change, " · ".join(words) if changes else "", person in asks and changes, str(change.attempt.pk) in stays
        )

    rows = sorted(
        map(row, preview.changes),
        key=lambda found: (
            not found.asks,
            found.change.passed_before == found.change.passed_after,
            found.change.attempt.pk,
        ),
    )
    return rows[: max(SHOWN, sum(found.asks for found in rows))]


def second_names(question: Question, proposal: Proposal, today: date) -> str:
    """Some of those who may decide about a correction that waits, by name."""
    acts = [Act(question, PUBLISH)]
    deciders = second_people(acts=acts, but=proposal.proposed_by, on=today, at_most=NAMED_DECIDERS)
    return listed(person.display_name for person in deciders)


def _with_whom(viewer: User, today: date) -> str:
    """Some of those with whom a repair lies that was handed over, by name."""
    deciders = list(deciders_of_bank(but=viewer, on=today))[:NAMED_DECIDERS]
    return listed(person.display_name for person in deciders)


URLS = [path("questions/<int:pk>/regrade/", regrade_page, name="quiz_regrade")]
