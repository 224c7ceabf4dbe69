"""What learners found wrong with questions: the exact version, how many said so, and the answer they get."""

from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import HouseIndexView, HouseViewSet, Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page
from quizzes.attempts.saving import place_of
from quizzes.bank.reporting import answer_report
from quizzes.grading.frozen import parsed_version
from quizzes.models import QuestionReport
from quizzes.pools.exam_pools import closed_questions
from quizzes.pools.looks import log_look_at_list
from quizzes.rules.keys import staff_key_refusal
from quizzes.types.drawing import practised_order
from quizzes.views.previews import card_as_shown, without_key
from quizzes.viewsets.pools import open_question


class ReportFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(label=_("State"), choices=QuestionReport.State.choices, empty_label=_("All"))

    class Meta:
        model = QuestionReport
        fields: list[str] = []


class ReportIndexView(HouseIndexView):
    """The learner's name stands nowhere here: a question is judged, not who found it."""

    page_title = _("Question reports")
    default_ordering = "-created_at"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "text", label=_("What is wrong"), accessor=lambda report: _short(report.text)),
            Column("question", label=_("Question"), accessor=_stem),
            Column("version", label=_("Version"), accessor=_version),
            Column("count", label=_("Reports of this question"), accessor="report_count"),
            Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
            DateColumn("created_at", label=_("Reported"), sort_key="created_at"),
        ]

    def get_base_queryset(self) -> QuerySet:
        alike = QuestionReport.objects.filter(version__question=OuterRef("version__question")).order_by()
        counted = alike.values("version__question").annotate(count=Count("pk")).values("count")
        return (
            super()
            .get_base_queryset()
            .exclude(version__question__in=closed_questions(user=self.request.user, now=timezone.now()))
            .select_related("version__question__current_version")
            .annotate(report_count=Coalesce(Subquery(counted), 0))
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        log_look_at_list(self.request, [report.version.question_id for report in context["object_list"]], "reports")
        return context

    def get_edit_url(self, instance: QuestionReport) -> str | None:
        return reverse("question_reports:answer", args=[instance.pk])


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _stem(report: QuestionReport) -> str:
    return _short(report.version.stem())


def _version(report: QuestionReport) -> str:
    current = report.version.question.current_version
    if current is None or current.pk == report.version_id:
        return str(report.version.number)
    return _t("%(number)s, now %(current)s") % {"number": report.version.number, "current": current.number}


class AnswerForm(forms.Form):
    """The decision and the words that the learner reads."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("accepted", _("Something is wrong: it will be put right")), ("declined", _("The question stands"))],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer to the learner"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "w-field__input"}),
    )
    all_alike = forms.BooleanField(
        label=_("Give the same answer to everybody who reported this version"), required=False, initial=True
    )


def answer_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The report, the question exactly as it was shown with its key, and the answer."""
    if not request.user.has_perm("quizzes.view_questionreport"):
        raise Http404
    reports = QuestionReport.objects.select_related(
        "version__question__current_version", "attempt__quiz", "answered_by"
    )
    report = get_object_or_404(reports, pk=pk)
    open_question(request, report.version.question, "report")
    may_answer = request.user.has_perm("quizzes.change_questionreport")
    form = AnswerForm(request.POST or None)
    if request.method == "POST":
        if not may_answer:
            messages.error(request, _t("You may read this, not change it."))
            return redirect("question_reports:index")
        if form.is_valid():
            try:
                count = answer_report(
                    report=report,
                    accepted=form.cleaned_data["decision"] == "accepted",
                    answer=form.cleaned_data["answer"],
                    all_alike=form.cleaned_data["all_alike"],
                    now=timezone.now(),
                    actor=request.user,
                )
            except RuleViolation as refused:
                messages.error(request, str(refused.message))
            else:
                messages.success(
                    request,
                    ngettext(
                        "Answered; %(count)s person was notified.", "Answered; %(count)s people were notified.", count
                    )
                    % {"count": count},
                )
            return redirect("question_reports:index")
    version = report.version
    language = report.attempt.language if report.attempt else get_language() or settings.LANGUAGE_CODE
    values = report.attempt.house_rules if report.attempt else None
    refusal = staff_key_refusal(user=request.user, question=version.question_id, now=timezone.now())
    card = without_key(_shown(report, language), refusal)
    alike = QuestionReport.objects.filter(version__question=version.question_id)
    return admin_page(
        request,
        "quizzes/admin/report.html",
        {
            "report": report,
            "card": card,
            "stem": version.stem(language, values),
            "form": form,
            "may_answer": may_answer,
            "others": alike.exclude(pk=report.pk).select_related("version")[:20],
            "other_count": alike.count() - 1,
            "open_alike": alike.filter(version=version, state=QuestionReport.State.OPEN).count(),
            "sat": version.answers.count(),
            "question_url": reverse("wagtailsnippets_quizzes_question:edit", args=[version.question_id])
            if request.user.has_perm("quizzes.change_question")
            else "",
        },
        title=_t("Question report"),
        icon="warning",
        above=[(reverse("question_reports:index"), _t("Question reports"))],
    )


def _shown(report: QuestionReport, language: str) -> dict[str, Any]:
    """The question as it stood before who reported it: "the second option" is theirs."""
    version, paper = report.version, report.attempt
    if paper is not None and report.slot is not None:
        return card_as_shown(
            parsed_version(version, paper.house_rules), place_of(paper, report.slot)["order"], paper.language
        )
    parsed, day = parsed_version(version), local_day(report.created_at)
    order = practised_order(parsed, version=version.pk, person=report.reporter_id, day=day)
    return card_as_shown(parsed, order, language)


class QuestionReportViewSet(HouseViewSet):
    scope = Scope.CONTENT
    model = QuestionReport
    name = "question_reports"
    icon = "warning"
    menu_label = _("Question reports")
    menu_order = 240
    filterset_class = ReportFilterSet
    search_fields = ["text", "answer"]
    index_view_class = ReportIndexView
    list_per_page = 50
    add_to_reference_index = False
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("<int:pk>/", answer_page, name="answer")]
