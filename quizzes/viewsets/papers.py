"""One person's paper as HR and auditors read it: answers, marks and markers; and the way to change a mark."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from academy.bilingual import pick
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import DECIDERS
from academy.errors.refusals import RuleViolation
from academy.forms import field_of
from academy.models import Proposal, User
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, people_visible_to
from academy.viewsets.base import Scope, declares
from academy.viewsets.journal_places import references_of, register_looked_at, register_places
from academy.viewsets.pages import admin_page
from quizzes.attempts.saving import place_of
from quizzes.grading.cases import CASE
from quizzes.grading.frozen import parsed_version
from quizzes.grading.marks import slot_mark
from quizzes.grading.papers import versions_of
from quizzes.marking.changes import propose_change
from quizzes.models import Attempt
from quizzes.pools.exam_pools import closed_on_papers
from quizzes.pools.looks import log_look_at_some
from quizzes.rules.keys import held_questions, staff_key_refusals
from quizzes.types import question_type
from quizzes.types.case import presented_case

SHOWN, NAMED_DECIDERS = 200, 3
_KEPT = _("Kept for exams; exam keepers read it.")


class ChangeForm(forms.Form):
    """Another mark for one question, and why."""

    slot = forms.TypedChoiceField(label=_("Question"), coerce=int)
    mark = forms.DecimalField(label=_("New mark"), min_value=0, max_digits=9, decimal_places=4)
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def __init__(self, data: Any, *, slots: list[int]) -> None:
        super().__init__(data)
        field_of(self, "slot", forms.ChoiceField).choices = [(slot, str(slot)) for slot in slots]


@declares(Scope.PEOPLE)
def paper_page(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The paper of somebody in the viewer's part of the bank; everything else is a 404."""
    viewer, now = request.user, timezone.now()
    today = local_day(now)
    people = people_visible_to(viewer, today)
    attempt = get_object_or_404(
        Attempt.objects.select_related("quiz", "learner").exclude(finished_at=None),
        uuid=uuid,
        learner__in=people.values("pk"),
    )
    finished = attempt.state == Attempt.State.FINISHED
    may_change = finished and has_role(viewer, today, *DECIDERS)
    may_change = may_change and people_visible_to(viewer, today, DECIDERS).filter(pk=attempt.learner_id).exists()
    answers = {
        answer.slot: answer for answer in attempt.answers.prefetch_related("markings__marker").select_related("version")
    }
    asked = {version.question_id for version in versions_of([attempt.paper]).values()}
    closed = closed_on_papers(user=viewer, questions=asked, now=now)
    form = ChangeForm(
        request.POST or None,
        slots=sorted(slot for slot, slot_answer in answers.items() if slot_answer.mark is not None),
    )
    if request.method == "POST":
        if not may_change:
            raise Http404
        if form.is_valid():
            answer = answers[form.cleaned_data["slot"]]
            answer.attempt = attempt
            try:
                proposal = propose_change(
                    answer=answer,
                    mark=form.cleaned_data["mark"],
                    reason=form.cleaned_data["reason"],
                    actor=viewer,
                    now=now,
                )
            except RuleViolation as refused:
                messages.error(request, str(refused.message))
            else:
                alone = proposal.state == Proposal.State.ALONE
                messages.success(
                    request,
                    _t("The mark is changed.")
                    if alone
                    else _t("Proposed. The mark changes once a second person approves."),
                )
            return redirect("quiz_paper", uuid=uuid)
    lines = _lines(attempt, answers, viewer, now, closed)
    log_look_at_some(request, {line["version"].question_id for line in lines} - closed, attempt, "paper")
    return admin_page(
        request,
        "quizzes/admin/paper.html",
        {
            "attempt": attempt,
            "lines": lines,
            "kept": _kept(attempt, closed),
            "closed": _KEPT if closed else "",
            "form": form if may_change else None,
        },
        title=_t("Paper"),
        icon="doc-full",
        status=400 if request.method == "POST" else 200,
    )


def _kept(attempt: Attempt, closed: set[int]) -> list[dict[str, Any]]:
    """What was typed and did not count: too late, older, or from elsewhere. Facts for whoever is asked about it."""
    language, versions = get_language() or settings.LANGUAGE_CODE, versions_of([attempt.paper])
    lines = []
    for kept in attempt.kept_answers.all():
        place = place_of(attempt, kept.slot)
        version = versions[place["version"]]
        kind = question_type(version.type)
        shut = version.question_id in closed and not kind.marked_by_person
        parsed = parsed_version(version, attempt.house_rules)
        said = _KEPT if shut else kind.response_summary(parsed, kept.response, language, place["order"])
        lines.append({"kept": kept, "said": said})
    return lines


def _lines(attempt: Attempt, answers: dict, viewer: User, now: datetime, closed: set[int]) -> list[dict[str, Any]]:
    """The key is for those who look after the question. Who has it on an open paper sees neither answers nor marks.

    Of an exam question that is closed to the viewer stand the marks, and what the person wrote freely.
    """
    versions = versions_of([attempt.paper])
    questions = {version.question_id for version in versions.values()}
    refused = staff_key_refusals(user=viewer, questions=questions, now=now)
    held = held_questions(viewer) & questions
    language = get_language() or settings.LANGUAGE_CODE
    lines = []
    # Each stands once, above the first of its questions.
    cases = {
        pk: presented_case(parsed_version(key, attempt.house_rules).body, language)
        for pk, key in versions.items()
        if key.type == CASE
    }
    for place in attempt.paper:
        version = versions[place["version"]]
        kind = question_type(version.type)
        parsed = parsed_version(version, attempt.house_rules)
        silent, shut = version.question_id in held, version.question_id in closed
        answer = None if silent else answers.get(place["slot"])
        said = kind.response_summary(parsed, answer.response if answer else None, language, place["order"])
        untold = shut or version.question_id in refused
        lines.append(
            {
                "slot": place["slot"],
                # By its number whoever keeps the exam can be asked about it.
                "stem": _t("Exam question %(number)s") % {"number": version.question_id}
                if shut
                else kind.shown_stem(parsed, language),
                "said": "–" if shut and not kind.marked_by_person else said,
                "right": "" if untold else kind.right_answer(parsed, language, place["order"]),
                "refusal": refused.get(version.question_id, "") if silent else "",
                "silent": silent,
                "version": version,
                "answer": answer,
                "worth": Decimal(place["mark"]),
                "case": cases.pop(place["case"], None) if "case" in place and not shut else None,
                "markings": [
                    {
                        "marking": marking,
                        "mark": slot_mark(marking.fraction, place["mark"]),
                        "levels": [
                            f"{pick(criterion['name'], language)}: {criterion['points']} · {pick(criterion['text'], language)}"
                            for criterion in marking.chosen.get("criteria", [])
                        ],
                        "vetoes": [pick(veto["name"], language) for veto in marking.chosen.get("vetoes", [])],
                    }
                    for marking in (answer.markings.all() if answer else [])
                ],
            }
        )
    return lines


def _papers(keys: Collection[int], viewer: User, on: date) -> dict[int, str]:
    found = Attempt.objects.filter(pk__in=keys, learner__in=people_visible_to(viewer, on).values("pk"))
    read = found.exclude(finished_at=None).values_list("pk", "uuid")
    return {pk: reverse("quiz_paper", args=[uuid]) for pk, uuid in read}


register_places("quizzes.attempt", _papers)
register_looked_at(lambda people: references_of(Attempt.objects.filter(learner__in=people), "quizzes.attempt"))

URLS = [path("papers/<uuid:uuid>/", paper_page, name="quiz_paper")]
