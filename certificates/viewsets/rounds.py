"""Rounds of certification in the admin: the listing with their phases, the form, and the way to a round's own page."""

from typing import Any

import django_filters
from django import forms
from django.db.models.query import QuerySet
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic

from academy.calendar.clock import local_day
from academy.models import Branch, Line
from academy.requests.asked import DayField
from academy.staff.access import branches_visible_to, holds_bank_wide
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.scoped import ScopedEditView, ScopedIndexView, ScopedViewSet, scope_of
from certificates.models import CertificationRound, CertificationTrack
from certificates.models.rounds import DAYS
from certificates.rounds.arranging import arrange_round, arranging_faults
from certificates.rounds.facts import KEEPERS, done_in
from certificates.rounds.overview import waiting_rounds
from certificates.rounds.phases import Days, phase_on
from certificates.viewsets.round_page import download, letters, round_page, rounds_visible


class RoundForm(WagtailAdminModelForm):
    """What a round is for and its days. Once announced only days move, forward."""

    lines = forms.MultipleChoiceField(
        label=_("Lines"),
        choices=Line.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For people posted in these lines; none ticked: every line."),
    )

    class Meta:
        model = CertificationRound
        fields = [
            "track",
            "name",
            "name_en",
            "branch",
            "lines",
            "applying",
            "places",
            "ranking",
            "notice",
            *(name for name, _later in DAYS),
        ]
        field_classes = {name: DayField for name, _later in DAYS}
        widgets = {"notice": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today, viewer = local_day(timezone.now()), self.for_user
        tracks = CertificationTrack.objects.filter(active=True) | CertificationTrack.objects.filter(
            pk=self.instance.track_id
        )
        self.fields["track"].queryset = tracks
        visible = branches_visible_to(viewer, today, KEEPERS) if viewer else Branch.objects.none()
        self.fields["branch"].queryset = visible.filter(closed_on=None)
        if viewer and not holds_bank_wide(viewer, today, *KEEPERS):
            self.fields["branch"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            before = CertificationRound.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
            after = CertificationRound(pk=self.instance.pk, **{name: cleaned[name] for name in self._meta.fields})
            for fault in arranging_faults(before, after, timezone.now()):
                self.add_error(fault.field or None, fault.text)
        return cleaned

    def save(self, commit: bool = True) -> CertificationRound:
        return arrange_round(certification_round=super().save(commit=False), actor=self.for_user, now=timezone.now())

    def save_m2m(self) -> None:
        """There is nothing beside the row."""


class RoundFilterSet(WagtailFilterSet):
    waiting = django_filters.ChoiceFilter(
        label=_("Next step"), choices=[("1", _("A step is due"))], empty_label=_("All"), method="that_wait"
    )

    class Meta:
        model = CertificationRound
        fields = ["track", "applying"]

    def that_wait(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """What the tile on the home page counts."""
        viewer, _today = scope_of(self.request)
        due = waiting_rounds(viewer, timezone.now())
        return queryset.filter(pk__in=[certification_round.pk for certification_round in due])


class RoundScopeMixin:
    """Rounds of the whole bank, and those that concern the viewer's part."""

    request: Any

    def scope_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.filter(pk__in=rounds_visible(self.request).values("pk"))


class RoundIndexView(RoundScopeMixin, ScopedIndexView):
    page_title = _("Certification rounds")
    add_item_label = _("Arrange a round")
    default_ordering = "-apply_from"
    list_export = ["name", "track.code", "branch.code", *(name for name, _later in DAYS)]
    export_filename = "certification-rounds"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=_("Round"), accessor="local_name"),
            Column("track", label=_("Track"), accessor="track"),
            Column("branch", label=_("Branch"), accessor=lambda row: row.branch or _("All")),
            Column("phase", label=pgettext_lazy("of a round", "Phase"), accessor=self._phase),
            DateColumn("apply_until", label=_("Applications through"), sort_key="apply_until"),
            DateColumn("award_on", label=_("Common award date"), sort_key="award_on"),
        ]

    @cached_property
    def _done(self) -> dict[int, Any]:
        return done_in(self.get_base_queryset())

    def _phase(self, certification_round: CertificationRound) -> Any:
        return phase_on(
            Days.of(certification_round), self._done[certification_round.pk], local_day(timezone.now())
        ).label

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("track", "branch")

    def get_edit_url(self, instance: CertificationRound) -> str:
        return reverse("rounds:round", args=[instance.pk])


class RoundCreateView(generic.CreateView):
    page_title = _("Arrange a round")
    success_message = _("The round is a draft. Look at it and announce it.")

    def get_success_url(self) -> str:
        return reverse("rounds:round", args=[self.object.pk])


class RoundEditView(RoundScopeMixin, ScopedEditView):
    success_message = _("Saved. Everybody in the round is notified of days that moved.")

    def get_success_url(self) -> str:
        return reverse("rounds:round", args=[self.object.pk])


class RoundViewSet(ScopedViewSet):
    scope = Scope.BRANCH
    model = CertificationRound
    name = "rounds"
    icon = "calendar-check"
    menu_label = _("Certification rounds")
    menu_order = 195
    add_to_admin_menu = True
    scope_branch_path = "branch"
    filterset_class = RoundFilterSet
    search_fields = ["name", "name_en", "track__code", "track__name"]
    index_view_class = RoundIndexView
    add_view_class = RoundCreateView
    edit_view_class = RoundEditView
    left_out = ("delete", "usage", "history", "history_results")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return RoundForm

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", round_page, name="round"),
            path("<int:pk>/letters/", letters, name="letters"),
            path("<int:pk>/lists/<slug:name>.xlsx", download, name="list"),
        ]
