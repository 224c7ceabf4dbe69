"""What an import hands out as files: pictures of its preview, its wrong rows, the workbook to fill in."""

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import XLSX
from academy.viewsets.base import Scope, declares
from quizzes.bank.import_runs import columns_named, confirm_refusal, file_of_import, read_import
from quizzes.interchange import Undecodable
from quizzes.interchange.sheet import is_workbook, tables_of_workbook
from quizzes.interchange.sheet_writer import faulty_rows, template
from quizzes.models import QuestionImport
from quizzes.views.files import file_response, question_file


def may_import(request: SignedInRequest) -> None:
    if not request.user.has_perm("quizzes.add_question"):
        raise Http404


def own_import(request: SignedInRequest, pk: int) -> QuestionImport:
    """One's own; what a command stored is anybody's who may import."""
    may_import(request)
    theirs = QuestionImport.objects.filter(Q(asked_by=request.user) | Q(asked_by=None, stored_at__isnull=False))
    return get_object_or_404(theirs.select_related("bank", "category", "job"), pk=pk)


@declares(Scope.OWN)
def import_file(request: SignedInRequest, pk: int, digest: str) -> HttpResponse:
    """A picture or a sound of the file, or one that the bank has and the file only names again."""
    run = own_import(request, pk)
    if confirm_refusal(run):
        raise Http404
    try:
        found = file_of_import(run, digest)
    except Undecodable:
        raise Http404 from None
    if found is None:
        return question_file(request, digest)
    return file_response(request, kind=found.kind, content=found.content, tag=digest)


@declares(Scope.OWN)
def import_faults(request: SignedInRequest, pk: int) -> HttpResponse:
    """The rows of a workbook that are wrong, to be corrected and sent again."""
    run = own_import(request, pk)
    data = bytes(run.source or b"")
    if not is_workbook(data):
        raise Http404
    tables = tables_of_workbook(data, columns_named(run))
    return _workbook(faulty_rows(tables, read_import(run).errors, _language(request)), "errors")


@declares(Scope.CONTENT)
def import_template(request: SignedInRequest) -> HttpResponse:
    """The workbook to fill in, in the language of who asks."""
    may_import(request)
    return _workbook(template(_language(request)), "questions")


def _language(request: SignedInRequest) -> str:
    return "en" if (request.LANGUAGE_CODE or "").startswith("en") else "zh-hans"


def _workbook(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    answer["Cache-Control"] = "no-store"
    return answer
