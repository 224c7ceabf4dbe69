"""Programmes in the admin: their months and steps. Who is in one stands among the assignments."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.snippets.widgets import AdminSnippetChooser

from academy.journal import register_action
from academy.viewsets.base import HouseViewSet, JournalledEditView, Scope
from courses.models import Programme
from quizzes.models import Quiz

CHANGE = register_action("courses.change_programme", _("Programme changed"))


class ProgrammeEditView(JournalledEditView):
    journal_action = CHANGE


class ProgrammeViewSet(HouseViewSet):
    scope = Scope.BANK
    model = Programme
    icon = "calendar-check"
    menu_label = _("Programmes")
    name = "programmes"
    menu_order = 20
    inspect_view_enabled = True
    copy_view_enabled = False
    edit_view_class = ProgrammeEditView
    list_display: list[Any] = [
        "local_name",
        Column("months", label=_("months")),
        BooleanColumn("active", label=_("in use")),
    ]
    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("summary"), FieldPanel("summary_en")]),
        FieldRowPanel([FieldPanel("months"), FieldPanel("days_needed"), FieldPanel("active")]),
        InlinePanel(
            "steps",
            label=_("Step of the programme"),
            panels=[
                FieldRowPanel([FieldPanel("month"), FieldPanel("does"), FieldPanel("ticked_by")]),
                FieldRowPanel(
                    [
                        FieldPanel("course"),
                        FieldPanel("quiz", widget=AdminSnippetChooser(Quiz, show_edit_link=False)),
                        FieldPanel("practice"),
                    ]
                ),
                FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
                FieldRowPanel([FieldPanel("hint"), FieldPanel("hint_en")]),
            ],
        ),
    ]
