"""The journal as HR and auditors read it; nothing here can be changed."""

import django_filters
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn

from academy.journal import ACTIONS
from academy.models import JournalEntry
from academy.viewsets.base import Scope
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet


class JournalFilterSet(WagtailFilterSet):
    action = django_filters.ChoiceFilter(
        label=_("Action"), choices=lambda: sorted(ACTIONS.items()), empty_label=_("All")
    )
    person = django_filters.CharFilter(label=_("Person concerned (staff number)"), field_name="person__staff_number")
    at = django_filters.DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)

    class Meta:
        model = JournalEntry
        fields: list[str] = []


class JournalIndexView(ScopedIndexView):
    page_title = _("Journal")
    list_export = ["number", "at", "action", "actor", "person", "about", "reason", "seal"]
    export_filename = "journal"

    @property
    def columns(self) -> list[Column]:
        return [
            Column("number", label=_("No."), accessor=lambda e: e.number or "–"),
            DateColumn("at", label=_("At"), sort_key="at"),
            Column("action", label=_("Action"), accessor=lambda e: ACTIONS.get(e.action, e.action)),
            Column("actor", label=_("By"), accessor=lambda e: e.actor or _("The system")),
            Column("person", label=_("Person concerned"), accessor="person"),
            Column("reason", label=_("Reason"), accessor="reason"),
            Column("seal", label=_("Seal"), accessor=lambda e: e.seal[:12] or _("waits for the next minute")),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("actor", "person")


class JournalViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = JournalEntry
    name = "journal"
    icon = "history"
    menu_label = _("Journal")
    menu_order = 390
    scope_path = "person"
    filterset_class = JournalFilterSet
    search_fields = ["person__staff_number", "person__display_name", "about"]
    index_view_class = JournalIndexView
    list_per_page = 50
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")
