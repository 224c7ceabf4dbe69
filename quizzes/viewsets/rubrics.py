"""Rubrics in the admin: criteria with levels and points, and vetoes, in both languages."""

from django.db.models import Count
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column, UpdatedAtColumn
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from quizzes.models import Rubric


class RubricIndexView(IndexView):
    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=_("Rubric"), accessor=str, sort_key="name"),
            Column("criteria", label=_("Criteria"), accessor=lambda one: len(one.as_data()["criteria"])),
            Column("questions", label=_("Questions"), accessor="question_count"),
            UpdatedAtColumn(),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().annotate(question_count=Count("questions"))


class RubricViewSet(SnippetViewSet):
    scope = Scope.CONTENT
    model = Rubric
    icon = "tasks"
    menu_label = _("Rubrics")
    menu_name = "rubrics"
    menu_order = 235
    base_url_path = "rubrics"
    search_fields = ["name", "name_en"]
    search_backend_name = None
    index_view_class = RubricIndexView
    copy_view_enabled = True
    edit_handler = ObjectList([FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]), FieldPanel("criteria")])
