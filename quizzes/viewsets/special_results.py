"""Absent, deferred, irregular, void in the admin: the list, taking a mark away, what rests on it, taking it back."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn

from academy.doors import consequences_of
from academy.errors.refusals import RuleViolation
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of
from quizzes.hall.results import (
    ANNULLING,
    Annulment,
    paper_refusal,
    propose_annulment,
    propose_taking_back,
    take_back,
    taking_back_refusal,
    waiting_taking_back,
)
from quizzes.hall.seating import ARRANGERS
from quizzes.models import Attempt, SpecialResult
from quizzes.viewsets.bans import told


def annul_paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """One paper: what it was, what rests on its mark, and the proposal to take the mark away."""
    viewer, today = viewer_with(request, *ARRANGERS)
    people = people_visible_to(viewer, today, ARRANGERS).values("pk")
    attempt = get_object_or_404(Attempt.objects.select_related("quiz", "learner"), pk=pk, learner__in=people)
    standing = attempt.special_results.filter(withdrawn_at=None).first()
    if request.method == "POST":
        try:
            proposal = propose_annulment(
                kind=request.POST.get("kind", ""),
                attempt=attempt,
                reason=request.POST.get("reason", ""),
                actor=viewer,
                now=timezone.now(),
            )
            return told(request, proposal)
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    return admin_page(
        request,
        "quizzes/admin/annul.html",
        {
            "attempt": attempt,
            "kinds": [(kind.value, kind.label) for kind in ANNULLING],
            "refusal": paper_refusal(attempt=attempt, standing=standing),
            "consequences": consequences_of(Annulment(attempt)),
        },
        title=_t("Take the mark away"),
        icon="cross",
        above=[(reverse("special_results:index"), _t("Special results"))],
    )


def one_result(request: SignedInRequest, pk: int) -> HttpResponse:
    """One result: what rests on a mark that does not count any more, and taking the result back."""
    viewer, today = scope_of(request)
    people = people_visible_to(viewer, today).values("pk")
    special_results = SpecialResult.objects.select_related(
        "person", "quiz", "attempt__quiz", "attempt__learner", "recorded_by"
    )
    result = get_object_or_404(special_results, pk=pk, person__in=people)
    theirs = people_visible_to(viewer, today, ARRANGERS).filter(pk=result.person_id).exists()
    may_change = theirs and taking_back_refusal(result=result, actor=viewer) is None
    if request.method == "POST":
        if not theirs:
            raise Http404
        reason, now = request.POST.get("reason", ""), timezone.now()
        try:
            if result.attempt_id is not None:
                return told(request, propose_taking_back(result=result, reason=reason, actor=viewer, now=now))
            take_back(result=result, reason=reason, actor=viewer, now=now)
            messages.success(request, _t("Taken back."))
            return redirect("special_results:index")
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    rests = consequences_of(Annulment(result.attempt)) if result.attempt and result.kind in ANNULLING else []
    return admin_page(
        request,
        "quizzes/admin/special_result.html",
        {
            "result": result,
            "consequences": rests,
            "may_change": may_change,
            "waiting": waiting_taking_back(result) if theirs else None,
        },
        title=result.get_kind_display(),
        icon="cross",
        above=[(reverse("special_results:index"), _t("Special results"))],
    )


class SpecialResultIndexView(ScopedIndexView):
    page_title = _("Special results")
    default_ordering = "-recorded_at"
    list_export = [
        "person.staff_number",
        "person.display_name",
        "quiz.code",
        "kind",
        "reason",
        "recorded_at",
        "withdrawn_at",
    ]
    export_filename = "special-results"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "person", label=_("Person"), accessor="person"),
            Column("kind", label=_("Result"), accessor="get_kind_display", sort_key="kind"),
            Column("quiz", label=_("Exam"), accessor="quiz"),
            Column("reason", label=_("Reason"), accessor="reason"),
            DateColumn("recorded_at", label=_("Recorded at"), sort_key="recorded_at"),
            Column(
                "withdrawn",
                label=_("State"),
                accessor=lambda row: pgettext_lazy("decision", "Taken back") if row.withdrawn_at else "",
            ),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("person", "quiz")

    def get_edit_url(self, instance: SpecialResult) -> str:
        return reverse("special_results:consequences", args=[instance.pk])


class SpecialResultViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = SpecialResult
    name = "special_results"
    icon = "cross"
    menu_label = _("Special results")
    menu_order = 120
    scope_path = "person"
    list_filter = ["kind", "quiz"]
    search_fields = ["person__staff_number", "person__display_name"]
    index_view_class = SpecialResultIndexView
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", one_result, name="consequences"),
            path("paper/<int:pk>/", annul_paper, name="paper"),
        ]
