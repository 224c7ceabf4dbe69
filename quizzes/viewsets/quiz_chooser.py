"""The chooser of quizzes. A course is offered its own quizzes and talks: a level exam is sat for a level, not for a course."""

from django.db.models.query import QuerySet
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet

from academy.viewsets.mixing import WagtailPart
from quizzes.models import Quiz

FOR_COURSE = "course"


class _Offered(WagtailPart):
    def get_object_list(self) -> QuerySet:
        found: QuerySet = super().get_object_list()
        return found.exclude(kind=Quiz.Kind.EXAM) if self.request.GET.get(FOR_COURSE) else found


class QuizChooseView(_Offered, ChooseView):
    """The chooser's window."""


class QuizChooseResultsView(_Offered, ChooseResultsView):
    """What the chooser's window finds."""


class QuizChooserViewSet(SnippetChooserViewSet):
    choose_view_class = QuizChooseView
    choose_results_view_class = QuizChooseResultsView
    preserve_url_parameters = ["multiple", FOR_COURSE]
