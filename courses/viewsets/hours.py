"""Training hours in the admin: the ledger of the viewer's part of the bank, entering, one entry, what a year asks."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db import transaction
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Branch, Posting, Role, User
from academy.requests.asked import DayField
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, is_auditor_only, people_visible_to
from academy.viewsets.base import HouseViewSet, JournalledEditView, Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of, visible_branches
from courses.classroom.lists import people_of_lines
from courses.hours.ledger import Training, correct_hours, enter_hours, review_hours, review_refusal, withdraw_hours
from courses.models import HourCategory, HourEntry, HourQuota

RECORDERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
QUOTA = register_action("courses.change_quota", _("Hours required a year changed"))
LONGEST_PASTE = 100_000


class TrainingForm(forms.Form):
    """One training, for one person or many."""

    title = forms.CharField(label=_("Training"), max_length=200)
    title_en = forms.CharField(label=_("Training (English)"), max_length=200, required=False)
    category = forms.ChoiceField(label=_("Training category"), choices=HourCategory.choices)
    hours = forms.DecimalField(
        label=_("Hours"), max_digits=5, decimal_places=1, help_text=_("Training hours of 45 minutes.")
    )
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), required=False, help_text=_("Empty: it was a single day."))
    year = forms.IntegerField(
        label=_("Counts for the year"),
        required=False,
        min_value=1990,
        max_value=2199,
        help_text=_("Empty: the year of the last day."),
    )
    provider = forms.CharField(
        label=_("Provider"),
        max_length=120,
        required=False,
        help_text=_("Who held it: a department, an association, a university."),
    )
    evidence = forms.CharField(
        label=_("Proof"),
        max_length=255,
        required=False,
        help_text=_(
            "What proves it and where it is kept: the number of a certificate, the folder of the sign-in list."
        ),
    )

    def training(self) -> Training:
        data = self.cleaned_data
        return Training(
            title=data["title"],
            title_en=data["title_en"],
            category=data["category"],
            hours=data["hours"],
            first_day=data["first_day"],
            last_day=data["last_day"] or data["first_day"],
            year=data["year"],
            provider=data["provider"],
            evidence=data["evidence"],
        )

    @classmethod
    def initial_of(cls, entry: HourEntry) -> dict[str, Any]:
        return {
            **{
                name: getattr(entry, name)
                for name in ("title", "title_en", "category", "hours", "year", "provider", "evidence")
            },
            "first_day": entry.effective_from,
            "last_day": entry.effective_until,
        }


class HourFilterSet(WagtailFilterSet):
    year = django_filters.NumberFilter(label=_("Counts for the year"))
    category = django_filters.ChoiceFilter(
        label=_("Training category"), choices=HourCategory.choices, empty_label=_("All")
    )
    source = django_filters.ChoiceFilter(label=_("Source"), choices=HourEntry.Source.choices, empty_label=_("All"))
    branch = django_filters.ModelChoiceFilter(
        label=_("Branch and below"), queryset=visible_branches, method="filter_branch", empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("counts", _("Counts")), ("withdrawn", _("Withdrawn")), ("unreviewed", _("Not reviewed yet"))],
        method="filter_state",
        empty_label=_("All"),
    )

    class Meta:
        model = HourEntry
        fields: list[str] = []

    def filter_branch(self, queryset: QuerySet, name: str, value: Branch) -> QuerySet:
        _viewer, today = scope_of(self.request)
        here = Posting.objects.current().effective(today).filter(branch__path__startswith=value.path)
        return queryset.filter(person__in=here.values("person"))

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "withdrawn":
            return queryset.exclude(withdrawn_at=None)
        found = queryset.filter(withdrawn_at=None)
        return found if value == "counts" else found.filter(reviewed_at=None, recorded_by__isnull=False)


class HourIndexView(ScopedIndexView):
    page_title = _("Training hours")
    default_ordering = "-effective_from"
    list_export = [
        "person.staff_number",
        "person.display_name",
        "title",
        "category",
        "effective_from",
        "effective_until",
        "year",
        "hours",
        "provider",
        "source",
        "evidence",
        "recorded_by",
        "reviewed_by",
        "withdrawn_at",
        "withdrawn_reason",
    ]
    export_filename = "training-hours"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "title", label=_("Training"), accessor="local_title"),
            Column("person", label=_("Person"), accessor="person"),
            Column("category", label=_("Training category"), accessor="get_category_display", sort_key="category"),
            Column("effective_from", label=_("First day"), accessor=_first_day, sort_key="effective_from"),
            Column("hours", label=_("Hours"), accessor=lambda row: f"{row.hours.normalize():f}", sort_key="hours"),
            Column("year", label=_("Year"), sort_key="year"),
            Column("source", label=_("Source"), accessor="get_source_display", sort_key="source"),
            Column("state", label=_("State"), accessor=entry_state),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("person", "recorded_by", "reviewed_by")

    def get_edit_url(self, instance: HourEntry) -> str:
        return reverse("hour_entries:entry", args=[instance.pk])

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not may_record(self.request):
            return []
        return [HeaderButton(_t("Enter hours"), url=reverse("hour_entries:enter"), icon_name="plus")]


def _first_day(entry: HourEntry) -> str:
    return date_format(entry.effective_from, "SHORT_DATE_FORMAT")


def may_record(request: SignedInRequest) -> bool:
    viewer, today = scope_of(request)
    return has_role(viewer, today, *RECORDERS) and not is_auditor_only(viewer, today)


def entry_state(entry: HourEntry) -> Any:
    if entry.withdrawn_at is not None:
        return _("Withdrawn")
    return _("Reviewed") if entry.reviewed_at else _("Counts")


def recordable_people(request: SignedInRequest) -> QuerySet[User]:
    """Whose hours the viewer may enter."""
    viewer, today = scope_of(request)
    return people_visible_to(viewer, today, RECORDERS)


def _page(request: SignedInRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    return admin_page(
        request,
        template,
        context,
        title=title,
        icon="time",
        above=[(reverse("hour_entries:index"), _t("Training hours"))],
    )


def enter(request: SignedInRequest) -> HttpResponse:
    """One training for a pasted list of people: taken whole or not at all."""
    if not may_record(request):
        raise Http404
    form, text, errors = TrainingForm(request.POST or None), "", []
    if request.method == "POST":
        text = request.POST.get("numbers", "")[:LONGEST_PASTE]
        listed = people_of_lines(text, people=recordable_people(request))
        errors = listed.errors
        if form.is_valid() and not errors and _entered(request, form, listed.people):
            return redirect("hour_entries:index")
    return _page(
        request, "courses/admin/enter_hours.html", _t("Enter hours"), {"form": form, "text": text, "errors": errors}
    )


def _entered(request: SignedInRequest, form: TrainingForm, people: Sequence[User]) -> bool:
    try:
        made = enter_hours(people=people, training=form.training(), actor=request.user, now=timezone.now())
    except RuleViolation as refused:
        form.add_error(None, refused.message)
        return False
    done = ngettext("Entered for %(count)s person.", "Entered for %(count)s people.", len(made)) % {"count": len(made)}
    left = len(people) - len(made)
    if left:
        done += " " + ngettext("%(count)s had this training already.", "%(count)s had this training already.", left) % {
            "count": left
        }
    messages.success(request, done)
    return True


def entry_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One entry with what stands behind it; withdrawing, correcting and reviewing."""
    viewer, today = scope_of(request)
    entries = HourEntry.objects.filter(person__in=people_visible_to(viewer, today))
    entry = get_object_or_404(
        entries.select_related(
            "person",
            "recorded_by",
            "reviewed_by",
            "enrolment__course",
            "attendance__session",
            "corrects",
            "corrected_by",
        ),
        pk=pk,
    )
    acts = may_record(request) and recordable_people(request).filter(pk=entry.person_id).exists()
    form = TrainingForm(initial=TrainingForm.initial_of(entry))
    if request.method == "POST":
        if not acts:
            raise Http404
        if request.POST.get("do") == "correct":
            form = TrainingForm(request.POST)
        done = _act(request, entry, form)
        if done is not None:
            return redirect("hour_entries:entry", pk=done.pk)
    changeable = acts and entry.withdrawn_at is None and entry.source != HourEntry.Source.CLASSROOM
    return _page(
        request,
        "courses/admin/hour_entry.html",
        entry.local_title,
        {
            "entry": entry,
            "state": entry_state(entry),
            "corrected_by": getattr(entry, "corrected_by", None),
            "form": form,
            "acts": acts,
            "changeable": changeable,
            "reviewable": acts and review_refusal(entry, viewer) is None,
        },
    )


def _act(request: SignedInRequest, entry: HourEntry, form: TrainingForm) -> HourEntry | None:
    """Does what was asked. None when the page is to be shown again with what is wrong."""
    deed, reason, now = request.POST.get("do"), request.POST.get("reason", "")[:500], timezone.now()
    try:
        if deed == "withdraw":
            withdraw_hours(entry=entry, reason=reason, actor=request.user, now=now)
            messages.success(request, _t("Withdrawn; the entry stays and says why."))
        elif deed == "review":
            review_hours(entry=entry, actor=request.user, now=now)
            messages.success(request, _t("Reviewed."))
        elif deed == "correct":
            if not form.is_valid():
                return None
            entry = correct_hours(entry=entry, training=form.training(), reason=reason, actor=request.user, now=now)
            messages.success(request, _t("Corrected; the former entry stays and leads here."))
        else:
            raise Http404
    except RuleViolation as refused:
        messages.error(request, str(refused.message))
    return entry


class HourViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = HourEntry
    name = "hour_entries"
    icon = "time"
    menu_label = _("Training hours")
    menu_order = 100
    scope_path = "person"
    filterset_class = HourFilterSet
    search_fields = ["person__staff_number", "person__display_name", "title", "title_en", "provider"]
    index_view_class = HourIndexView
    list_per_page = 50
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("enter/", enter, name="enter"),
            path("entry/<int:pk>/", entry_page, name="entry"),
        ]


class QuotaEditView(JournalledEditView):
    journal_action = QUOTA


class QuotaCreateView(generic.CreateView):
    def save_instance(self) -> HourQuota:
        with transaction.atomic():
            quota = super().save_instance()
            after = {"from_year": quota.from_year, "category": quota.category, "hours": str(quota.hours)}
            record(QUOTA, now=timezone.now(), actor=self.request.user, about=quota, after=after)
        return quota


class QuotaViewSet(HouseViewSet):
    """What a year asks, by HR of the whole bank."""

    scope = Scope.BANK
    inspect_view_enabled = True
    model = HourQuota
    name = "hour_quotas"
    icon = "tasks"
    menu_label = _("Hours required a year")
    menu_order = 110
    add_view_class = QuotaCreateView
    edit_view_class = QuotaEditView
    form_fields = ["from_year", "category", "hours"]
    list_display = [
        "from_year",
        Column("category", label=_("Training category"), accessor=lambda row: row.get_category_display() or _("All")),
        "hours",
    ]
    left_out = ("delete", "usage")
