"""The question bank in the admin: a form per question type, previewed, reviewed, frozen at publishing."""

from copy import deepcopy
from typing import Any

import django_filters
from django import forms
from django.db import transaction
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import (
    BooleanColumn,
    BulkActionsCheckboxColumn,
    Column,
    LiveStatusTagColumn,
    UpdatedAtColumn,
)
from wagtail.admin.widgets.button import Button
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.snippets import EditView, IndexView, SnippetViewSet

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.forms import FollowingSelect
from academy.journal import record
from academy.viewsets.base import HouseViewSet, Scope
from academy.viewsets.columns import title_column
from academy.viewsets.handing_in import SaysNotPublished
from quizzes.bank.language_pairs import joining_refusal
from quizzes.bank.many import MOVED
from quizzes.grading.quoting import rule_problems, rules_of
from quizzes.models import Difficulty, Question, QuestionBank, QuestionCategory
from quizzes.pools.category_tree import category_tree, lies_at
from quizzes.pools.exam_pools import category_demanded, closed_banks, closed_categories, readable_questions
from quizzes.pools.looks import log_look_at_list
from quizzes.pools.searching import in_one_language, saying
from quizzes.pools.standing import people_of
from quizzes.types import QUESTION_TYPES, question_type
from quizzes.types.body_form import BodyForm
from quizzes.types.kept_words import kept_words
from quizzes.viewsets.cases import offer_cases, part_refusal, parts_of
from quizzes.viewsets.pools import QuestionPolicy, for_readers
from quizzes.viewsets.question_chooser import QuestionChooserViewSet
from quizzes.viewsets.question_columns import languages_of, title_of, type_of
from quizzes.viewsets.question_creating import QuestionCreateView

BODY_PREFIX = "body"


class QuestionForm(WagtailAdminModelForm):
    """The question's place in the bank, and inside it the form of its type, which gives the body."""

    class Meta:
        fields = ["bank", "category", "name", "difficulty", "tags", "external_id", "rubric", "case", "case_order"]
        model = Question

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        if not self.instance.type and data is not None:
            self.instance.type = data.get("question_type", "")
        self.kind = question_type(self.instance.type) if self.instance.type in QUESTION_TYPES else None
        self.body_form: BodyForm | None = None
        self.before = deepcopy(self.instance.body or {})
        # What stays said though the key is another one, until somebody says that it is right so.
        self.asks_about_words = False
        if self.kind is not None:
            body_form_class = self.kind.form_class
            initial = body_form_class.initial_from(self.instance.body) if self.instance.body else None
            self.body_form = body_form_class(data, initial=initial, prefix=BODY_PREFIX)
            if data is None and self.instance.body:
                self.body_form.look_at(self.instance.body)
            if self.instance.pk and self.kind.by_steps:
                self.body_form.play_address = reverse("quizzes_dialogue_play", args=[self.instance.pk])

        if "name" in self.fields:
            self.fields["name"].required = False
            self.fields["name"].help_text = _(
                "For your lists only; a learner never sees it. Empty: the beginning of the question."
            )
        if "category" in self.fields and self.for_user is not None:
            closed = closed_categories(user=self.for_user, now=timezone.now())
            self.fields["category"].widget = FollowingSelect(follows="bank", of="bank_id")
            self.fields["category"].queryset = self.fields["category"].queryset.exclude(pk__in=closed)
        if self.kind is not None and not self.kind.marked_by_person:
            # What nobody marks needs nothing to mark by.
            self.fields.pop("rubric", None)
        if "bank" in self.fields and self.for_user is not None:
            shut = closed_banks(user=self.for_user, now=timezone.now()) - {self.instance.bank_id}
            self.fields["bank"].queryset = self.fields["bank"].queryset.exclude(pk__in=shut)
        if "case" in self.fields:
            offer_cases(self.fields["case"], self.instance, self.for_user)
            self.fields["case_order"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        category, bank = cleaned.get("category"), cleaned.get("bank")
        if category and bank and category.bank_id != bank.pk:
            self.add_error("category", _("This category belongs to another question bank."))
        elif bank and not category and "category" not in self.errors and category_demanded(bank.pk):
            self.add_error("category", _("This bank holds questions kept for exams: choose a category."))
        cleaned["case_order"] = cleaned.get("case_order") or 1
        refusal = part_refusal(self.instance, cleaned.get("case"), bank, category)
        if refusal:
            self.add_error("case", refusal)
        if self.body_form is None:
            self.add_error(None, _("Choose a question type first."))
        elif not self._is_valid(self.body_form):
            self.add_error(None, _("The question is not complete yet; the places are marked below."))
        else:
            self.instance.body = self.body_form.body()
            self._look_at_kept_words(self.body_form)
            self._look_at_house_rules(cleaned.get("tags") or "")
        if not cleaned.get("name") and self.kind is not None:
            cleaned["name"] = title_of(self.instance) or str(self.kind.label)
            # What a field that is not required was found to be is taken over only where it was sent.
            self.instance.name = cleaned["name"]
        return cleaned

    def _look_at_kept_words(self, body_form: BodyForm) -> None:
        """“Right!” of what is wrong now: asked at its place, against the stored text, at publishing against what papers have."""
        published = self.instance.current_version
        before = published.body if published is not None and not self.is_deferred_validation else self.before
        kept = kept_words(before, self.instance.body)
        self.asks_about_words = bool(kept)
        if not kept or "words_are_right" in self.data:
            return
        ask = _("The key changed, but this text did not. Does it still fit?")
        named = listed(body_form.ask_about(place, row, ask) for place, row in kept)
        self.add_error(
            None, _t("The key changed, but not these texts, which are marked below: %(texts)s.") % {"texts": named}
        )

    def _look_at_house_rules(self, tags: str) -> None:
        """What stands against publishing for the house rules that the question names; a draft may name what comes later."""
        if self.is_deferred_validation or self.kind is None:
            return
        rules = rules_of(body=self.instance.body, tags=tags, day=local_day(timezone.now()))
        for _place, message in rule_problems(kind=self.kind, body=self.instance.body, rules=rules):
            self.add_error(None, message)

    def _is_valid(self, body_form: BodyForm) -> bool:
        # Saving a draft may leave what publishing asks for.
        body_form.publishing = not self.is_deferred_validation
        return body_form.is_valid()

    def has_changed(self) -> bool:
        return super().has_changed() or bool(self.body_form and self.body_form.has_changed())


class BodyPanel(Panel):
    """Shows the form of the question's type."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/body_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            context.update(kind=self.form.kind, body_form=self.form.body_form, instance=self.instance)
            # What is refused is not saved, not as a draft either.
            context["refused"] = self.form.is_bound and bool(self.form.errors)
            context["file_address"] = reverse("quizzes:file", args=["0" * 64])
            context["parts"] = parts_of(self.instance)
            context["asks_about_words"] = self.form.asks_about_words
            context["words_are_right"] = "words_are_right" in self.form.data
            context["people"] = people_of(self.instance.current_version_id) if self.instance.current_version_id else 0
            return context


class QuestionFilterSet(WagtailFilterSet):
    bank = django_filters.ModelChoiceFilter(
        label=_("Question bank"), queryset=QuestionBank.objects.all(), empty_label=_("All")
    )
    category = django_filters.ModelChoiceFilter(
        label=_("Category"),
        queryset=QuestionCategory.objects.select_related("bank"),
        empty_label=_("All"),
        widget=FollowingSelect(follows="bank", of="bank_id"),
    )
    type = django_filters.ChoiceFilter(
        label=_("Question type"),
        choices=lambda: [(code, kind.label) for code, kind in QUESTION_TYPES.items()],
        empty_label=_("All"),
    )
    difficulty = django_filters.ChoiceFilter(label=_("Difficulty"), choices=Difficulty.choices, empty_label=_("All"))
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("draft", _("Draft")),
            ("changed", _("Published, with newer changes")),
            ("live", _("Published")),
            ("held", _("Held until the key is checked")),
            ("retired", _("Retired")),
            ("one_language", _("In one language only")),
        ],
        method="filter_state",
        empty_label=_("All"),
    )

    place = django_filters.CharFilter(
        label=_("Place in the tree"), method="filter_place", widget=forms.HiddenInput, max_length=400
    )

    class Meta:
        model = Question
        fields: list[str] = []

    def filter_place(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(lies_at(value))

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return {
            "draft": queryset.filter(live=False, retired_at=None),
            "changed": queryset.filter(live=True, has_unpublished_changes=True),
            "live": queryset.filter(live=True, retired_at=None),
            "held": queryset.filter(live=True, retired_at=None, held_at__isnull=False),
            "retired": queryset.exclude(retired_at=None),
            "one_language": queryset.filter(in_one_language()),
        }[value]


class QuestionIndexView(IndexView):
    @property
    def columns(self) -> list[Column]:
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="snippet"),
            title_column(self, "name", label=_("Question"), accessor=title_of),
            Column("type", label=_("Question type"), accessor=type_of, sort_key="type"),
            Column("category", label=_("Category"), accessor=lambda q: q.category or q.bank),
            Column("difficulty", label=_("Difficulty"), accessor="get_difficulty_display", sort_key="difficulty"),
            Column(
                "version", label=_("Version"), accessor=lambda q: q.current_version.number if q.current_version else "–"
            ),
            Column("languages", label=_("Languages"), accessor=languages_of),
            UpdatedAtColumn(),
            LiveStatusTagColumn(),
        ]

    def get_base_queryset(self) -> QuerySet:
        found = super().get_base_queryset().select_related("bank", "category__bank", "current_version").defer("words")
        return readable_questions(user=self.request.user, now=timezone.now(), among=found)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        log_look_at_list(self.request, [question.pk for question in context["object_list"]], "list")
        if not self.results_only:
            context |= self._tree()
        return context

    def _tree(self) -> dict[str, Any]:
        """The categories with what lies in them, whatever else is asked of the list; a link keeps what is asked."""
        asked = self.request.GET.copy()
        asked.pop("p", None)
        place = asked.pop("place", [""])[-1]

        def address(place: str) -> str:
            there = asked.copy()
            there["place"] = place
            return f"{self.request.path}?{there.urlencode()}"

        questions = readable_questions(user=self.request.user, now=timezone.now())
        tree = category_tree(questions, chosen=place, address=address)
        hides = bool(closed_categories(user=self.request.user, now=timezone.now()))
        without_place = f"{self.request.path}?{asked.urlencode()}"
        return {"tree": tree, "place": place, "without_place": without_place, "hides_exams": hides}

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        # The search index would not find words inside a run of Chinese.
        return saying(queryset, self.search_query) if self.is_searching else queryset


class QuestionEditView(SaysNotPublished, EditView):
    """A move into an exam pool or out of it stands in the journal."""

    # What papers took before this was saved.
    former_version: int | None = None

    @property
    def header_more_buttons(self) -> list[Button]:
        address = reverse("question_statistics", args=[self.object.pk])
        found = [Button(_("Statistics, use, repair"), url=address, icon_name="order", priority=5)]
        if joining_refusal(self.object) is None:
            join = reverse("question_join", args=[self.object.pk])
            found.append(Button(_("Join with the other language"), url=join, icon_name="link", priority=6))
        if self.object.held_at is not None:
            held = reverse("quizzes_held")
            found.append(Button(_("Held: check the key"), url=held, icon_name="warning", priority=7))
        return [*super().header_more_buttons, *found]

    def get_success_buttons(self) -> list[Any]:
        """Whoever published another key is led to the papers that were marked by the former one."""
        found = super().get_success_buttons()
        former = self.former_version
        current = Question.objects.values_list("current_version", flat=True).get(pk=self.object.pk)
        if former is None or former == current or not people_of(former):
            return found
        address = reverse("question_statistics", args=[self.object.pk])
        return [*found, messages.button(address, _t("Papers are marked by the former version: see what changes"))]

    def save_instance(self) -> Question:
        self.former_version = self.object.current_version_id
        before = QuestionCategory.objects.filter(questions=self.object.pk).first()
        with transaction.atomic():
            saved = super().save_instance()
            after = self.form.cleaned_data.get("category")
            if before != after and any(place and place.kept_for_exams for place in (before, after)):
                record(
                    MOVED,
                    now=timezone.now(),
                    actor=self.request.user,
                    about=self.object,
                    before={"category": before.pk if before else None},
                    after={"category": after.pk if after else None},
                )
        return saved


class QuestionViewSet(SnippetViewSet):
    scope = Scope.CONTENT
    model = Question
    icon = "help"
    menu_label = _("Questions")
    menu_name = "questions"
    menu_order = 200
    base_url_path = "questions"
    filterset_class = QuestionFilterSet
    list_per_page = 50
    index_view_class = QuestionIndexView
    add_view_class = QuestionCreateView
    edit_view_class = QuestionEditView
    chooser_viewset_class = QuestionChooserViewSet
    chooser_per_page = 20
    copy_view_enabled = True

    @cached_property
    def _own_edit_handler(self) -> ObjectList:
        return ObjectList(
            [
                BodyPanel(heading=_("Question")),
                MultiFieldPanel(
                    [
                        FieldPanel("name"),
                        FieldRowPanel([FieldPanel("bank"), FieldPanel("category")]),
                        FieldRowPanel([FieldPanel("difficulty"), FieldPanel("tags")]),
                        FieldPanel("external_id"),
                        FieldPanel("rubric"),
                        FieldRowPanel([FieldPanel("case"), FieldPanel("case_order")]),
                    ],
                    heading=_("Place in the bank"),
                ),
            ],
            base_form_class=QuestionForm,
        )

    def get_edit_handler(self) -> Any:
        return self._own_edit_handler.bind_to_model(self.model)

    def get_urlpatterns(self) -> list[Any]:
        found = super().get_urlpatterns()
        for pattern in found:
            pattern.callback = for_readers(pattern.callback, pattern.name)
        return found


register_permission_policy(Question, QuestionPolicy(Question))


class QuestionBankViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = QuestionBank
    name = "question_banks"
    icon = "folder-open-inverse"
    menu_label = _("Question banks")
    menu_order = 210
    list_display = ["name", "name_en", "slug", BooleanColumn("open_for_practice", label=_("Open for practice"))]
    form_fields = ["name", "name_en", "open_for_practice"]
    search_fields = ["name", "name_en", "slug"]
    copy_view_enabled = False
