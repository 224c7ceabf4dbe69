"""Questions from a file, for trainers: drop or paste, see what was recognised and what would become of each question,
confirm once, and undo it while nobody has answered."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, re_path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from academy.viewsets.jobs import job_page
from academy.viewsets.pages import admin_page
from quizzes.bank.comparing import CHANGED, NEW, ImportRow
from quizzes.bank.import_runs import (
    ANSWERS_IN,
    begin_import,
    compare_import,
    confirm_import,
    faults_refusal,
    read_import,
    undo_refusal,
)
from quizzes.bank.other_language import JOINS, joinable
from quizzes.bank.paper_quiz import make_quiz, paper_refusal
from quizzes.interchange import FORMATS, NAMES, ReadResult, Undecodable
from quizzes.interchange.decoding import decode
from quizzes.interchange.documents import read_document
from quizzes.interchange.examples import CASE, DIALOGUE
from quizzes.interchange.packages import is_document, is_package
from quizzes.interchange.sheet import is_workbook
from quizzes.interchange.standing_out import SHAPES
from quizzes.models import Question, QuestionBank, QuestionCategory, QuestionImport, Quiz
from quizzes.pools.exam_pools import closed_banks, closed_categories
from quizzes.types.case import Case
from quizzes.viewsets.import_columns import columns_of, roles_offered, take_columns
from quizzes.viewsets.import_files import import_faults, import_file, import_template, may_import, own_import
from quizzes.viewsets.import_pairs import take_pairs
from quizzes.viewsets.import_preview import FATES, import_preview, rows_of, shown_rows, with_own_files
from quizzes.viewsets.imports import URLS as UNDO_URLS
from quizzes.viewsets.imports import counted, file_of, left_out

CORRECTED_AT_MOST = 300_000
CHOICES = [("", _("Recognised automatically")), *((code, capfirst(NAMES[code])) for code in FORMATS)]


class ImportForm(forms.Form):
    bank = forms.ModelChoiceField(QuestionBank.objects.all(), label=_("Question bank"), to_field_name="slug")
    language = forms.ChoiceField(label=_("Language of the file"), choices=settings.LANGUAGES)
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("Word (.docx), Excel (.xlsx), GIFT, Aiken, Moodle XML, dialogues or cases."),
    )
    text = forms.CharField(
        label=_("Or paste the text"), required=False, max_length=2_000_000, widget=forms.Textarea(attrs={"rows": 12})
    )
    form = forms.ChoiceField(
        label=pgettext_lazy("of a file", "Format"),
        required=False,
        choices=CHOICES,
    )
    encoding = forms.CharField(label=_("Encoding"), required=False, help_text=_("Only when the file is not UTF-8."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("file") and not cleaned.get("text", "").strip():
            self.add_error("file", _t("Choose a file or paste a text."))
        return cleaned


class RunForm(forms.Form):
    """What is chosen beside the preview, and the text where it can be corrected in place."""

    form = forms.ChoiceField(label=pgettext_lazy("of a file", "Format"), required=False, choices=CHOICES)
    language = forms.ChoiceField(label=_("Language of the file"), required=False, choices=settings.LANGUAGES)
    category = forms.ModelChoiceField(
        QuestionCategory.objects.none(),
        label=_("Category of questions that name none"),
        required=False,
        empty_label=_("No category"),
    )
    text = forms.CharField(
        label=_("Text of the file"),
        required=False,
        max_length=2_000_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16}),
    )


@declares(Scope.CONTENT)
def import_questions(request: SignedInRequest) -> HttpResponse:
    """Takes the file; what is in it stands on its own page."""
    may_import(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    closed = closed_banks(user=request.user, now=timezone.now())
    if closed:
        bank: Any = form.fields["bank"]
        bank.queryset = bank.queryset.exclude(pk__in=closed)
        bank.help_text = _t("Banks that hold nothing but exam questions are not offered: exam keepers bring those in.")
        bank.error_messages["invalid_choice"] = bank.help_text
    problem = ""
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        try:
            run = begin_import(
                bank=data["bank"],
                language=data["language"],
                data=data["file"].read() if data["file"] else data["text"].encode(),
                name=data["file"].name if data["file"] else "",
                form=data["form"],
                encoding=data["encoding"],
                actor=request.user,
                now=timezone.now(),
            )
            return redirect("quizzes_import_run", run.pk)
        except Undecodable as fault:
            problem = str(fault)
    own = QuestionImport.objects.filter(asked_by=request.user).select_related("bank")[:10]
    return admin_page(
        request,
        "quizzes/admin/import.html",
        {"form": form, "problem": problem, "own": own, "dialogue_example": DIALOGUE, "case_example": CASE},
        title=_t("Import questions"),
        icon="upload",
        above=[_questions()],
    )


def _questions() -> tuple[str, str]:
    return reverse("wagtailsnippets_quizzes_question:list"), _t("Questions")


@declares(Scope.OWN)
def import_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """The preview before it is confirmed, how far it is, and what came of it."""
    run = own_import(request, pk)
    if run.source is None or run.is_going:
        return _after(request, run)
    if request.method == "POST" and "pair" in request.POST:
        refusal = take_pairs(run, request.POST)
        if refusal:
            messages.error(request, refusal)
        return redirect(request.get_full_path())
    if request.method == "POST" and "columns" in request.POST:
        take_columns(run, request.POST)
        return redirect("quizzes_import_run", run.pk)
    if request.method == "POST" and "answers_in" in request.POST:
        said = request.POST["answers_in"]
        run.written = {**run.written, ANSWERS_IN: said if said in SHAPES else ""}
        run.save(update_fields=["written"])
        return redirect("quizzes_import_run", run.pk)
    if request.method == "POST" and JOINS in request.POST:
        run.written = {**run.written, JOINS: whole_number(request.POST[JOINS])}
        run.save(update_fields=["written"])
        return redirect("quizzes_import_run", run.pk)
    form = _run_form(request, run)
    if request.method == "POST" and form.is_valid():
        corrected = _correct(run, {name: said for name, said in form.cleaned_data.items() if name in request.POST})
        if "confirm" in request.POST and not corrected:
            return _confirmed(request, run)
        if "confirm" in request.POST:
            messages.warning(request, _t("It is read in another way now. Look at the preview, then store it."))
        return redirect("quizzes_import_run", run.pk)
    return _preview(request, run, form)


def _run_form(request: SignedInRequest, run: QuestionImport) -> RunForm:
    initial = {"form": run.form, "language": run.language, "category": run.category_id, "text": text_of(run)}
    form = RunForm(request.POST or None, initial=initial)
    closed = closed_categories(user=request.user, now=timezone.now())
    category: Any = form.fields["category"]
    category.queryset = run.bank.categories.exclude(pk__in=closed)
    if initial["text"] is None:
        del form.fields["text"]
    return form


def text_of(run: QuestionImport) -> str | None:
    """The source as it is corrected in place; None for a workbook and for what is too large for that."""
    data = bytes(run.source or b"")
    if is_workbook(data) or is_package(data) or len(data) > 10 * CORRECTED_AT_MOST:
        return None
    text = (
        "\n".join(read_document(data, run.written.get(ANSWERS_IN, "")).words)
        if is_document(data)
        else decode(data, run.encoding)
    )
    return text if len(text) <= CORRECTED_AT_MOST else None


def _correct(run: QuestionImport, data: dict[str, Any]) -> bool:
    """Takes over what was chosen; whether the questions are other ones by now."""
    before = text_of(run)
    text = (data.get("text") or "").replace("\r\n", "\n").rstrip("\n")
    changed = bool(text) and text != (before or "").replace("\r\n", "\n").rstrip("\n")
    form = data.get("form", run.form)
    language = data.get("language") or run.language
    read_otherwise = (form, language) != (run.form, run.language)
    if changed:
        run.source, run.encoding = text.encode(), ""
    run.form, run.language, run.category = form, language, data.get("category", run.category)
    run.save(update_fields=["form", "language", "category", "source", "encoding"])
    return changed or read_otherwise


def _confirmed(request: SignedInRequest, run: QuestionImport) -> HttpResponse:
    refusal = _language_refusal(request, run)
    said = {"skip_errors": "skip" in request.POST, "words_are_right": "words_are_right" in request.POST}
    if not refusal and not all(said.values()):
        refusal = faults_refusal(run, request.user, timezone.now(), **said)
    if refusal:
        messages.error(request, refusal)
        return redirect("quizzes_import_run", run.pk)
    try:
        confirm_import(run=run, skip_errors="skip" in request.POST, actor=request.user, now=timezone.now())
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    return redirect("quizzes_import_run", run.pk)


def _language_refusal(request: SignedInRequest, run: QuestionImport) -> str | None:
    """Why a file that is asked in the other language is not stored before somebody said that it is right so."""
    if "language_is_right" in request.POST:
        return None
    try:
        other = read_import(run).other_language
    except Undecodable as fault:
        return str(fault)
    return _t("Say first in which language the questions of the file are.") if other else None


def _preview(request: SignedInRequest, run: QuestionImport, form: RunForm) -> HttpResponse:
    now = timezone.now()
    try:
        result = read_import(run)
    except Undecodable as fault:
        result = ReadResult(form=run.form)
        messages.error(request, str(fault))
    comparison = compare_import(run, result=result, actor=request.user, now=now)
    page = rows_of(request, run, comparison)
    counts = [(label, counted(*kinds_of(comparison.of(fate)))) for fate, label in FATES.items()]
    writes = [*comparison.of(NEW), *comparison.of(CHANGED)]
    text = form["text"].value() if "text" in form.fields else None
    shown = admin_page(
        request,
        "quizzes/admin/import_run.html",
        {
            "run": run,
            "form": form,
            # A file in which nothing asks is no paper, though it was read as one.
            "recognised": NAMES.get(result.form, "") if comparison.rows or comparison.errors[1:] else "",
            "title": result.title,
            "counts": [
                *counts,
                (_t("Possible duplicates"), str(len(comparison.doubled))),
                (_t("Errors"), str(len(comparison.errors))),
            ],
            "columns": columns_of(run, result),
            "roles": roles_offered(),
            "alike": [{"paper": paper, "name": file_of(paper.run)} for paper in result.first_languages],
            "joins": _joined(run),
            "shape": SHAPES.get(result.answers_in, ""),
            "answers_in": result.answers_in,
            "taken_as_answers": run.written.get(ANSWERS_IN, ""),
            "keep_words": [row.question.line for row in comparison.rows if row.keeps_words],
            "errors": comparison.errors[:200],
            "warnings": result.warnings[:200],
            "said": dict(enumerate((text or "").split("\n"), 1)) if text else {},
            "page": page,
            "rows": shown_rows(run, page, comparison, result),
            "other_language": dict(settings.LANGUAGES).get(result.other_language, ""),
            "other_language_code": result.other_language,
            "language": dict(settings.LANGUAGES).get(run.language, ""),
            "asked": counted(*kinds_of(comparison.rows)) if comparison.rows else "",
            "writes": counted(*kinds_of(writes)) if writes else "",
            "workbook": is_workbook(bytes(run.source or b"")),
        },
        title=run.name or _t("Pasted text"),
        icon="upload",
        above=[_questions(), (reverse("quizzes_import"), _t("Import questions"))],
    )
    return with_own_files(shown, run)


def _joined(run: QuestionImport) -> str:
    """The file whose other language this is said to be; '' for none."""
    joined = joinable(run).filter(pk=run.written.get(JOINS) or 0).defer("source").first()
    return file_of(joined) if joined is not None else ""


def kinds_of(rows: list[ImportRow]) -> tuple[int, int]:
    """How many questions there are, and how many cases above them: a case asks nothing itself."""
    cases = sum(row.question.type == Case.code for row in rows)
    return len(rows) - cases, cases


def _stored(run: QuestionImport, name: str) -> str:
    """How many questions and cases the import wrote."""
    keys = [int(key) for key in run.written.get(name, [])]
    cases = Question.objects.filter(pk__in=keys, type=Case.code).count()
    return counted(len(keys) - cases, cases)


def _after(request: SignedInRequest, run: QuestionImport) -> HttpResponse:
    return job_page(
        request,
        run.job,
        template="quizzes/admin/import_done.html",
        title=run.name or _t("Pasted text"),
        icon="upload",
        above=[_questions(), (reverse("quizzes_import"), _t("Import questions"))],
        context={
            "run": run,
            # What was taken back is not told as done.
            **({"job": None} if run.undone_at else {}),
            "created": _stored(run, "created"),
            "changed": _stored(run, "changed"),
            "left_out": left_out(run),
            "drafts": f"{_questions()[0]}?state=draft",
            "quiz": Quiz.objects.filter(pk=run.written.get("quiz", 0)).first(),
            "may_make_quiz": paper_refusal(run, request.user) is None,
            "undo_refusal": undo_refusal(run) if run.stored_at else None,
        },
    )


@require_POST
@declares(Scope.OWN)
def import_quiz(request: SignedInRequest, pk: int) -> HttpResponse:
    """A draft of a quiz of the paper; its form is where one goes on."""
    run = own_import(request, pk)
    try:
        quiz = make_quiz(run=run, actor=request.user, now=timezone.now())
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
        return redirect("quizzes_import_run", run.pk)
    text = _t("A draft of a quiz was made of this paper. Look it through and publish it.")
    messages.success(request, text)
    return redirect("wagtailsnippets_quizzes_quiz:edit", quiz.pk)


URLS = [
    path("questions/import/", import_questions, name="quizzes_import"),
    path("questions/import/template/", import_template, name="quizzes_import_template"),
    path("questions/import/<int:pk>/", import_run, name="quizzes_import_run"),
    path("questions/import/<int:pk>/preview/", import_preview, name="quizzes_import_preview"),
    re_path(r"^questions/import/(?P<pk>\d+)/files/(?P<digest>[0-9a-f]{64})/$", import_file, name="quizzes_import_file"),
    path("questions/import/<int:pk>/errors/", import_faults, name="quizzes_import_faults"),
    path("questions/import/<int:pk>/quiz/", import_quiz, name="quizzes_import_quiz"),
    *UNDO_URLS,
]
