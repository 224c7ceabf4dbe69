"""Outages in the admin: recording one, seeing who lost how much, giving it back once."""

from typing import Any

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic

from academy.calendar.clock import local_day
from academy.models import Branch
from academy.requests.asked import MomentInput, whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import branches_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of
from quizzes.hall.outages import credit_outage, dues, incident_refusal, papers_hit, record_incident
from quizzes.hall.seating import ARRANGERS
from quizzes.models import ExamSession, Incident, Quiz


class IncidentForm(WagtailAdminModelForm):
    """From when to when, and who was hit."""

    class Meta:
        model = Incident
        fields = ["quiz", "session", "branch", "starts_at", "ends_at", "reason"]
        widgets = {"starts_at": MomentInput(), "ends_at": MomentInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now, viewer = timezone.now(), self.for_user
        visible = branches_visible_to(viewer, local_day(now), ARRANGERS) if viewer else Branch.objects.none()
        self.fields["quiz"].queryset = Quiz.objects.filter(kind=Quiz.Kind.EXAM)
        self.fields["branch"].queryset = visible.filter(closed_on=None)
        self.fields["session"].queryset = ExamSession.objects.filter(branch__in=visible, cancelled_at=None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            incident = Incident(**{name: cleaned[name] for name in self._meta.fields})
            refusal = incident_refusal(incident=incident, now=timezone.now())
            if refusal:
                raise forms.ValidationError(refusal)
        return cleaned

    def save(self, commit: bool = True) -> Incident:
        incident = super().save(commit=False)
        return record_incident(incident=incident, actor=self.for_user, now=timezone.now())

    def save_m2m(self) -> None:
        """Nothing hangs on an outage yet."""


class IncidentCreateView(generic.CreateView):
    page_title = _("Record an outage")
    success_message = _("The outage is recorded. Check who lost how much, then give it back.")

    def get_success_buttons(self) -> list[Any]:
        """An outage is not edited."""
        return []

    def get_success_url(self) -> str:
        return reverse("incidents:credit", args=[self.object.pk])


def credit_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who gets how much before it is confirmed; what was given afterwards."""
    viewer, today = scope_of(request)
    visible = branches_visible_to(viewer, today)
    incidents = Incident.objects.select_related("quiz", "branch", "session")
    incident = get_object_or_404(incidents, pk=pk, branch__in=visible)
    may_change = branches_visible_to(viewer, today, ARRANGERS).filter(pk=incident.branch_id).exists()
    now = timezone.now()
    if request.method == "POST":
        if not may_change:
            raise Http404
        ticked = [key for pk in request.POST.getlist("reopen") if (key := whole_number(pk)) is not None]
        given = credit_outage(incident=incident, reopen=[int(pk) for pk in ticked], actor=viewer, now=now)
        done = ngettext("Minutes given to %(count)s paper.", "Minutes given to %(count)s papers.", len(given))
        messages.success(request, done % {"count": len(given)})
        return redirect("incidents:credit", pk=pk)
    lines = dues(incident=incident, papers=papers_hit(incident=incident, now=now))
    return admin_page(
        request,
        "quizzes/admin/outage.html",
        {
            "incident": incident,
            "gets": [line for line in lines if line.span and not line.reopens],
            "reopens": [line for line in lines if line.span and line.reopens],
            "nothing": [line for line in lines if not line.span and not line.given],
            "credits": incident.credits.select_related("attempt__learner", "given_by").defer("attempt__paper"),
            "may_change": may_change,
        },
        title=_t("Outage"),
        icon="warning",
        above=[(reverse("incidents:index"), _t("Outages"))],
        leaf=incident.reason[:60],
    )


class IncidentIndexView(ScopedIndexView):
    page_title = _("Outages")
    add_item_label = _("Record an outage")
    default_ordering = "-starts_at"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "reason", label=_("What happened"), accessor="reason"),
            Column("quiz", label=_("Exam"), accessor="quiz"),
            Column("where", label=_("Session or branch"), accessor=lambda row: row.session or row.branch),
            DateColumn("starts_at", label=_("Outage began"), sort_key="starts_at"),
            DateColumn("ends_at", label=_("Outage ended"), sort_key="ends_at"),
            Column("given", label=_("Papers credited"), accessor="given"),
            Column("minutes", label=_("Minutes given"), accessor=lambda row: row.minutes or 0),
        ]

    def get_base_queryset(self) -> QuerySet:
        found = super().get_base_queryset().select_related("quiz", "branch", "session")
        return found.annotate(given=Count("credits"), minutes=Sum("credits__minutes"))

    def get_edit_url(self, instance: Incident) -> str:
        return reverse("incidents:credit", args=[instance.pk])


class IncidentViewSet(ScopedViewSet):
    scope = Scope.BRANCH
    model = Incident
    name = "incidents"
    icon = "warning"
    menu_label = _("Outages")
    menu_order = 110
    scope_branch_path = "branch"
    list_filter = ["quiz"]
    search_fields = ["reason", "quiz__code"]
    index_view_class = IncidentIndexView
    add_view_class = IncidentCreateView
    left_out = ("edit", "delete", "usage", "history", "history_results")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return IncidentForm

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("<int:pk>/", credit_page, name="credit")]
