"""What results say: the list of questions to look at, a quiz with its questions, and two groups compared."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import F, Max, Min, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from academy.calendar.clock import local_day
from academy.forms import field_of
from academy.models import Branch, Line, Role
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.base import Scope, declares
from academy.viewsets.menu import GuardedMenuItem
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.panels import WaitingItem
from quizzes.models import Attempt, QuestionVersion, Quiz, QuizStatistics, VersionStatistics
from quizzes.pools.exam_pools import closed_questions
from quizzes.rules.keys import staff_key_refusals
from quizzes.statistics.differential import FEWEST_IN_A_GROUP, FEWEST_TOLD
from quizzes.statistics.fairness import WIDE
from quizzes.statistics.figures import Undefined
from quizzes.statistics.groups import compare_groups, group_condition
from quizzes.statistics.keeping import ask_to_reckon, notes_in
from quizzes.statistics.notes import ENOUGH_ANSWERS
from quizzes.statistics.report import WHY, group_words
from quizzes.viewsets.question_columns import first_words
from quizzes.viewsets.statistics_order import COLUMNS, headings, in_order
from quizzes.viewsets.statistics_pictures import scatter

# An auditor reads and sets nothing going.
RECKONERS = (Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER)
READERS = (*RECKONERS, Role.AUDITOR)
LISTED = 200
# Figures of a quiz that are marks of the whole paper.
MEANS = ("average", "median")


def _for_readers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer_with(request, *READERS)
        return view(request, *args, **kwargs)

    return checked


@dataclass(frozen=True)
class VersionRow:
    """One version of a question in a quiz, as a list shows it: of a closed one its number only. ``tells_options`` where the
    reader may see its key."""

    kept: VersionStatistics
    title: str
    url: str
    tells_options: bool

    @property
    def notes(self) -> list[str]:
        return notes_in(self.kept, with_options=self.tells_options)

    @property
    def few(self) -> bool:
        return self.kept.count < ENOUGH_ANSWERS

    def figure(self, name: str, times: int = 1) -> float | None:
        value = self.kept.figures.get(name)
        return None if value is None else value * times

    @property
    def figures(self) -> list[float | None]:
        """Per cent: right, guessing, discrimination, efficiency, effective weight."""
        shares = [self.figure(name, 100) for name in ("facility", "random_guess_score")]
        names = ("discrimination_index", "discriminative_efficiency", "effective_weight")
        return shares + [self.figure(name) for name in names]

    @property
    def labelled(self) -> list[tuple[Any, float | None]]:
        """Each figure with the head of its column, and the seconds last: on a phone a row is a card."""
        _answers, *labels = (label for label, _place, _said in COLUMNS.values())
        return list(zip(labels, [*self.figures, self.kept.times.get("median")], strict=True))


def rows_for(request: SignedInRequest, found: Any) -> list[VersionRow]:
    """The rows with what the reader may read of each."""
    listed, now = list(found), timezone.now()
    questions = {statistic.version.question_id for statistic in listed}
    closed = closed_questions(user=request.user, now=now).filter(pk__in=questions)
    shut = set(closed.values_list("pk", flat=True))
    refused = staff_key_refusals(user=request.user, questions=questions, now=now)
    return [
        VersionRow(
            statistic,
            title_of_version(statistic.version, shut),
            _address(statistic.version, shut),
            statistic.version.question_id not in shut | refused.keys(),
        )
        for statistic in listed
    ]


def title_of_version(version: QuestionVersion, shut: set[int]) -> str:
    if version.question_id in shut:
        return _t("Exam question %(number)s") % {"number": version.question_id}
    return first_words(version.stem(get_language()))


def _address(version: QuestionVersion, shut: set[int]) -> str:
    shut_here = version.question_id in shut
    return "" if shut_here else reverse("question_statistics", args=[version.question_id])


def to_look_at() -> Any:
    """Of each quiz the current versions that somebody should look at, or that measure nothing: what the list shows and
    the tile counts. Those kept from before few answers had no verdict are left out."""
    found = VersionStatistics.objects.filter(Q(to_look_at=True) | Q(suggest_retire=True), count__gte=ENOUGH_ANSWERS)
    return found.filter(version__question__current_version=F("version"), version__question__retired_at=None)


@_for_readers
@declares(Scope.CONTENT)
def index_page(request: SignedInRequest) -> HttpResponse:
    """The questions to look at first, then every quiz that has figures."""
    found = in_order(request, to_look_at().select_related("version__question", "quiz"))
    return admin_page(
        request,
        "quizzes/admin/statistics_index.html",
        {
            "rows": rows_for(request, found[:LISTED]),
            "more": max(0, found.count() - LISTED),
            "headings": headings(request),
            "quizzes": QuizStatistics.objects.select_related("quiz").order_by("-reckoned_at", "quiz"),
        },
        title=_t("Question statistics"),
        icon="order",
    )


@_for_readers
@declares(Scope.CONTENT)
def quiz_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Plain words first, then figures; a picture of all questions; whether papers were equally hard."""
    quiz = get_object_or_404(Quiz, pk=pk)
    if request.method == "POST":
        viewer_with(request, *RECKONERS)
        ask_to_reckon(quiz=quiz, actor=request.user, now=timezone.now())
        messages.success(request, _t("The figures are being calculated again. Open this page again in a moment."))
        return redirect("quiz_statistics", pk=pk)
    kept = QuizStatistics.objects.filter(quiz=quiz).first()
    rows = rows_for(request, in_order(request, quiz.version_statistics.select_related("version__question")))
    return admin_page(
        request,
        "quizzes/admin/quiz_statistics.html",
        {
            "quiz": quiz,
            "kept": kept,
            "may_reckon": has_role(request.user, local_day(timezone.now()), *RECKONERS),
            "rows": rows,
            "headings": headings(request),
            "picture": scatter(rows),
            "whole": _whole(kept) if kept else [],
            "spread": _spread(kept) if kept else None,
            "enough": ENOUGH_ANSWERS,
            "groups": GroupsForm(),
        },
        title=_t("Statistics: %(quiz)s") % {"quiz": quiz},
        icon="order",
        above=[(reverse("quizzes_statistics"), _t("Question statistics"))],
        leaf=str(quiz),
    )


def _whole(kept: QuizStatistics) -> list[tuple[Any, float | None, Any]]:
    """Label, value and what it means in a few words."""
    labels = (
        ("average", _("Mean mark"), ""),
        ("median", _("Median mark"), ""),
        ("standarddeviation", _("Standard deviation"), ""),
        ("cic_percent", _("Internal consistency (alpha), %"), _("from 70 on a result can be relied upon")),
        ("standarderror", _("Standard error"), _("chance alone can move a result by this many marks")),
        ("skewness", _("Skewness"), _("below 0: most did well, a few badly")),
    )
    worth = _out_of(kept.quiz_id)
    return [
        (label, kept.figures.get(name), worth if name in MEANS and worth else _why_none(kept, name) or said)
        for name, label, said in labels
    ]


def _why_none(kept: QuizStatistics, name: str) -> Any:
    """Why a figure is none, in words; '' where there is one."""
    code = (kept.figures.get("undefined") or {}).get(name)
    return WHY[Undefined(code)] if code and kept.figures.get(name) is None else ""


def _out_of(quiz: int) -> str:
    """What the marks of a quiz are out of, where all its papers were worth the same; else ''. One query."""
    papers = Attempt.objects.counting().filter(quiz=quiz).order_by()
    least, most = papers.aggregate(least=Min("max_mark"), most=Max("max_mark")).values()
    if least is None or least != most:
        return ""
    return _t("out of %(marks)s") % {"marks": f"{most.normalize():f}"}


def _spread(kept: QuizStatistics) -> dict[str, Any] | None:
    """Expected scores of the papers, per cent."""
    if not kept.spread:
        return None
    found = {name: round(kept.spread[name] * 100) for name in ("lowest", "highest", "mean", "deviation")}
    return found | {"wide": kept.spread["highest"] - kept.spread["lowest"] > WIDE}


class GroupsForm(forms.Form):
    """Whom to compare: the first group with the second."""

    first = forms.ChoiceField(label=_("Compare"))
    second = forms.ChoiceField(label=pgettext_lazy("groups", "with"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        choices = [
            *(
                (f"language:{code}", _("Papers in %(language)s") % {"language": name})
                for code, name in settings.LANGUAGES
            ),
            *((f"line:{code}", _("Line: %(line)s") % {"line": label}) for code, label in Line.choices),
            *(
                (f"branch:{branch.code}", _("Branch and below: %(branch)s") % {"branch": branch.local_name})
                for branch in Branch.objects.filter(closed_on=None)
            ),
        ]
        field_of(self, "first", forms.ChoiceField).choices = choices
        field_of(self, "second", forms.ChoiceField).choices = [("", _("All others")), *choices]

    def condition(self, name: str) -> Q:
        """On answers."""
        return group_condition(self.cleaned_data[name], local_day(timezone.now()))


@_for_readers
@declares(Scope.CONTENT)
def groups_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whether a question treats two groups alike; reckoned while one waits, kept nowhere."""
    quiz = get_object_or_404(Quiz, pk=pk)
    form = GroupsForm(request.GET)
    found = []
    if form.is_valid():
        by_version = compare_groups(quiz=quiz, focal=form.condition("first"), reference=form.condition("second"))
        versions = QuestionVersion.objects.filter(pk__in=by_version).select_related("question")
        closed = closed_questions(user=request.user, now=timezone.now())
        shut = set(closed.filter(pk__in=[version.question_id for version in versions]).values_list("pk", flat=True))
        found = [
            {
                "title": title_of_version(drifted, shut),
                "url": _address(drifted, shut),
                "version": drifted.number,
                "figures": by_version[drifted.pk],
                "word": group_words(by_version[drifted.pk]),
            }
            for drifted in sorted(versions, key=lambda version: -abs(by_version[version.pk].delta or 0))
        ]
    return admin_page(
        request,
        "quizzes/admin/group_statistics.html",
        {"quiz": quiz, "form": form, "rows": found, "fewest": FEWEST_IN_A_GROUP, "told": FEWEST_TOLD},
        title=_t("Two groups compared"),
        icon="group",
        above=[
            (reverse("quizzes_statistics"), _t("Question statistics")),
            (reverse("quiz_statistics", args=[pk]), str(quiz)),
        ],
        status=200 if form.is_valid() else 400,
    )


def looking_waits(request: SignedInRequest) -> list[WaitingItem]:
    """The trainer's tile: what somebody should look at."""
    if not has_role(request.user, local_day(timezone.now()), Role.TRAINER):
        return []
    return [
        WaitingItem(
            count=to_look_at().count(),
            label=_("questions to look at, by their statistics"),
            url=reverse("quizzes_statistics"),
            order=215,
        )
    ]


def statistics_menu() -> GuardedMenuItem:
    return GuardedMenuItem(
        _("Question statistics"),
        reverse("quizzes_statistics"),
        shown_to=lambda request: has_role(request.user, local_day(timezone.now()), *READERS),
        name="question-statistics",
        icon_name="order",
        order=155,
    )


URLS = [
    path("statistics/", index_page, name="quizzes_statistics"),
    path("quizzes/<int:pk>/statistics/", quiz_page, name="quiz_statistics"),
    path("quizzes/<int:pk>/statistics/groups/", groups_page, name="quiz_groups"),
]
