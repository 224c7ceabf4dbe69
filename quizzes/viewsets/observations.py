"""Observations in the admin: HR's list, one of them with its sheets, and what two people decide about it."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn

from academy.errors.refusals import RuleViolation
from academy.models import Proposal, User
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.journal_places import register_places
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of
from quizzes.models import Observation
from quizzes.models.observing import sheets_handed_in
from quizzes.observing.correcting import propose_annulment, propose_correction, propose_manager
from quizzes.observing.reach import KEEPERS, assessors_to_join
from quizzes.observing.showing import combined_words, criteria_of, levels_in, sheets_of, vetoes_of
from quizzes.viewsets.bans import told


def observation_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One observation: what was seen, and the proposals to correct it, take it away or let the line manager assess."""
    viewer, today = scope_of(request)
    people = people_visible_to(viewer, today).values("pk")
    rows = Observation.objects.select_related("practice", "person", "asked_by")
    found = get_object_or_404(rows, pk=pk, person__in=people)
    may_change = people_visible_to(viewer, today, KEEPERS).filter(pk=found.person_id).exists()
    if request.method == "POST":
        if not may_change:
            raise Http404
        try:
            return told(request, _propose(request, found))
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    sheets = list(found.sheets.select_related("assessor"))
    handed_in = [sheet for sheet in sheets if sheet.handed_in_at]
    return admin_page(
        request,
        "quizzes/admin/observation.html",
        {
            "observation": found,
            "sheets": [
                (
                    sheet,
                    shown,
                    criteria_of(found.terms["rubric"], sheet.draft.get("levels", {})),
                    vetoes_of(found.terms["rubric"], sheet.draft.get("vetoes", []), sheet.draft.get("levels", {})),
                )
                for sheet, shown in zip(handed_in, sheets_of(handed_in), strict=True)
            ],
            "waiting": [sheet.assessor for sheet in sheets if not sheet.handed_in_at],
            "may_change": may_change,
            "combined": combined_words(found, handed_in),
            "to_join": assessors_to_join(found, today)
            if found.being_scored and len(sheets) < found.sheets_wanted
            else None,
        },
        title=str(found.practice),
        icon="view",
        above=[(reverse("observations:index"), _t("Observations"))],
    )


def _propose(request: SignedInRequest, found: Observation) -> Proposal:
    act, reason, now = request.POST.get("act", ""), request.POST.get("reason", ""), timezone.now()
    actor = request.user
    if act == "annul":
        return propose_annulment(observation=found, reason=reason, actor=actor, now=now)
    if act == "allow":
        return propose_manager(observation=found, reason=reason, actor=actor, now=now)
    sheet = get_object_or_404(
        found.sheets.select_related("observation", "assessor"), pk=whole_number(act.removeprefix("correct-")) or 0
    )
    return propose_correction(
        sheet=sheet,
        levels=levels_in(request.POST),
        vetoes=request.POST.getlist("veto"),
        reason=reason,
        actor=actor,
        now=now,
    )


class ObservationIndexView(ScopedIndexView):
    page_title = _("Observations")
    default_ordering = "-asked_at"
    list_export = [
        "person.staff_number",
        "person.display_name",
        "practice.code",
        "state",
        "starts_at",
        "place",
        "observed_on",
        "score",
        "passed",
    ]
    export_filename = "observations"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "person", label=_("Person"), accessor="person"),
            Column("practice", label=_("Observed practice"), accessor="practice"),
            Column("state", label=_("State"), accessor="state_words", sort_key="state"),
            DateColumn("starts_at", label=_("Starts"), sort_key="starts_at"),
            Column(
                "score", label=pgettext_lazy("points of an observation", "Score"), accessor=_score, sort_key="score"
            ),
            Column("passed", label=_("Pass or fail"), accessor=_result, sort_key="passed"),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("person", "practice").annotate(sheets_done=sheets_handed_in())

    def get_edit_url(self, instance: Observation) -> str:
        return reverse("observations:observation", args=[instance.pk])


def _score(row: Observation) -> str:
    return "" if row.score is None else f"{row.score.normalize():f}"


def _result(row: Observation) -> Any:
    if row.passed is None:
        return ""
    if row.annulled_at:
        return _("No longer counts")
    return pgettext_lazy("observation", "Passed") if row.passed else pgettext_lazy("observation", "Not passed")


def _observations(keys: Collection[int], viewer: User, on: date) -> dict[int, str]:
    found = Observation.objects.filter(pk__in=keys, person__in=people_visible_to(viewer, on).values("pk"))
    return {pk: reverse("observations:observation", args=[pk]) for pk in found.values_list("pk", flat=True)}


register_places("quizzes.observation", _observations)


class ObservationViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = Observation
    name = "observations"
    icon = "view"
    menu_label = _("Observations")
    menu_order = 140
    scope_path = "person"
    list_filter = ["state", "practice", "passed"]
    search_fields = ["person__staff_number", "person__display_name"]
    index_view_class = ObservationIndexView
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("<int:pk>/", observation_page, name="observation")]
