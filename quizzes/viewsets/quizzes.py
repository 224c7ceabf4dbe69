"""Quizzes in the admin: rules, chosen questions and random draws, refused where the bank holds too few."""

from typing import Any

import django_filters
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    TabbedInterface,
)
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.admin.widgets.button import Button
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.snippets import (
    CreateView,
    EditView,
    IndexView,
    InspectView,
    SnippetViewSet,
    WorkflowActionView,
)

from academy.addresses import leads_in
from academy.calendar.clock import local_day
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import ReadsInWords, Scope
from academy.viewsets.columns import title_column
from academy.viewsets.handing_in import SaysNotPublished
from academy.viewsets.mixing import WagtailPart
from quizzes.models import Quiz
from quizzes.pools.spread import SpreadWords, spread_words
from quizzes.pools.wear import wear_of, wear_words
from quizzes.pools.yearly import pools_due
from quizzes.viewsets.exam_doors import QuizPolicy, for_exam_makers
from quizzes.viewsets.question_chooser import QuestionChooser
from quizzes.viewsets.quiz_chooser import QuizChooserViewSet
from quizzes.viewsets.quiz_form import NAMED, QuizForm


def _wear(quiz: Quiz) -> str:
    """How worn the pool of an exam is, by the slots as handed in; nothing of what is no exam."""
    if not quiz.pk or quiz.kind != Quiz.Kind.EXAM:
        return ""
    return wear_words(wear_of(quiz=quiz, on=local_day(timezone.now())))


class WearPanel(Panel):
    """Whoever writes, publishes or approves an exam reads it first."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/wear_panel.html"

        @cached_property
        def words(self) -> str:
            return _wear(self.instance)

        def is_shown(self) -> bool:
            return super().is_shown() and bool(self.words)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            return super().get_context_data(parent_context) | {"words": self.words}


class SpreadPanel(Panel):
    """How far papers lie apart in difficulty, beside the setting that draws them closer."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/spread_panel.html"

        @cached_property
        def words(self) -> SpreadWords | None:
            return spread_words(self.instance) if self.instance.pk else None

        def is_shown(self) -> bool:
            return super().is_shown() and self.words is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            return super().get_context_data(parent_context) | {"words": self.words}


def _row(*names: str) -> FieldRowPanel:
    return FieldRowPanel([FieldPanel(name) for name in names])


_QUESTIONS = [
    WearPanel(),
    _row("title", "title_en"),
    FieldPanel("kind"),
    _row("intro", "intro_en"),
    FieldPanel("pool_year"),
    HelpPanel(
        content=_(
            "Each line is one chosen question, or a line of the blueprint: so many easy, medium and hard "
            "questions of a category, drawn at random for each learner. Lines may draw from several "
            "question banks."
        )
    ),
    InlinePanel(
        "slots",
        heading=_("Questions"),
        label=_("Question or draw"),
        panels=[
            FieldRowPanel([FieldPanel("question", widget=QuestionChooser), FieldPanel("mark")]),
            FieldPanel("category", classname="academy-wide"),
            _row("easy", "medium", "hard", "count"),
            _row("cases", "case_size"),
        ],
    ),
    MultiFieldPanel(
        [
            FieldPanel("shuffle_questions"),
            _row("questions_per_page", "navigation"),
            FieldPanel("expected_band"),
            SpreadPanel(),
        ],
        heading=_("The paper"),
    ),
]
_RULES = [
    MultiFieldPanel([_row("pass_mark", "counts")], heading=_("Passing")),
    MultiFieldPanel(
        [
            FieldRowPanel(
                [FieldPanel("attempts_allowed", heading=_("attempts allowed")), FieldPanel("resit_within_days")]
            ),
            _row("wait_minutes", "wait_later_minutes"),
        ],
        heading=_("Attempts"),
    ),
    MultiFieldPanel([FieldPanel("behaviour"), _row("hints_allowed", "hint_penalty")], heading=_("While answering")),
    MultiFieldPanel([_row("markers", "marking_tolerance")], heading=_("Marking by people")),
]
_ACCESS = [
    MultiFieldPanel([_row("opens_at", "closes_at")], heading=_("Open and close")),
    MultiFieldPanel([FieldPanel("time_limit_minutes"), _row("time_out", "grace_minutes")], heading=_("Time limit")),
    MultiFieldPanel([_row("new_password", "remove_password"), FieldPanel("networks")], heading=_("Who gets in")),
]
_AFTERWARDS = [
    FieldPanel("withhold_results"),
    MultiFieldPanel(
        [FieldPanel("review_preset"), FieldPanel("review_matrix"), FieldPanel("answers_wait")],
        heading=_("What the learner sees, and when"),
    ),
    InlinePanel(
        "feedback",
        heading=_("Words on the whole result"),
        label=_("Words from a score upwards"),
        panels=[FieldPanel("from_score"), _row("text", "text_en")],
    ),
]


class QuizFilterSet(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Quiz.Kind.choices, empty_label=_("All"))
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("draft", _("Draft")), ("changed", _("Published, with newer changes")), ("live", _("Published"))],
        method="filter_state",
        empty_label=_("All"),
    )

    pool = django_filters.ChoiceFilter(
        label=_("questions of the year"),
        choices=[("due", _("To be renewed"))],
        method="filter_pool",
        empty_label=_("All"),
    )

    class Meta:
        model = Quiz
        fields: list[str] = []

    def filter_pool(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(pk__in=pools_due(local_day(timezone.now())).values("pk"))

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        changed = {"has_unpublished_changes": True} if value == "changed" else {}
        return queryset.filter(live=value != "draft", **changed)


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


class SaysWear(WagtailPart):
    """Publishing an exam says how worn its pool is."""

    def publish_action(self) -> Any:
        done = super().publish_action()
        words = _wear(self.object)
        if words:
            messages.warning(self.request, words)
        return done


class QuizWorkflowActionView(WorkflowActionView):
    """From the list of what waits: an exam with a worn pool is not approved before that was read."""

    template_name = "quizzes/admin/approve_quiz.html"

    @cached_property
    def wear(self) -> str:
        return _wear(self.object.get_latest_revision_as_object()) if self.action_name == "approve" else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"wear": self.wear}

    def post(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # The button without a comment shows nothing before; the page and the comment's window do.
        if self.wear and "comment" not in request.POST:
            messages.warning(request, _t("Not approved yet: read first how worn the questions are, then approve here."))
            return redirect("wagtailsnippets_quizzes_quiz:edit", self.object.pk)
        return super().post(request, *args, **kwargs)


class NamesUnpublished(WagtailPart):
    """Where a quiz is not published because its questions are not: the way to each of them."""

    def form_invalid(self, form: Any) -> HttpResponse:
        questions = getattr(form, "unpublished", [])[:NAMED]
        if questions and not self.expects_json_response:
            buttons = [
                messages.button(reverse("wagtailsnippets_quizzes_question:edit", args=[question.pk]), str(question))
                for question in questions
            ]
            messages.warning(self.request, _t("Open the questions that are not published yet:"), buttons=buttons)
        return super().form_invalid(form)


class QuizCreateView(SaysNotPublished, NamesUnpublished, SaysWear, CreateView):
    pass


class QuizEditView(SaysNotPublished, NamesUnpublished, SaysWear, EditView):
    @property
    def header_more_buttons(self) -> list[Button]:
        today = local_day(timezone.now())
        pages = [
            ("quizzes_conduct", _("Run it: papers, results"), "group"),
            ("quiz_statistics", _("Question statistics"), "order"),
        ]
        return super().header_more_buttons + [
            Button(label, url=reverse(name, args=[self.object.pk]), icon_name=icon, priority=priority)
            for priority, (name, label, icon) in enumerate(pages, 5)
            if leads_in(name, self.request.user, today)
        ]


class QuizInspectView(ReadsInWords, InspectView):
    pass


class QuizViewSet(SnippetViewSet):
    scope = Scope.CONTENT
    model = Quiz
    icon = "form"
    menu_label = _("Quizzes")
    menu_name = "quizzes"
    menu_order = 230
    base_url_path = "quizzes"
    filterset_class = QuizFilterSet
    search_fields = ["title", "title_en", "code"]
    search_backend_name = None
    index_view_class = QuizIndexView
    add_view_class = QuizCreateView
    edit_view_class = QuizEditView
    workflow_action_view_class = QuizWorkflowActionView
    chooser_viewset_class = QuizChooserViewSet
    # Where a level exam is read by those who do not change it.
    inspect_view_enabled = True
    inspect_view_class = QuizInspectView
    inspect_view_fields = [
        "title",
        "title_en",
        "code",
        "kind",
        "intro",
        "intro_en",
        "pool_year",
        "pass_mark",
        "counts",
        "attempts_allowed",
        "resit_within_days",
        "wait_minutes",
        "wait_later_minutes",
        "opens_at",
        "closes_at",
        "time_limit_minutes",
        "time_out",
        "behaviour",
        "expected_band",
        "answers_wait",
        "withhold_results",
    ]

    @cached_property
    def _own_edit_handler(self) -> TabbedInterface:
        return TabbedInterface(
            [
                ObjectList(_QUESTIONS, heading=_("Questions")),
                ObjectList(_RULES, heading=_("Rules")),
                ObjectList(_ACCESS, heading=_("Time and access")),
                ObjectList(_AFTERWARDS, heading=_("Results")),
            ],
            base_form_class=QuizForm,
        )

    def get_edit_handler(self) -> Any:
        return self._own_edit_handler.bind_to_model(self.model)

    def get_urlpatterns(self) -> list[Any]:
        found = super().get_urlpatterns()
        for pattern in found:
            pattern.callback = for_exam_makers(pattern.callback, pattern.name)
        return found


register_permission_policy(Quiz, QuizPolicy(Quiz))
