"""培训台账 in the admin: the listing, its exports, and the file."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from academy.requests.form_token import key_of_form
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import XLSX
from academy.staff.access import has_role
from academy.viewsets.base import Scope
from academy.viewsets.jobs import job_page, send_file
from academy.viewsets.listing import PAGE
from academy.viewsets.pages import PageViewSet, admin_page, viewer_with
from academy.viewsets.scoped import scope_of
from courses.models import TrainingExport
from courses.register.exporting import request_export
from courses.viewsets.register_listing import READERS, TrainingListing


def _reader(request: SignedInRequest) -> tuple[Any, date]:
    return viewer_with(request, *READERS)


def export(request: SignedInRequest) -> HttpResponse:
    """Starts a file of what the filter shows."""
    if request.method != "POST":
        return redirect("training_register:index")
    listing = TrainingListing()
    listing.setup(request)
    started = request_export(
        question=listing.question, requested_by=listing.viewer, now=listing.now, once=key_of_form(request)
    )
    return redirect("training_register:progress", uuid=started.uuid)


def exports(request: SignedInRequest) -> HttpResponse:
    """The viewer's own exports, the newest first."""
    viewer, _today = _reader(request)
    own = TrainingExport.objects.filter(requested_by=viewer).select_related("job")[:PAGE]
    return admin_page(
        request,
        "academy/admin/exports.html",
        {"exports": own, "place": "training_register:progress"},
        title=_t("My last exports"),
        icon="list-ul",
        above=[(reverse("training_register:index"), _t("Training register"))],
    )


def _own_export(request: SignedInRequest, uuid: UUID) -> TrainingExport:
    viewer, _today = _reader(request)
    return get_object_or_404(
        TrainingExport.objects.select_related("job"), uuid=uuid, requested_by=viewer, job__isnull=False
    )


def progress(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The progress bar; leaving the page does not stop the export."""
    one = _own_export(request, uuid)
    return job_page(
        request,
        one.begun,
        template="courses/admin/training_export.html",
        title=_t("Export"),
        icon="list-ul",
        above=[(reverse("training_register:index"), _t("Training register"))],
        context={"export": one},
    )


def download(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    one = _own_export(request, uuid)
    return send_file(one.job, f"training-register-{one.question['until']}.xlsx", content_type=XLSX)


class TrainingRegisterViewSet(PageViewSet):
    """The register's places."""

    scope = Scope.PEOPLE
    name = "training_register"
    icon = "list-ul"
    menu_label = _("Training register")
    menu_name = "training-register"
    menu_order = 120

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", TrainingListing.as_view(), name="index"),
            path("results/", TrainingListing.as_view(results_only=True), name="index_results"),
            path("export/", export, name="export"),
            path("exports/", exports, name="exports"),
            path("export/<uuid:uuid>/", progress, name="progress"),
            path("export/<uuid:uuid>/file/", download, name="download"),
        ]

    def is_for(self, request: SignedInRequest) -> bool:
        return has_role(*scope_of(request), *READERS)
