"""Running a quiz: how many are where, papers drawn ahead, results released, and whether somebody would get in."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages

from academy.addresses import leads_in
from academy.errors.refusals import RuleViolation
from academy.models import User
from academy.requests.form_token import key_of_form
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.pages import Place, admin_page, viewer_with
from quizzes.attempts import begin_draw, refusals_for, release_results
from quizzes.attempts.settling import to_release
from quizzes.grading.papers import draw_problems
from quizzes.models import Attempt, Quiz
from quizzes.rules.chances import rules_for
from quizzes.viewsets.staff_numbers import ARRANGERS, people_in_reach, people_of_list

INPUT = {"class": "w-field__input"}


class PeopleForm(forms.Form):
    """A pasted list, within the viewer's part."""

    staff_numbers = forms.CharField(
        label=_("Staff numbers"),
        widget=forms.Textarea(attrs={"rows": 6, **INPUT}),
        max_length=100_000,
        help_text=_("One a line; a column pasted from a sheet will do."),
    )

    def __init__(self, *args: Any, viewer: Any, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.on = viewer, on

    def clean_staff_numbers(self) -> Any:
        return people_of_list(self.cleaned_data["staff_numbers"], viewer=self.viewer, on=self.on)


class ReleaseForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.TextInput(attrs=INPUT))


class PersonForm(forms.Form):
    person = forms.CharField(label=_("Staff number"), max_length=32, widget=forms.TextInput(attrs=INPUT))


@declares(Scope.PEOPLE)
def conduct_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Four forms on one page; each posts its own ``act``."""
    viewer, today = viewer_with(request, *ARRANGERS)
    quiz = get_object_or_404(Quiz, pk=pk)
    reach, act = people_in_reach(viewer, today), request.POST.get("act")
    draw = PeopleForm(request.POST if act == "draw" else None, viewer=viewer, on=today)
    release = ReleaseForm(request.POST if act == "release" else None)
    person = PersonForm(request.POST if act == "check" else None)
    checked = None
    if draw.is_bound and draw.is_valid():
        return _draw(request, quiz, draw.cleaned_data["staff_numbers"])
    if release.is_bound and release.is_valid():
        return _release(request, quiz, reach, release.cleaned_data["reason"])
    if person.is_bound and person.is_valid():
        checked = reach.filter(staff_number=person.cleaned_data["person"].strip()).first()
        if checked is None:
            person.add_error("person", _t("Nobody in your part of the bank has this number."))
    counts = dict(
        Attempt.objects.filter(quiz=quiz, learner__in=reach.values("pk"))
        .order_by()
        .values_list("state")
        .annotate(Count("pk"))
    )
    return admin_page(
        request,
        "quizzes/admin/conduct.html",
        {
            "quiz": quiz,
            "states": [(state.label, counts.get(state.value, 0)) for state in Attempt.State],
            "waiting": to_release(quiz=quiz, people=reach).count(),
            "problems": draw_problems(list(quiz.slots.select_related("question", "category"))),
            "draw": draw,
            "runs": quiz.draw_runs.select_related("asked_by", "job")[:3],
            "release": release,
            "person": person,
            "checked": checked,
            "refusals": refusals_for(quiz=quiz, learner=checked, now=timezone.now()) if checked else [],
            "rules": rules_for(quiz=quiz, learner=checked) if checked else None,
        },
        title=_t("Running: %(quiz)s") % {"quiz": quiz},
        icon="form",
        above=_above(viewer, today),
        leaf=str(quiz),
    )


def _above(viewer: User, today: date) -> list[Place]:
    """The list of quizzes, for who writes them; others come from elsewhere."""
    name = "wagtailsnippets_quizzes_quiz:list"
    return [(reverse(name), _t("Quizzes"))] if leads_in(name, viewer, today) else []


def _draw(request: SignedInRequest, quiz: Quiz, people: list[Any]) -> HttpResponse:
    begin_draw(
        quiz=quiz,
        people=[person.pk for person in people],
        actor=request.user,
        now=timezone.now(),
        once=key_of_form(request),
    )
    messages.success(
        request,
        ngettext(
            "A paper for %(count)s person is being drawn. Anyone who has one keeps it.",
            "Papers for %(count)s people are being drawn. Anyone who has one keeps it.",
            len(people),
        )
        % {"count": len(people)},
    )
    return redirect("quizzes_conduct", pk=quiz.pk)


def _release(request: SignedInRequest, quiz: Quiz, reach: Any, reason: str) -> HttpResponse:
    try:
        count = release_results(quiz=quiz, people=reach, actor=request.user, reason=reason, now=timezone.now())
    except RuleViolation as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(
            request,
            ngettext("%(count)s result is released.", "%(count)s results are released.", count) % {"count": count},
        )
    return redirect("quizzes_conduct", pk=quiz.pk)
