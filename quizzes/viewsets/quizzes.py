"""Quizzes in the admin: rules, chosen questions and random draws, refused where the bank holds too few."""

from typing import Any

from django.forms import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from academy.viewsets.columns import title_column
from quizzes.models import Quiz
from quizzes.papers import draw_problems


class QuizForm(WagtailAdminModelForm):
    """A draft may be incomplete; publishing needs a title and enough questions for every draw."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        slots = []
        formset = self.formsets.get("slots")
        # The rows are read here already: what they say together is part of what this form checks.
        if formset is not None:
            formset.is_valid()
        for form in formset.forms if formset is not None else []:
            data = getattr(form, "cleaned_data", None)
            if not data or data.get("DELETE"):
                continue
            chosen, category = data.get("question"), data.get("category")
            if bool(chosen) == bool(category):
                form.add_error(None, _("Choose either one question or a category to draw from."))
                continue
            slots.append(form.instance)
            for name in ("question", "category", "easy", "medium", "hard", "count", "mark"):
                if name in data:
                    setattr(form.instance, name, data[name])
        if not self.is_deferred_validation:
            if not cleaned.get("title") and not cleaned.get("title_en"):
                self.add_error("title", _("A title in one language is needed."))
            if not slots:
                self.add_error(None, _("A quiz needs at least one question or draw."))
            for problem in draw_problems(slots):
                self.add_error(None, ValidationError(problem))
        return cleaned


class QuizIndexView(IndexView):
    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "code", label=_("Quiz"), accessor="local_title"),
            Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
            Column("pass_mark", label=_("Pass mark"), accessor="pass_mark"),
            Column("attempts", label=_("Attempts"), accessor=lambda q: q.attempts_allowed or _("unlimited")),
            Column("time", label=_("Time limit"), accessor=lambda q: q.time_limit_minutes or _("none")),
            UpdatedAtColumn(),
            LiveStatusTagColumn(),
        ]


class QuizViewSet(SnippetViewSet):
    model = Quiz
    icon = "form"
    menu_label = _("Quizzes")
    menu_name = "quizzes"
    menu_order = 230
    base_url_path = "quizzes"
    list_filter = ["kind"]
    search_fields = ["title", "title_en", "code"]
    search_backend_name = None
    index_view_class = QuizIndexView

    @cached_property
    def _own_edit_handler(self) -> TabbedInterface:
        return TabbedInterface(
            [
                ObjectList(
                    [
                        FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
                        FieldRowPanel([FieldPanel("code"), FieldPanel("kind")]),
                        FieldRowPanel([FieldPanel("intro"), FieldPanel("intro_en")]),
                        HelpPanel(
                            content=_(
                                "Each line is one chosen question, or a number of questions drawn at random from a "
                                "category for each learner anew."
                            )
                        ),
                        InlinePanel(
                            "slots",
                            heading=_("Questions"),
                            label=_("Question or draw"),
                            panels=[
                                FieldRowPanel([FieldPanel("question"), FieldPanel("mark")]),
                                FieldPanel("category"),
                                FieldRowPanel([FieldPanel(name) for name in ("easy", "medium", "hard", "count")]),
                            ],
                        ),
                    ],
                    heading=_("Questions"),
                ),
                ObjectList(
                    [
                        MultiFieldPanel(
                            [
                                FieldRowPanel([FieldPanel("pass_mark"), FieldPanel("attempts_allowed")]),
                                FieldRowPanel([FieldPanel("wait_minutes"), FieldPanel("time_limit_minutes")]),
                                FieldPanel("shuffle_questions"),
                                FieldRowPanel([FieldPanel("markers"), FieldPanel("marking_tolerance")]),
                            ],
                            heading=_("Rules"),
                        )
                    ],
                    heading=_("Rules"),
                ),
            ],
            base_form_class=QuizForm,
        )

    def get_edit_handler(self) -> Any:
        return self._own_edit_handler.bind_to_model(self.model)
