"""证书台账 as a listing: filters, columns, and ticked certificates to download."""

from datetime import date
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import Button

from academy.models import Role
from academy.requests.asked import DayField
from academy.requests.kept.answers import shared
from academy.staff.access import branch_roots_of, is_limited, people_visible_to
from academy.staff.branches import Tree, tree_on
from academy.viewsets.base import Scope
from academy.viewsets.listing import (
    DayFilter,
    QuestionFilterSet,
    RuleListing,
    TickColumn,
    WholeNumberFilter,
    person_columns,
)
from certificates.models import Certificate, CertificationTrack
from certificates.register.alarms import raise_alarms_of_rows
from certificates.register.rows import STATUS_CHOICES, RegisterQuery
from certificates.register.shown import ShownRow, certificates_shown, rows_shown

READERS = (Role.HR, Role.AUDITOR, Role.ADMINISTRATOR)
DECIDERS = (Role.HR, Role.ADMINISTRATOR)
LONGEST = 3660


class RegisterFilterSet(QuestionFilterSet):
    """What the register is asked."""

    track = django_filters.ChoiceFilter(label=_("Track"), empty_label=_("All"))
    level = django_filters.ChoiceFilter(label=_("Level"), empty_label=_("All"))
    branch = django_filters.ChoiceFilter(label=_("Branch and below"), empty_label=_("All"))
    status = django_filters.ChoiceFilter(label=_("Status"), empty_label=_("All"), choices=STATUS_CHOICES)
    as_of = DayFilter(label=_("As of"))
    expiring = WholeNumberFilter(label=_("Expiring within (days)"), min_value=0, max_value=LONGEST)


class StatusColumn(Column):
    cell_template_name = "certificates/admin/register_status.html"


class SerialColumn(Column):
    cell_template_name = "certificates/admin/register_serial.html"


class RegisterListing(RuleListing):
    """One certificate a row, as of a day."""

    scope = Scope.PEOPLE
    name = "register"
    model = Certificate
    readers = READERS
    page_title = _("Certificate register")
    header_icon = "list-ul"
    search_words = _("Name, staff or serial number")
    filterset_class = RegisterFilterSet
    results_template_name = "certificates/admin/register_results.html"
    usual = ("staff_number", "status", "branch", "level", "serial", "valid_from", "valid_through")
    order = ("certification__track__level__rank", "certification__track__level__code", "serial")

    @cached_property
    def every_column(self) -> list[Column]:
        held = "certificate.certification"
        return [
            *person_columns(
                name="holder_name",
                number="staff_number",
                sorted_by="person__",
                leads_to=lambda row: reverse("register:certificate", args=[row.certificate.pk]),
            ),
            StatusColumn("status", label=_("Status"), sort_key="status"),
            Column("branch", label=_("Branch")),
            Column("position", label=_("Position")),
            Column(
                "level",
                label=_("Level"),
                accessor=f"{held}.track.level",
                sort_key="certification__track__level__rank",
            ),
            Column("track", label=_("Track"), accessor=f"{held}.track"),
            SerialColumn("serial", label=_("Serial number"), sort_key="serial"),
            DateColumn("awarded_on", label=_("Awarded on"), accessor=f"{held}.awarded_on"),
            DateColumn("issued_on", label=_("Issued on"), accessor="certificate.issued_on", sort_key="issued_on"),
            DateColumn(
                "valid_from",
                label=_("Valid from"),
                accessor=f"{held}.valid_from",
                sort_key="certification__valid_from",
            ),
            DateColumn(
                "valid_through", label=_("Valid through"), accessor="through", sort_key="certification__valid_through"
            ),
        ]

    @property
    def ticks(self) -> TickColumn:
        return TickColumn(
            "certificate", value=lambda row: row.certificate.pk, name_of=lambda row: row.certificate.serial
        )

    @cached_property
    def day(self) -> date:
        """The day asked, for the branches that the filter offers; a wrong one is said by the filter itself."""
        try:
            return DayField(required=False).clean(self.request.GET.get("as_of", "")) or self.today
        except ValidationError:
            return self.today

    @cached_property
    def tree(self) -> Tree:
        return tree_on(self.day, self.now)

    @cached_property
    def choices(self) -> dict[str, Any]:
        tracks = shared("tracks-of-the-register", lambda: list(CertificationTrack.objects.select_related("level")))
        levels = sorted({track.level for track in tracks}, key=lambda level: level.sort_key)
        roots = branch_roots_of(self.viewer, self.today)
        branches = self.tree.below(self.tree.roots() if roots is None else roots)
        return {
            "track": [(track.code, track) for track in tracks],
            "level": [(level.code, level) for level in levels],
            "branch": [(branch.code, branch) for branch in branches],
        }

    @property
    def nothing(self) -> QuerySet[Certificate]:
        return Certificate.objects.none()

    @cached_property
    def question(self) -> RegisterQuery:
        asked = self.asked
        expiring = asked.get("expiring")
        return RegisterQuery(
            as_of=asked.get("as_of") or self.today,
            known_as_of=self.now,
            track=asked.get("track") or "",
            level=asked.get("level") or "",
            branch=asked.get("branch") or "",
            status=asked.get("status") or "",
            expiring_within=None if expiring is None else int(expiring),
            search=self.search,
        )

    def answer(self) -> QuerySet:
        return certificates_shown(self.question, people_visible_to(self.viewer, self.today), self.tree)

    def rows_of(self, page: list[Any]) -> list[ShownRow]:
        if not page:
            return []
        shown = rows_shown(self.question, page, self.tree)
        raise_alarms_of_rows(shown, now=self.now)
        return shown

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), "limited": is_limited(self.viewer, self.today)}

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        places = [("lacking", _("Who lacks what"), "warning"), ("exports", _("My last exports"), "download")]
        if self.holds(*DECIDERS):
            places.append(("blocked", _("Waiting for a font"), "edit"))
        return [
            Button(label, url=reverse(f"register:{place}"), icon_name=icon, priority=number)
            for number, (place, label, icon) in enumerate(places)
        ]
