"""Who looked at what, for those who read everything; nothing here can be changed."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.journal import head_line, record, register_action
from academy.journal.words import OUTCOMES, names_of
from academy.models import AccessLog
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import Sheet, columns_of, head_sheet, workbook_answer
from academy.viewsets.base import Scope
from academy.viewsets.journal_reading import looks_asked, reads_everything
from academy.viewsets.pages import PageViewSet
from academy.viewsets.records import MOST_ROWS, EntryFilter, about_in_words, journal_page, older_page, query_of
from academy.viewsets.scoped import scope_of

EXPORT = register_action("academy.export_access_log", _("Access log exported"))
LOOKS = {
    "verification": _("Verification of a certificate"),
    "document": _("Certificate of another person opened"),
    "exam_question": _("Exam questions opened"),
    "person": _("Record of a person opened"),
    "record": _("Everything about one person downloaded"),
}


# What was open before the person, where the look says it by a word of the program.
PAGES = {
    "read": _("read"),
    "table": _("one table of the record"),
    "timeline": _("certification timeline"),
    "downloaded": _("downloaded"),
    "list": _("list of questions"),
    "reports": _("list of question reports"),
    "report": _("question report"),
    "edit": _("editing"),
    "copy": _("copying"),
    "preview": _("sample paper"),
    "preview_on_edit": _("preview"),
    "play": _("dialogue played"),
    "paper": _("paper of a person"),
    "marking": pgettext_lazy("duty", "marking"),
    "regrade": _("marking anew"),
    "revisions_view": _("earlier version"),
    "revisions_compare": _("versions compared"),
    "revisions_revert": _("going back to a version"),
    "workflow_preview": _("version under review"),
    "workflow_history": _("reviews"),
    "workflow_history_detail": _("reviews"),
    "history": _("history"),
    "history_results": _("history"),
    "revisions_unschedule": _("taking back a planned publication"),
    "usage": _("where it is used"),
    "delete": _("deleting"),
    "unpublish": _("taking offline"),
}


def _outcome(code: str) -> Any:
    return PAGES.get(code) or OUTCOMES.get(code, code)


def looks(request: SignedInRequest) -> HttpResponse:
    """Who looked at what, for those who read everything."""
    viewer, today = scope_of(request)
    if not reads_everything(viewer, today):
        raise Http404
    form = EntryFilter(request.GET, labels=LOOKS)
    asked = form.asked()
    rows, older = older_page(form, looks_asked(asked).select_related("person")) if asked is not None else ([], "")
    return journal_page(
        request,
        "academy/admin/access_log.html",
        _t("Access log"),
        [(reverse("access_log:index"), _t("Access log"))],
        form=form,
        older=older,
        query=query_of(request),
        rows=_said(rows),
    )


def _said(rows: Sequence[AccessLog]) -> list[tuple[AccessLog, Any, str, Any]]:
    """Each with what was looked at, of whom and how, in words."""
    names = names_of(row.about for row in rows)
    return [
        (row, LOOKS.get(row.kind, row.kind), about_in_words(row.about, names), _outcome(row.outcome)) for row in rows
    ]


COLUMNS = (
    _("At"),
    _("What was looked at"),
    pgettext_lazy("actor", "By"),
    _("Staff number"),
    _("Network address"),
    _("About"),
    _("Outcome"),
)


@require_POST
def export(request: SignedInRequest) -> HttpResponse:
    """The looks asked for as a workbook, as the page shows them, newest first."""
    viewer, today = scope_of(request)
    if not reads_everything(viewer, today):
        raise Http404
    form = EntryFilter(request.GET, labels=LOOKS)
    asked = form.asked()
    back = redirect(f"{reverse('access_log:index')}?{request.GET.urlencode()}")
    if asked is None:
        messages.error(request, _t("Something in the filter is wrong, so nothing was exported."))
        return back
    found = looks_asked(asked)
    count, now = found.count(), timezone.now()
    if count > MOST_ROWS:
        most = _t("These are %(count)s entries; a workbook holds %(most)s. Narrow the days.")
        messages.error(request, most % {"count": count, "most": MOST_ROWS})
        return back
    facts = {name: str(value) for name in asked.__dataclass_fields__ if (value := getattr(asked, name))}
    header = [
        (pgettext("printed list", "Title"), _t("Access log")),
        (_t("Requested"), "; ".join(f"{name}={value}" for name, value in facts.items()) or _t("All")),
        (_t("Rows"), count),
    ]
    sheet = Sheet(_t("Access log"), columns_of(*map(str, COLUMNS)), _rows(found), header)
    with transaction.atomic():
        record(EXPORT, now=now, actor=viewer, about="access_log", after={**facts, "rows": count})
    return workbook_answer(f"access-log-{today.isoformat()}", sheet, head_sheet(head_line(now=now)))


def _rows(found: QuerySet[AccessLog]) -> Iterator[list[Any]]:
    looks = found.select_related("person").order_by("-pk").iterator(chunk_size=2000)
    while some := list(islice(looks, 2000)):
        for look, kind, about, outcome in _said(some):
            yield [
                look.at,
                str(kind),
                look.person.display_name if look.person else _t("A visitor"),
                look.person.staff_number if look.person else "",
                look.address,
                about,
                str(outcome),
            ]


class AccessLogViewSet(PageViewSet):
    """Looking that must be known."""

    scope = Scope.PEOPLE
    name = "access_log"
    icon = "view"
    menu_label = _("Access log")
    menu_order = 391

    def get_urlpatterns(self) -> list[Any]:
        return [path("", looks, name="index"), path("export/", export, name="export")]

    def is_for(self, request: SignedInRequest) -> bool:
        return reads_everything(*scope_of(request))
