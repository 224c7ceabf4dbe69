"""Observed practices in the admin: what is observed, by which rubric, and how several scores become one."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, Panel
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.snippets.widgets import AdminSnippetChooser

from academy.calendar.clock import local_day
from academy.decisions.changing import register_row_change
from academy.decisions.differences import row_differences
from academy.decisions.objects import register_object_kind
from academy.doors import counts_towards
from academy.journal import register_action
from academy.models import User
from academy.viewsets.base import HouseViewSet, JournalledEditView, Scope
from quizzes.models import Observation, ObservedPractice, Rubric
from quizzes.models.observing import OPEN
from quizzes.observing.reach import standing_of_assessors

CHANGE = register_action("quizzes.change_observed_practice", _("Observed practice changed"))


PRACTICE_CHANGE = register_row_change(
    "quizzes.change_observed_practice",
    label=_("Change of an observed practice"),
    model=ObservedPractice,
    journal_action=CHANGE,
)


def _counts(practice: ObservedPractice) -> list[str]:
    return [str(reason) for reason in counts_towards(practice)] if practice.pk else []


def _profits(person: User, practice: ObservedPractice, on: date) -> str | None:
    """Whoever is about to be observed in it changes nothing of how it is judged."""
    asked = Observation.objects.filter(practice=practice, person=person, state__in=OPEN)
    return str(_("You are observed in this yourself.")) if asked.exists() else None


register_object_kind(ObservedPractice, counts=_counts, differences=row_differences, profits=_profits)


class ObservedPracticeEditView(JournalledEditView):
    journal_action = CHANGE
    change_rule = PRACTICE_CHANGE


class AssessorsPanel(Panel):
    """Who may assess this practice today, and why others of the role may not."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/assessors_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            if self.instance.pk:
                context["assessors"] = standing_of_assessors(self.instance, local_day(timezone.now()))
            return context


class ObservedPracticeViewSet(HouseViewSet):
    scope = Scope.BANK
    model = ObservedPractice
    icon = "view"
    menu_label = _("Observed practices")
    name = "observed_practices"
    menu_order = 150
    inspect_view_enabled = True
    edit_view_class = ObservedPracticeEditView
    search_fields = ["name", "name_en"]
    search_backend_name = None
    list_display = ["local_name", "kind", "rubric", "assessors", BooleanColumn("active", label=_("in use"))]
    list_filter = ["kind", "active"]
    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
        FieldRowPanel(
            [
                FieldPanel("kind"),
                FieldPanel("rubric", widget=AdminSnippetChooser(Rubric, show_edit_link=False)),
                FieldPanel("active"),
            ]
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("assessors"), FieldPanel("combining"), FieldPanel("spread")]),
                FieldRowPanel([FieldPanel("pass_mark"), FieldPanel("again_days"), FieldPanel("assessor_rank")]),
            ],
            heading=_("How it is judged"),
        ),
        AssessorsPanel(heading=_("Who may assess this today")),
        FieldRowPanel([FieldPanel("brief"), FieldPanel("brief_en")]),
        FieldRowPanel([FieldPanel("role_card"), FieldPanel("role_card_en")]),
        FieldRowPanel([FieldPanel("sections"), FieldPanel("sections_en")]),
    ]
