"""Files of HR in the admin: upload, columns, dry run, one confirmation, progress, result; and what was imported when."""

import uuid as uuids
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.duties.ahead import NoticesAhead
from academy.errors.refusals import RuleViolation
from academy.importing import runs
from academy.importing.by_two import propose_import, waiting_proposal
from academy.importing.columns import missing_columns
from academy.importing.faults import FileRefused
from academy.importing.kinds import FILE_KINDS
from academy.importing.kinds.base import NewName
from academy.importing.returning import errors_as_rows, errors_sheet, template_of
from academy.models import ImportLine, ImportRun, Proposal, User
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import csv_answer, workbook_answer
from academy.viewsets.base import Scope
from academy.viewsets.import_columns import column_rows, examples_of
from academy.viewsets.import_forms import OptionsForm, UploadForm
from academy.viewsets.import_opening import importer, opening, unopened_runs, visible_runs
from academy.viewsets.import_renaming import renamed_lines, renaming_is_meant
from academy.viewsets.import_undoing import undo, undo_context
from academy.viewsets.jobs import job_page
from academy.viewsets.pages import PageViewSet, admin_page
from academy.viewsets.panels import Shortcut
from academy.viewsets.scoped import scope_of

PAGE, HISTORY_PAGE = 50, 20
COUNTED = ("new", "changed", "left", "errors")
# From so many new rows on a file is offered to come quietly.
QUIET_FROM = 20
# So many of those who get a notice are named.
NAMED = 10
WRITTEN = (ImportLine.Outcome.NEW, ImportLine.Outcome.CHANGED, ImportLine.Outcome.LEFT)


def _own_run(request: SignedInRequest, uuid: uuids.UUID) -> ImportRun:
    """Only who began a run goes on with it."""
    viewer, _today = importer(request)
    return get_object_or_404(ImportRun.objects.select_related("started_by", "job"), uuid=uuid, started_by=viewer)


def _render(request: SignedInRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
    return admin_page(
        request,
        f"academy/admin/imports/{template}.html",
        context,
        title=title or _t("Imports"),
        icon="upload",
        above=[(reverse("imports:index"), _t("Imports"))],
        leaf=title,
    )


def index(request: SignedInRequest) -> HttpResponse:
    """The kinds of files, and what was imported."""
    viewer, today = importer(request)
    only_unopened = request.GET.get("state") == "unopened"
    found = unopened_runs(request) if only_unopened else visible_runs(request)
    page = Paginator(found, HISTORY_PAGE).get_page(request.GET.get("p"))
    for run in page.object_list:
        run.kind_label = FILE_KINDS[run.kind].label if run.kind in FILE_KINDS else run.kind
        # What a given up one would have done is nothing that was imported.
        given_up = run.state == ImportRun.State.CANCELLED
        run.said = None if given_up else {name: run.counts.get(name, 0) for name in COUNTED}
        run.of_people = run.kind in FILE_KINDS and FILE_KINDS[run.kind].brings_people
    return _render(
        request,
        "index",
        "",
        {"kinds": runs.kinds_for(viewer, today), "page": page, "viewer": viewer, "only_unopened": only_unopened},
    )


def _kind_or_404(request: SignedInRequest, code: str) -> Any:
    viewer, today = importer(request)
    kind = next((kind for kind in runs.kinds_for(viewer, today) if kind.code == code), None)
    if kind is None:
        raise Http404
    return kind


def template(request: SignedInRequest, kind: str) -> HttpResponse:
    """An empty workbook with the headings."""
    found = _kind_or_404(request, kind)
    return workbook_answer(f"{found.code}-template", template_of(found))


def upload(request: SignedInRequest, kind: str) -> HttpResponse:
    found = _kind_or_404(request, kind)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            run = runs.start_run(
                kind=found.code, upload=form.cleaned_data["file"], actor=request.user, now=timezone.now()
            )
            return redirect("imports:run", uuid=run.uuid)
        except FileRefused as refusal:
            form.add_error("file", str(refusal.message))
    return _render(request, "upload", _t("Import: %(kind)s") % {"kind": found.label}, {"form": form, "kind": found})


def run(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """Where the run stands: its columns, its progress, its dry run or its result."""
    import_run = get_object_or_404(visible_runs(request), uuid=uuid)
    if import_run.kind not in FILE_KINDS:
        raise Http404
    own = import_run.started_by_id == request.user.pk
    if import_run.state == ImportRun.State.COLUMNS or (
        "columns" in request.GET and import_run.state == ImportRun.State.CHECKED
    ):
        return _columns(request, import_run) if own else _progress(request, import_run, own)
    if import_run.state == ImportRun.State.CHECKED:
        return _dry_run(request, import_run, own)
    return _progress(request, import_run, own)


def _columns(request: SignedInRequest, import_run: ImportRun) -> HttpResponse:
    kind = FILE_KINDS[import_run.kind]
    title = _t("Import: %(kind)s") % {"kind": kind.label}
    if request.method == "POST" and "encoding" in request.POST:
        try:
            runs.choose_encoding(run=import_run, encoding=request.POST["encoding"])
        except FileRefused as refusal:
            messages.error(request, str(refusal.message))
        return redirect("imports:run", uuid=import_run.uuid)
    try:
        with runs.open_source(import_run, 1) as source:
            layout = runs.layout_of(import_run, source)
            examples = examples_of(source, layout)
            days = runs.days_seen(layout, kind.columns, source)
            encoding, delimiter = source.encoding, source.delimiter
    except FileRefused as refusal:
        return _render(
            request, "encoding", title, {"run": import_run, "problem": refusal.message, "encodings": refusal.encodings}
        )
    initial = {"complete": import_run.complete, "effective_on": import_run.effective_on, **import_run.for_new}
    if import_run.day_order:
        initial["day_order"] = import_run.day_order
    if not days.open and import_run.counts.get("ambiguous_days"):
        days.open = _t("further down")
    form = OptionsForm(request.POST or None, kind=kind, layout=layout, days=days, initial=initial)
    if request.method == "POST":
        mapping = {
            heading: request.POST.get(f"column-{at}", "")[:40] for at, heading in enumerate(layout.headings) if heading
        }
        layout = runs.with_mapping(layout, kind.columns, mapping)
        if form.is_valid() and not missing_columns(layout, kind.columns):
            runs.choose_columns(
                run=import_run,
                mapping=mapping,
                shape=layout.shape,
                complete=form.cleaned_data.get("complete", False),
                effective_on=form.cleaned_data["effective_on"],
                now=timezone.now(),
                day_order=form.cleaned_data.get("day_order", ""),
                for_new=form.for_new,
            )
            return redirect("imports:run", uuid=import_run.uuid)
    return _render(
        request,
        "columns",
        title,
        {
            "run": import_run,
            "kind": kind,
            "rows": column_rows(layout, examples),
            "form": form,
            "missing": missing_columns(layout, kind.columns),
            "encoding": encoding,
            "delimiter": {"\t": _t("tab")}.get(delimiter, delimiter),
            "header": layout.header,
        },
    )


def _dry_run(request: SignedInRequest, import_run: ImportRun, own: bool) -> HttpResponse:
    outcomes = ImportLine.Outcome
    tabs = [
        (outcomes.ERROR, _t("With errors"), import_run.counts.get("errors", 0)),
        (outcomes.NEW, pgettext("button", "New"), import_run.counts.get("new", 0)),
        (outcomes.CHANGED, _t("Changed"), import_run.counts.get("changed", 0)),
        (outcomes.LEFT, _t("Left the bank"), import_run.counts.get("left", 0)),
        (outcomes.LEFT_OUT, _t("Left out"), import_run.counts.get("left_out", 0)),
    ]
    if not FILE_KINDS[import_run.kind].brings_people:
        # Of what is no list of people nobody has left.
        tabs = [tab for tab in tabs if tab[0] != outcomes.LEFT]
    first = next((code for code, _label, count in tabs if count), outcomes.NEW)
    tab = request.GET.get("tab", first)
    if tab not in outcomes.values:
        raise Http404
    lines, kind = import_run.lines.filter(outcome=tab), FILE_KINDS[import_run.kind]
    labels = {column.key: column.label for column in kind.columns}
    page = Paginator(lines, PAGE).get_page(request.GET.get("p"))
    return _render(
        request,
        "dry_run",
        _t("Dry run: %(file)s") % {"file": import_run.file_name},
        {
            "run": import_run,
            "own": own,
            "kind": kind,
            # A branch has a name of its own; other rows are of people.
            "name_label": labels.get("name", pgettext("person", "Name")),
            "tabs": tabs,
            "tab": tab,
            "page": page,
            "refusal": runs.confirm_refusal(import_run),
            "waiting": waiting_proposal(import_run),
            "many_leave": _many_leave(import_run),
            "renamed": renamed_lines(import_run) if own else [],
            "renamed_count": len(import_run.counts.get("renamed", ())),
            "told_people": User.objects.filter(pk__in=import_run.counts.get("notices_to", ())[:NAMED]),
            "new_names": [NewName(*said) for said in import_run.counts.get("new_names", ())],
            "told": runs.is_told_of(import_run),
            "notices": _notices(import_run),
            "usually_quiet": import_run.counts.get("new", 0) >= QUIET_FROM,
            "correction": UploadForm(),
        },
    )


def _notices(import_run: ImportRun) -> NoticesAhead | None:
    if "notices" not in import_run.counts:
        return None
    counts = import_run.counts
    return NoticesAhead(counts["notices"], counts["notices_exact"], tuple(counts.get("notices_to", ())))


def _many_leave(import_run: ImportRun) -> bool:
    """More than a tenth of the named, and more than twenty: asked back before anybody is ended."""
    left = import_run.counts.get("left", 0)
    return left > 20 and left * 10 > import_run.counts.get("rows", 0)


def _progress(request: SignedInRequest, import_run: ImportRun, own: bool) -> HttpResponse:
    context = {"run": import_run, "own": own, "kind": FILE_KINDS[import_run.kind], "again": False}
    if import_run.state == ImportRun.State.DONE:
        context |= undo_context(request, import_run)
    if import_run.state == ImportRun.State.DONE and any(import_run.counts.get(code) for code in WRITTEN):
        lines = import_run.lines.filter(outcome__in=WRITTEN)
        context["page"] = Paginator(lines, PAGE).get_page(request.GET.get("p"))
    return (
        job_page(
            request,
            import_run.job,
            template="academy/admin/imports/progress.html",
            title=import_run.file_name,
            icon="upload",
            above=[(reverse("imports:index"), _t("Imports"))],
            context=context,
        )
        # How far a given up one had been read is of no interest.
        if import_run.job is not None and import_run.state != ImportRun.State.CANCELLED
        else _render(request, "progress", import_run.file_name, context)
    )


@require_POST
def confirm(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    import_run = _own_run(request, uuid)
    if _many_leave(import_run) and request.POST.get("leavers", "").strip() != str(import_run.counts.get("left")):
        messages.error(request, _t("Type the number of people who left, to confirm that you mean it."))
        return redirect("imports:run", uuid=import_run.uuid)
    if import_run.counts.get("new_names") and request.POST.get("new_names") != "1":
        messages.error(request, _t("Check the new positions first, and tick that they are meant."))
        return redirect("imports:run", uuid=import_run.uuid)
    if not renaming_is_meant(request, import_run):
        messages.error(
            request,
            _t("Some rows give a staff number another name. Confirm for each, or for all, that it is the same person."),
        )
        return redirect("imports:run", uuid=import_run.uuid)
    quiet, now = request.POST.get("quiet") == "1", timezone.now()
    try:
        if FILE_KINDS[import_run.kind].by_two:
            return _proposed(
                request, propose_import(run=import_run, quiet=quiet, reason="", actor=request.user, now=now)
            )
        if not runs.confirm_run(run=import_run, now=now, quiet=quiet):
            messages.warning(
                request, _t("Something else was imported since the check, so the file is checked again first.")
            )
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
    return redirect("imports:run", uuid=import_run.uuid)


def _proposed(request: SignedInRequest, proposal: Proposal) -> HttpResponse:
    if proposal.state == Proposal.State.WAITING:
        messages.success(request, _t("Proposed. It takes effect when a second person approves."))
        return redirect("proposals:decide", pk=proposal.pk)
    return redirect("imports:run", uuid=proposal.facts["run"])


@require_POST
def correct(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """The corrected rows, sent again."""
    import_run = _own_run(request, uuid)
    form = UploadForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise RuleViolation(_t("Choose the corrected file first."))
        runs.add_correction(run=import_run, upload=form.cleaned_data["file"], now=timezone.now())
    except (FileRefused, RuleViolation) as refusal:
        messages.error(request, str(refusal.message))
    return redirect("imports:run", uuid=import_run.uuid)


@require_POST
def act(request: SignedInRequest, uuid: uuids.UUID, action: str) -> HttpResponse:
    """Gives a run up, or takes a stopped one up again."""
    import_run = _own_run(request, uuid)
    rule = {"cancel": runs.cancel_run, "take-up": runs.take_up}.get(action)
    if rule is None:
        raise Http404
    try:
        rule(run=import_run, now=timezone.now())
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
    return redirect("imports:run", uuid=import_run.uuid)


def errors(request: SignedInRequest, uuid: uuids.UUID, form: str) -> HttpResponse:
    """The rows with errors, as a workbook or as CSV."""
    import_run = _own_run(request, uuid)
    if (
        form not in ("xlsx", "csv")
        or not import_run.counts.get("errors")
        or import_run.state != ImportRun.State.CHECKED
    ):
        raise Http404
    name = f"errors-{import_run.kind}-{import_run.pk}"
    return (
        workbook_answer(name, errors_sheet(import_run))
        if form == "xlsx"
        else csv_answer(name, errors_as_rows(import_run))
    )


def import_shortcuts(request: SignedInRequest) -> list[Shortcut]:
    """For the admin's home."""
    viewer, today = scope_of(request)
    if not runs.may_import(viewer, today):
        return []
    return [Shortcut(_("Import a list"), reverse("imports:index"), "upload", order=300)]


class ImportViewSet(PageViewSet):
    """The places of the import."""

    scope = Scope.OWN
    name = "imports"
    icon = "upload"
    menu_label = _("Imports")
    menu_name = "imports"
    menu_order = 305
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", index, name="index"),
            path("new/<slug:kind>/", upload, name="upload"),
            path("template/<slug:kind>.xlsx", template, name="template"),
            path("<uuid:uuid>/", run, name="run"),
            path("<uuid:uuid>/confirm/", confirm, name="confirm"),
            path("<uuid:uuid>/open/", opening, name="opening"),
            path("<uuid:uuid>/undo/", undo, name="undo"),
            path("<uuid:uuid>/corrected/", correct, name="correct"),
            path("<uuid:uuid>/errors.<slug:form>", errors, name="errors"),
            path("<uuid:uuid>/<slug:action>/", act, name="act"),
        ]

    def is_for(self, request: SignedInRequest) -> bool:
        return runs.may_import(*scope_of(request))
