"""Observed practices in the admin: what is observed, by which rubric, and how several scores become one."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.snippets.views.snippets import SnippetViewSet

from academy.viewsets.base import BankWideMixin, Scope
from quizzes.models import ObservedPractice


class ObservedPracticeViewSet(BankWideMixin, SnippetViewSet):
    scope = Scope.BANK
    model = ObservedPractice
    icon = "view"
    menu_label = _("Observed practices")
    menu_name = "observed_practices"
    menu_order = 236
    base_url_path = "observed-practices"
    search_fields = ["name", "name_en"]
    search_backend_name = None
    list_display = ["local_name", "kind", "rubric", "assessors", BooleanColumn("active", label=_("in use"))]
    list_filter = ["kind", "active"]
    edit_handler = ObjectList(
        [
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
    )
