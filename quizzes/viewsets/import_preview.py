"""The questions of a file before they are stored: as learners will see them, with their keys and what would become of them."""

from copy import copy
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from quizzes.bank.comparing import CHANGED, NEW, UNCHANGED, Comparison, ImportRow
from quizzes.bank.import_runs import compare_import, confirm_refusal, read_import, remember_files
from quizzes.interchange import ReadResult, Undecodable
from quizzes.models import Question, QuestionImport
from quizzes.pools.counting import question_differences
from quizzes.types import QUESTION_TYPES
from quizzes.types.rich import files_in
from quizzes.views.previews import InPlace, card_of
from quizzes.viewsets.import_files import own_import
from quizzes.viewsets.import_pairs import language_in_bank, pairs_of

ROWS = 25
NO_FILE = "0" * 64
FATES = {
    NEW: pgettext_lazy("question of a file", "New"),
    UNCHANGED: _("Unchanged"),
    CHANGED: _("Changes an existing question"),
}


def rows_of(request: SignedInRequest, run: QuestionImport, comparison: Comparison) -> Page:
    """The rows of one page."""
    return Paginator(comparison.rows, ROWS).get_page(request.GET.get("p"))


def cards_of(run: QuestionImport, page: Page, result: ReadResult) -> list[dict[str, Any]]:
    """Each row as a learner sees it, its pictures at hand."""
    named = {digest for row in page for digest in files_in(row.body)}
    remember_files(run, {digest: file for digest, file in result.files.items() if digest in named})
    with translation.override(run.language):
        return [card_of(row.question.type, row.body, run.language, InPlace) for row in page]


def shown_rows(run: QuestionImport, page: Page, comparison: Comparison, result: ReadResult) -> list[dict[str, Any]]:
    """What the preview says of each row of a page."""
    # By what a case calls its questions the line of the case.
    heads = {name: row.question.line for row in comparison.rows for name in row.question.parts}
    return [
        {
            **_row(row, heads),
            "pairs": pairs_of(row, run),
            "languages": [dict(settings.LANGUAGES).get(code, "") for code in (language_in_bank(row), run.language)],
            "card": card,
        }
        for row, card in zip(page, cards_of(run, page, result), strict=True)
    ]


def _row(row: ImportRow, heads: dict[str, int]) -> dict[str, Any]:
    differences = []
    if row.fate == CHANGED and row.standing is not None:
        after: Question = copy(row.standing)
        after.body = row.body
        differences = question_differences(row.standing, after)
    kind = QUESTION_TYPES[row.question.type]
    facts = {"row": row, "fate": FATES[row.fate], "kind": kind.label, "differences": differences}
    facts["keeps_words"] = row.keeps_words
    return {**facts, "head": heads.get(row.question.called) if row.question.called else None}


def with_own_files(shown: TemplateResponse, run: QuestionImport) -> HttpResponse:
    """Nothing is stored yet: its pictures come out of the file itself."""
    shown.render()
    stored, own = (
        address.split(NO_FILE)[0].encode()
        for address in (reverse("quizzes:file", args=[NO_FILE]), reverse("quizzes_import_file", args=[run.pk, NO_FILE]))
    )
    shown.content = shown.content.replace(stored, own)
    return shown


@declares(Scope.OWN)
def import_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """The questions of the file as learners will see them, with their keys below."""
    run = own_import(request, pk)
    if confirm_refusal(run):
        raise Http404
    try:
        result = read_import(run)
    except Undecodable:
        # The page of the import says in words why.
        return HttpResponse(status=302, headers={"Location": reverse("quizzes_import_run", args=[run.pk])})
    comparison = compare_import(run, result=result, actor=request.user, now=timezone.now())
    page = rows_of(request, run, comparison)
    context = {"run": run, "cards": cards_of(run, page, result), "page": page}
    # As learners of that language see it, whatever the language of who looks.
    with translation.override(run.language):
        return with_own_files(TemplateResponse(request, "quizzes/preview/import.html", context), run)
