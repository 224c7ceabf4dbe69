"""The imports of questions: who brought which file when, what came of it, and the way back while nobody has answered."""

from typing import Any

import django_filters
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, npgettext
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from academy.bilingual import pick
from academy.errors.refusals import RuleViolation
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import HouseViewSet, Scope, declares
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page
from quizzes.bank.import_runs import LEFT_OUT, undo_import, undo_refusal
from quizzes.bank.language_pairs import JOINED_FORM
from quizzes.models import Question, QuestionBank, QuestionImport
from quizzes.pools.exam_pools import readable_questions
from quizzes.types.case import Case
from quizzes.viewsets.import_files import own_import
from quizzes.viewsets.question_columns import title_of

NAMED = 50
STATES = {"waiting": _("Not confirmed"), "stored": _("Stored"), "undone": _("Undone")}


def state_of(run: QuestionImport) -> str:
    """The code of how far an import is."""
    return "undone" if run.undone_at else "stored" if run.stored_at else "waiting"


class ImportFilterSet(WagtailFilterSet):
    bank = django_filters.ModelChoiceFilter(
        label=_("Question bank"), queryset=QuestionBank.objects.all(), empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=list(STATES.items()), empty_label=_("All"), method="in_state"
    )
    own = django_filters.ChoiceFilter(
        label=_("Whose"), choices=[("own", _("My own"))], empty_label=_("All"), method="of_viewer"
    )

    class Meta:
        model = QuestionImport
        fields: list[str] = []

    def in_state(self, queryset: QuerySet, _name: str, state: str) -> QuerySet:
        if state == "undone":
            return queryset.filter(undone_at__isnull=False)
        return queryset.filter(undone_at=None, stored_at__isnull=state == "waiting")

    def of_viewer(self, queryset: QuerySet, _name: str, _own: str) -> QuerySet:
        return queryset.filter(asked_by=self.request.user)


class ImportIndexView(generic.IndexView):
    """A file leads on to whom it belongs; the others read what came of it."""

    page_title = _("Imports of questions")
    default_ordering = "-created_at"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=_("File"), accessor=file_of, sort_key="name"),
            DateColumn("created_at", label=_("When"), sort_key="created_at"),
            Column("state", label=_("State"), accessor=lambda run: STATES[state_of(run)]),
            Column("bank", label=_("Question bank"), accessor="bank", sort_key="bank__name"),
            Column("who", label=_("By whom"), accessor=lambda run: run.asked_by.display_name if run.asked_by else "–"),
            Column("created", label=_("New questions"), accessor=lambda run: len(run.written.get("created", []))),
            Column("changed", label=_("Changed ones"), accessor=lambda run: len(run.written.get("changed", {}))),
            Column("left_out", label=_("Left out as wrong"), accessor=lambda run: left_out(run)["count"]),
        ]

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.request.user.has_perm("quizzes.add_question"):
            return []
        return [HeaderButton(_t("Import questions"), url=reverse("quizzes_import"), icon_name="upload")]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("bank", "asked_by").defer("source")

    def get_edit_url(self, instance: QuestionImport) -> str | None:
        own = instance.asked_by_id in (self.request.user.pk, None) and self.request.user.has_perm(
            "quizzes.add_question"
        )
        return reverse("quizzes_import_run", args=[instance.pk]) if own else None

    def get_inspect_url(self, instance: QuestionImport) -> None:
        return None


def left_out(run: QuestionImport) -> dict[str, Any]:
    """How much of the file was wrong and is not stored, and which lines of it, with why."""
    language = get_language() or settings.LANGUAGE_CODE
    kept = run.written.get(LEFT_OUT) or {"count": 0, "faults": []}
    return {**kept, "faults": [(fault["line"], pick(fault["why"], language)) for fault in kept["faults"]]}


def file_of(run: QuestionImport) -> str:
    if run.form == JOINED_FORM:
        return _t("Two languages joined: %(name)s") % {"name": run.name}
    return run.name or _t("Pasted text")


class QuestionImportViewSet(HouseViewSet):
    scope = Scope.CONTENT
    model = QuestionImport
    name = "question_imports"
    icon = "upload"
    menu_label = _("Imports of questions")
    menu_order = 245
    filterset_class = ImportFilterSet
    search_fields = ["name"]
    index_view_class = ImportIndexView
    list_per_page = 50
    add_to_reference_index = False
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")


@declares(Scope.OWN)
def import_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Names what goes and what is put back, and asks; a post does it."""
    run = own_import(request, pk)
    if request.method == "POST":
        try:
            taken = undo_import(run=run, actor=request.user, now=timezone.now())
            text = ngettext(
                "The import was undone: %(count)s question.", "The import was undone: %(count)s questions.", taken
            )
            messages.success(request, text % {"count": taken})
        except RuleViolation as refused:
            messages.error(request, str(refused))
        return redirect("quizzes_import_run", run.pk)
    refusal = undo_refusal(run)
    if refusal:
        messages.error(request, refusal)
        return redirect("quizzes_import_run", run.pk)
    going, back = (_named(request, [int(key) for key in run.written.get(name, [])]) for name in ("created", "changed"))
    apart = run.form == JOINED_FORM
    return admin_page(
        request,
        "quizzes/admin/import_undo.html",
        {"run": run, "going": going, "back": back, "apart": apart},
        title=_t("Take the two languages apart?") if apart else _t("Undo this import?"),
        icon="upload",
        above=[
            (reverse("question_imports:index"), _t("Imports of questions")),
            (reverse("quizzes_import_run", args=[run.pk]), file_of(run)),
        ],
    )


def _named(request: SignedInRequest, keys: list[int]) -> dict[str, Any]:
    """How many, the first of them by name, and how many more; what is closed to the person stays as it is."""
    open_ones = readable_questions(user=request.user, now=timezone.now(), among=Question.objects.filter(pk__in=keys))
    titles = [title_of(question) for question in open_ones.select_related("category").order_by("pk")[:NAMED]]
    count = open_ones.count()
    more = count - len(titles)
    text = ngettext("%(count)s more question", "%(count)s more questions", more) % {"count": more} if more else ""
    cases = open_ones.filter(type=Case.code).count()
    return {"count": count, "counted": counted(count - cases, cases), "titles": titles, "more": text}


def counted(questions: int, cases: int) -> str:
    """How many of both, in words: a case asks nothing itself."""
    said = npgettext("in a file", "%(count)s question", "%(count)s questions", questions) % {
        "count": intcomma(questions)
    }
    if not cases:
        return said
    held = npgettext("in a file", "%(count)s case", "%(count)s cases", cases) % {"count": intcomma(cases)}
    return _t("%(questions)s, %(cases)s") % {"questions": said, "cases": held}


URLS = [path("questions/import/<int:pk>/undo/", import_undo, name="quizzes_import_undo")]
