"""Taking a written list of staff back: who is concerned and how is named first, a worker does it, and what stays is listed."""

import uuid as uuids
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.importing.restoring import Restoring, plans_of
from academy.importing.undoing import UNDONE_FOR, begin_undo, undo_job, undo_refusal
from academy.models import ImportRun, Job
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.import_opening import visible_runs
from academy.viewsets.jobs import job_page

NAMED, PAGE = 50, 50


def undo(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """Before: whom it concerns, and the button. After: what came of it, with those for whom something stays."""
    run, now = get_object_or_404(visible_runs(request), uuid=uuid), timezone.now()
    job = undo_job(run)
    if request.method == "POST" and job is None:
        try:
            begin_undo(run=run, actor=request.user, now=now)
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
            return redirect("imports:run", uuid=run.uuid)
        return redirect("imports:undo", uuid=run.uuid)
    if job is None and (refusal := undo_refusal(run, actor=request.user, now=now)):
        messages.error(request, str(refusal))
        return redirect("imports:run", uuid=run.uuid)
    context: dict[str, Any] = {"run": run}
    if job is None:
        context |= _ahead(plans_of(run, actor=request.user, now=now))
        assert run.finished_at is not None
        context["until"] = run.finished_at + UNDONE_FOR
        context["positions"] = [name for name, _rows, _nearest in run.counts.get("new_names", ())]
    else:
        stays = run.written_people.exclude(stays=[]).select_related("person")
        context["page"] = Paginator(stays, PAGE).get_page(request.GET.get("p"))
    return job_page(
        request,
        job,
        template="academy/admin/imports/undo.html",
        title=_heading(job),
        icon="undo",
        above=[(reverse("imports:index"), _t("Imports")), (reverse("imports:run", args=[run.uuid]), run.file_name)],
        context=context,
    )


def _heading(job: Job | None) -> str:
    if job is None:
        return _t("Undo this import?")
    return _t("Import undone") if job.state == Job.State.DONE else _t("Undoing the import")


def _ahead(plans: list[Restoring]) -> dict[str, Any]:
    return {
        "closing": _some([plan for plan in plans if plan.closes]),
        "back": _some([plan for plan in plans if plan.does_something and not plan.closes]),
        "staying": _some([plan for plan in plans if plan.stays]),
    }


def _some(plans: list[Restoring]) -> dict[str, Any]:
    more = len(plans) - NAMED
    text = ngettext("%(count)s more person", "%(count)s more people", more) % {"count": more} if more > 0 else ""
    return {"count": len(plans), "plans": plans[:NAMED], "more": text}


def undo_context(request: SignedInRequest, run: ImportRun) -> dict[str, Any]:
    """For the page of the run: whether it can be taken back, until when, or what came of that."""
    now, job = timezone.now(), undo_job(run)
    can = job is None and undo_refusal(run, actor=request.user, now=now) is None
    assert run.finished_at is not None
    return {"undo": {"can": can, "until": run.finished_at + UNDONE_FOR, "job": job}}
