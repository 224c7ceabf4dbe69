"""The chooser of quizzes, found by a word of the title. A course is offered its own quizzes and talks, and of them what is
published: a draft cannot be sat, and a level exam is sat for a level, not for a course."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet

from academy.viewsets.base import Scope, declares
from academy.viewsets.mixing import WagtailPart
from quizzes.models import Quiz

FOR_COURSE = "course"


class QuizFilterForm(BaseFilterForm):
    q = forms.CharField(label=_("Words in the title"), required=False, max_length=200)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        if data.get(FOR_COURSE):
            self.fields["q"].help_text = _(
                "Only published quizzes are offered. Publish first the questions, then the quiz, then choose it here."
            )

    def filter(self, objects: QuerySet) -> QuerySet:
        asked = self.cleaned_data.get("q") or ""
        self.is_searching, self.search_query = bool(asked), asked
        # The search index would not find words inside a run of Chinese.
        for word in asked.split():
            objects = objects.filter(Q(title__icontains=word) | Q(title_en__icontains=word))
        return objects


class _Offered(WagtailPart):
    filter_form_class = QuizFilterForm

    def get_object_list(self) -> QuerySet:
        found: QuerySet = super().get_object_list()
        return found.filter(live=True).exclude(kind=Quiz.Kind.EXAM) if self.request.GET.get(FOR_COURSE) else found


class QuizChooseView(_Offered, ChooseView):
    """The chooser's window."""


class QuizChooseResultsView(_Offered, ChooseResultsView):
    """What the chooser's window finds."""


class QuizChooserViewSet(SnippetChooserViewSet):
    choose_view_class = QuizChooseView
    choose_results_view_class = QuizChooseResultsView
    preserve_url_parameters = ["multiple", FOR_COURSE]

    def construct_view(self, view_class: Any, **kwargs: Any) -> Callable[..., HttpResponse]:
        return declares(Scope.CONTENT)(super().construct_view(view_class, **kwargs))
