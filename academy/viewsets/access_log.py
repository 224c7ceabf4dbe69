"""Who looked at what, for those who read everything; nothing here can be changed."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.journal.words import OUTCOMES, names_of
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope
from academy.viewsets.journal_reading import looks_asked, reads_everything
from academy.viewsets.pages import PageViewSet
from academy.viewsets.records import EntryFilter, about_in_words, journal_page, older_page
from academy.viewsets.scoped import scope_of

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
    names = names_of(row.about for row in rows)
    return journal_page(
        request,
        "academy/admin/access_log.html",
        _t("Access log"),
        [(reverse("access_log:index"), _t("Access log"))],
        form=form,
        older=older,
        rows=[
            (row, LOOKS.get(row.kind, row.kind), about_in_words(row.about, names), _outcome(row.outcome))
            for row in rows
        ],
    )


class AccessLogViewSet(PageViewSet):
    """Looking that must be known."""

    scope = Scope.PEOPLE
    name = "access_log"
    icon = "view"
    menu_label = _("Access log")
    menu_order = 391

    def get_urlpatterns(self) -> list[Any]:
        return [path("", looks, name="index")]

    def is_for(self, request: SignedInRequest) -> bool:
        return reads_everything(*scope_of(request))
