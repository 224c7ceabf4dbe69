"""Observed practices in the admin: what is observed, by which rubric, and how several scores become one."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn

from academy.journal import register_action
from academy.viewsets.base import HouseViewSet, JournalledEditView, Scope
from quizzes.models import ObservedPractice

CHANGE = register_action("quizzes.change_observed_practice", _("Observed practice changed"))


class ObservedPracticeEditView(JournalledEditView):
    journal_action = CHANGE


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
        FieldRowPanel([FieldPanel("kind"), FieldPanel("rubric"), FieldPanel("active")]),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("assessors"), FieldPanel("combining"), FieldPanel("spread")]),
                FieldRowPanel([FieldPanel("pass_mark"), FieldPanel("again_days")]),
            ],
            heading=_("How it is judged"),
        ),
        FieldRowPanel([FieldPanel("brief"), FieldPanel("brief_en")]),
        FieldRowPanel([FieldPanel("role_card"), FieldPanel("role_card_en")]),
        FieldRowPanel([FieldPanel("sections"), FieldPanel("sections_en")]),
    ]
