"""Holidays and the weekend days worked in exchange, as the government announces them each autumn."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn

from academy.models import CalendarException
from academy.viewsets.base import HouseIndexView, HouseViewSet, Scope
from academy.viewsets.columns import title_column


class CalendarIndexView(HouseIndexView):
    default_ordering = "-first_day"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=pgettext_lazy("thing", "Name"), accessor=str),
            Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
            DateColumn("first_day", label=_("First day"), sort_key="first_day"),
            DateColumn("last_day", label=_("Last day"), sort_key="last_day"),
        ]


class CalendarViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = CalendarException
    name = "holidays"
    icon = "calendar-alt"
    menu_label = _("Holidays")
    menu_order = 335
    index_view_class = CalendarIndexView
    list_filter = ["kind"]
    form_fields = ["name", "name_en", "kind", "first_day", "last_day"]
    list_per_page = 50
