"""Everything about one person as a file, for HR: asked for on the person's page, made by a task."""

import uuid as uuids

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from academy.models import PersonExport
from academy.person_record.exports import EXPORTERS, may_download, request_record
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.jobs import job_page
from academy.viewsets.scoped import scope_of


@require_POST
def export_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """Starts the file. Who may not hand out everything about this person finds nothing here."""
    viewer, today = scope_of(request)
    person = get_object_or_404(people_visible_to(viewer, today, EXPORTERS), pk=pk)
    export = request_record(person=person, requested_by=viewer, now=timezone.now())
    return redirect("wagtailusers_users:record_export", uuid=export.uuid)


def record_export(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """The progress bar; leaving the page does not stop the work."""
    viewer, today = scope_of(request)
    export = get_object_or_404(
        PersonExport.objects.select_related("person", "job"),
        uuid=uuid,
        requested_by=viewer,
        person__in=people_visible_to(viewer, today, EXPORTERS).values("pk"),
    )
    assert export.job is not None
    return job_page(
        request,
        export.job,
        template="academy/admin/person_export.html",
        title=_t("Everything about one person"),
        icon="download",
        above=[
            (reverse("wagtailusers_users:index"), _t("People")),
            (reverse("wagtailusers_users:inspect", args=[export.person_id]), str(export.person)),
        ],
        context={
            "export": export,
            "may_download": may_download(export=export, viewer=viewer, now=timezone.now()),
        },
    )
