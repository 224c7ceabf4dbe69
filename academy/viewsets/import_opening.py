"""Whose imports a person sees, and the opening of a load that came quietly."""

import uuid as uuids
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext, ngettext_lazy
from wagtail.admin import messages

from academy.calendar.clock import local_day
from academy.importing import runs
from academy.importing.opening import ask_for_count, count_of, open_load, quiet_people
from academy.models import ImportRun, User
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.jobs import job_page
from academy.viewsets.panels import WaitingItem
from academy.viewsets.scoped import scope_of


def importer(request: SignedInRequest) -> tuple[Any, date]:
    viewer, today = scope_of(request)
    if not runs.may_import(viewer, today):
        raise Http404
    return viewer, today


def visible_runs(request: SignedInRequest) -> Any:
    """One's own; whoever may import for the whole bank sees everybody's."""
    viewer, today = importer(request)
    quiet = User.objects.filter(quiet_load=OuterRef("pk"))
    import_runs = ImportRun.objects.select_related("started_by", "job").annotate(unopened=Exists(quiet))
    return import_runs if runs.import_branches_of(viewer, today) is None else import_runs.filter(started_by=viewer)


def unopened_runs(request: SignedInRequest) -> Any:
    return visible_runs(request).filter(quiet=True, unopened=True, state=ImportRun.State.DONE)


def opening(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """Whom a quiet load keeps from being told, how many notices opening it sends, and the opening."""
    run = get_object_or_404(visible_runs(request), uuid=uuid)
    now, people = timezone.now(), quiet_people(run).count()
    if request.method == "POST" and request.POST.get("act") == "open":
        job = count_of(run, local_day(now))
        if job is None or job.is_going:
            messages.error(request, _t("Count the notices first."))
        elif opened := open_load(run=run, now=now, actor=request.user):
            messages.success(
                request,
                ngettext(
                    "%(count)s person is notified from now on.", "%(count)s people are notified from now on.", opened
                )
                % {"count": opened},
            )
        return redirect("imports:opening", uuid=run.uuid)
    if request.method == "POST":
        ask_for_count(run=run, asked_by=request.user, now=now)
        return redirect("imports:opening", uuid=run.uuid)
    return job_page(
        request,
        count_of(run, local_day(now)),
        template="academy/admin/imports/opening.html",
        title=_t("Start notifying these people"),
        icon="upload",
        above=[(reverse("imports:index"), _t("Imports")), (reverse("imports:run", args=[run.uuid]), run.file_name)],
        context={"run": run, "people": people},
    )


def quiet_loads(request: SignedInRequest) -> list[WaitingItem]:
    """For HR's home: loads that nobody has opened yet."""
    viewer, today = scope_of(request)
    if not runs.may_import(viewer, today):
        return []
    address = reverse("imports:index") + "?state=unopened"
    return [
        WaitingItem(
            count=unopened_runs(request).count(),
            label=ngettext_lazy(
                "quiet import has not been opened yet", "quiet imports have not been opened yet", "count"
            ),
            url=address,
            order=60,
        )
    ]
