"""The chooser of questions: found by their words and their place in the bank, looked at before they are chosen."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
    SnippetChosenMultipleView,
    SnippetChosenView,
)
from wagtail.snippets.widgets import AdminSnippetChooser

from academy.bilingual import listed
from academy.forms import FollowingSelect
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.mixing import WagtailPart
from quizzes.models import Difficulty, Question, QuestionBank, QuestionCategory, Quiz
from quizzes.pools.exam_pools import exam_pool_refusal, readable_questions
from quizzes.pools.looks import log_look_at_list
from quizzes.pools.searching import in_language, offered_at, saying
from quizzes.pools.standing import asking_quizzes
from quizzes.pools.uses import asked_by
from quizzes.types import ASKED_BY_LESSONS, QUESTION_TYPES
from quizzes.views.previews import MODES, preview_question
from quizzes.viewsets.pools import open_question, question_or_404
from quizzes.viewsets.question_columns import chosen_title_of, languages_of, state_of, title_of, type_of

# What the place that asks says about itself, in the chooser's address.
PLACE = ("lesson", "kind")
FILTER = {"data-chooser-modal-search-filter": True}


class QuestionChooser(AdminSnippetChooser):
    """The field of a quiz's line: what is offered follows the quiz's kind as it stands in the form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(model=Question, icon="help", linked_fields={"kind": "#id_kind"}, **kwargs)

    def get_display_title(self, instance: Question) -> str:
        return chosen_title_of(instance)


def _types(codes: Any) -> list[tuple[str, Any]]:
    return [("", _("All")), *((code, kind.label) for code, kind in QUESTION_TYPES.items() if code in codes)]


class QuestionFilterForm(BaseFilterForm):
    """``place`` narrows what can be asked for to what the place takes, out of the questions ``readable`` by who chooses."""

    q = forms.CharField(
        label=_("Words in the question"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    bank = forms.ModelChoiceField(
        label=_("Question bank"),
        queryset=QuestionBank.objects.all(),
        required=False,
        empty_label=_("All"),
        widget=forms.Select(attrs=FILTER),
    )
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=QuestionCategory.objects.select_related("bank"),
        required=False,
        empty_label=_("All"),
        widget=FollowingSelect(follows="bank", of="bank_id", attrs=FILTER),
    )
    type = forms.ChoiceField(label=_("Question type"), required=False, widget=forms.Select(attrs=FILTER))
    difficulty = forms.ChoiceField(
        label=_("Difficulty"),
        choices=[("", _("All")), *Difficulty.choices],
        required=False,
        widget=forms.Select(attrs=FILTER),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("All")), ("zh-hans", _("Chinese")), ("en", _("English"))],
        required=False,
        widget=forms.Select(attrs=FILTER),
    )

    def __init__(self, data: Any, *, place: dict[str, Any], readable: QuerySet[Question]) -> None:
        super().__init__(data)
        self.place = place
        offered = readable.filter(offered_at(place)).order_by()
        bank: Any = self.fields["bank"]
        bank.queryset = QuestionBank.objects.filter(pk__in=offered.values("bank"))
        category: Any = self.fields["category"]
        category.queryset = QuestionCategory.objects.select_related("bank").filter(pk__in=offered.values("category"))
        if place.get("kind") != Quiz.Kind.EXAM:
            bank.help_text = _("Only banks with questions that may be asked here; questions kept for exams may not.")
        if place.get("lesson"):
            self.fields["q"].help_text = _(
                "Questions that a quiz asks stand last: in the lesson a learner is not told whether the answer was right "
                "before a paper of that quiz shows it."
            )
        types: Any = self.fields["type"]
        types.choices = _types(ASKED_BY_LESSONS if place.get("lesson") else QUESTION_TYPES)

    def filter(self, objects: QuerySet) -> QuerySet:
        asked = self.cleaned_data
        objects = objects.filter(offered_at(self.place))
        for name in ("bank", "category", "type", "difficulty"):
            if asked.get(name):
                objects = objects.filter(**{name: asked[name]})
        if asked.get("language"):
            objects = objects.filter(in_language(asked["language"]))
        if self.place.get("lesson"):
            objects = objects.order_by(asked_by(Quiz.Kind.COURSE, Quiz.Kind.EXAM), "-pk")
        self.is_searching, self.search_query = bool(asked.get("q")), asked.get("q")
        return saying(objects, asked.get("q") or "")


class _Readable(WagtailPart):
    """What a chooser offers, finds and takes."""

    def get_object_list(self) -> QuerySet:
        found = super().get_object_list().select_related("bank", "category__bank").defer("words")
        return readable_questions(user=self.request.user, now=timezone.now(), among=found)

    def get_object(self, pk: Any) -> Question:
        found = super().get_object(pk)
        if exam_pool_refusal(user=self.request.user, question=found, now=timezone.now()):
            raise Http404
        return found

    def get_objects(self, pks: Any) -> QuerySet:
        return readable_questions(user=self.request.user, now=timezone.now(), among=super().get_objects(pks))


class _Listed(_Readable):
    """The window and what it finds: a page of questions, each of which is shown when it is opened."""

    template_name = "quizzes/admin/question_chooser.html"
    results_template_name = "quizzes/admin/question_chooser_results.html"

    @property
    def columns(self) -> list[Column]:
        titles = super().columns[0]
        titles.label, titles.accessor = _("Question"), title_of
        titles.cell_template_name = "quizzes/admin/question_chooser_title.html"
        return [
            titles,
            Column("type", label=_("Question type"), accessor=type_of),
            Column("place", label=_("Category"), accessor=lambda question: question.category or question.bank),
            Column("difficulty", label=_("Difficulty"), accessor="get_difficulty_display"),
            Column("languages", label=_("Languages"), accessor=languages_of),
            Column("asked_by", label=_("Asked by quizzes"), accessor=self._quizzes_of),
            # Wagtail's own column asks for the schedule of each draft.
            Column("state", label=_("State"), accessor=state_of),
        ]

    def _quizzes_of(self, question: Question) -> str:
        return listed(quiz.local_title for quiz in self.asking[question.pk]) or "–"

    def get_filter_form(self) -> QuestionFilterForm:
        asked = self.request.GET
        place = {name: asked[name] for name in PLACE if asked.get(name)}
        readable = readable_questions(user=self.request.user, now=timezone.now())
        return QuestionFilterForm(asked, place=place, readable=readable)

    def get_results_page(self, request: SignedInRequest) -> Any:
        page = super().get_results_page(request)
        self.asking = asking_quizzes(list(page.object_list))
        log_look_at_list(request, [question.pk for question in page.object_list], "chooser")
        return page


class QuestionChooseView(_Listed, ChooseView):
    """The chooser's window."""


class QuestionChooseResultsView(_Listed, ChooseResultsView):
    """What the chooser's window finds."""


class _Called(_Readable):
    """A chosen question is called in the words of who chooses, as the window called it."""

    def get_display_title(self, instance: Question) -> str:
        return chosen_title_of(instance)


class QuestionChosenView(_Called, SnippetChosenView):
    """What was chosen."""


class QuestionChosenMultipleView(_Called, SnippetChosenMultipleView):
    """Several that were chosen."""


class QuestionChooserViewSet(SnippetChooserViewSet):
    choose_view_class = QuestionChooseView
    choose_results_view_class = QuestionChooseResultsView
    chosen_view_class = QuestionChosenView
    chosen_multiple_view_class = QuestionChosenMultipleView
    preserve_url_parameters = ["multiple", *PLACE]

    def construct_view(self, view_class: Any, **kwargs: Any) -> Callable[..., HttpResponse]:
        return declares(Scope.CONTENT)(super().construct_view(view_class, **kwargs))


@declares(Scope.CONTENT)
def look_at_question(request: SignedInRequest, pk: int) -> HttpResponse:
    """A question as it stands in the bank, as a learner sees it, inside the chooser."""
    question = question_or_404(str(pk))
    open_question(request, question, "chooser")
    language = get_language() or "zh-hans"
    return preview_question(request, question, language if language in dict(MODES) else "")
