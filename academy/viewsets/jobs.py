"""后台任务 in the admin: what runs, waits and stopped; and the one page on which every kind of long work is watched."""

import uuid as uuids
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.calendar.turns import TURNS, given_up, let_try_again, set_aside
from academy.errors.refusals import RuleViolation
from academy.jobs import putting_away
from academy.jobs.carrying import JOB_KINDS, again_refusal, try_again
from academy.jobs.daily import DAILY
from academy.jobs.made_files import file_of
from academy.jobs.telling import jobs_visible_to, label_of, page_of, sees_everything
from academy.models import FailedTurn, Job, Role
from academy.requests.form_token import key_of_form
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.base import Scope
from academy.viewsets.pages import PageViewSet, Place, admin_page
from academy.viewsets.panels import WaitingItem
from academy.viewsets.scoped import scope_of

PAGE = 50
READERS = (Role.HR, Role.ADMINISTRATOR)
STOPPED = Q(state=Job.State.FAILED, put_away_at=None)
GROUPS = (
    ("failed", pgettext_lazy("work", "Stopped"), STOPPED),
    ("running", _("Running"), Q(state=Job.State.RUNNING)),
    ("waiting", pgettext_lazy("work", "Waiting"), Q(state=Job.State.WAITING)),
    ("done", _("Done"), Q(state=Job.State.DONE)),
    ("put_away", pgettext_lazy("work", "Put away"), Q(state=Job.State.FAILED, put_away_at__isnull=False)),
)


def may_read(request: SignedInRequest) -> bool:
    return has_role(*scope_of(request), *READERS)


def job_page(
    request: SignedInRequest,
    job: Job | None,
    *,
    template: str = "academy/admin/job.html",
    title: str = "",
    icon: str = "tasks",
    above: Iterable[Place] = (),
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """How far a piece of work is: read anew in place while it goes on, and one may leave. Kinds say in ``template`` what came of it.

    Without a job nothing was asked for yet.
    """
    title = title or (str(label_of(job.kind)) if job else "")
    return admin_page(
        request,
        template,
        {
            "job": job,
            "told": job is not None and job.kind in JOB_KINDS and JOB_KINDS[job.kind].told(job),
            "label": label_of(job.kind) if job else "",
            "again": job is not None and again_refusal(job) is None,
            "put_away": job is not None and job.waits_for_somebody and may_read(request) and _may_decide(request, job),
            **(context or {}),
        },
        title=title,
        icon=icon,
        above=above or [(reverse("jobs:index"), _t("Background work"))],
    )


def asked_already(request: SignedInRequest) -> HttpResponse | None:
    """A form sent a second time leads to the page of the work that the first sending asked for."""
    key = key_of_form(request) if request.method == "POST" else None
    found = Job.objects.filter(once=key, asked_by=request.user).first() if key else None
    return redirect(page_of(found)) if found is not None else None


def send_file(job: Job | None, name: str, **headers: Any) -> FileResponse:
    """The finished file of a job. 404 when it is not there or no longer kept."""
    found = file_of(job) if job else None
    if found is None:
        raise Http404
    response = FileResponse(found.open("rb"), as_attachment=True, filename=name, **headers)
    response["Cache-Control"] = "no-store"
    return response


def index(request: SignedInRequest) -> HttpResponse:
    if not may_read(request):
        raise Http404
    viewer, now = request.user, timezone.now()
    found = jobs_visible_to(viewer, now)
    shown = next((group for group in GROUPS if group[0] == request.GET.get("state")), None)
    turns = set_aside() if sees_everything(viewer, now) else FailedTurn.objects.none()
    counts = {code: found.filter(stands).count() for code, _label, stands in GROUPS}
    if shown is None:
        shown = next((group for group in GROUPS if counts[group[0]]), GROUPS[-1])
    if request.GET.get("state") == "turns":
        return _turns(request, turns, counts)
    rows = found.filter(shown[2]).select_related("asked_by")
    page = Paginator(rows, PAGE).get_page(request.GET.get("p"))
    for job in page.object_list:
        job.label = label_of(job.kind)
        job.of_what = _t(job.name) if job.kind == DAILY else job.name
    return _list(request, "index", counts, turns, shown=shown[0], page=page)


def _turns(request: SignedInRequest, turns: Any, counts: dict[str, int]) -> HttpResponse:
    """What was set aside row by row in the clock's passes; only the administrators of the bank see it."""
    page = Paginator(turns, PAGE).get_page(request.GET.get("p"))
    for turn in page.object_list:
        turns_of = TURNS.get(turn.name)
        turn.label = turns_of.label if turns_of else turn.name
        turn.what = turns_of.model._meta.verbose_name if turns_of else ""
    return _list(request, "turns", counts, turns, shown="turns", page=page)


@require_POST
def turns_again(request: SignedInRequest) -> HttpResponse:
    if not sees_everything(request.user, timezone.now()):
        raise Http404
    let_try_again(now=timezone.now())
    return redirect("jobs:index")


def _list(request: SignedInRequest, template: str, counts: dict[str, int], turns: Any, **context: Any) -> HttpResponse:
    tabs = [(code, label, counts[code]) for code, label, _stands in GROUPS if code != "put_away" or counts[code]]
    if count := turns.count():
        tabs.insert(1, ("turns", _("Set aside"), count))
    return admin_page(
        request,
        f"academy/admin/jobs/{template}.html",
        {**context, "tabs": tabs},
        title=_t("Background work"),
        icon="tasks",
        above=[(reverse("jobs:index"), _t("Background work"))],
        leaf="",
    )


def _visible(request: SignedInRequest, uuid: uuids.UUID) -> Job:
    found = jobs_visible_to(request.user, timezone.now()).select_related("asked_by")
    return get_object_or_404(found, uuid=uuid)


def job(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """One piece of work; its asker is led to the page where its result is."""
    shown_job = _visible(request, uuid)
    own = (
        page_of(shown_job) if shown_job.asked_by_id == request.user.pk and shown_job.kind in JOB_KINDS else request.path
    )
    return job_page(request, shown_job) if own == request.path else redirect(own)


@require_POST
def again(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """Tries again what stopped: for who asked, and for the administrators of the bank."""
    shown_job = _own(request, uuid)
    try:
        try_again(job=shown_job, now=timezone.now())
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
    return redirect("jobs:job", uuid=shown_job.uuid)


@require_POST
def put_away(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """What stopped is no longer counted on anybody's home; it stays among what was put away."""
    try:
        putting_away.put_away(job=_own(request, uuid), now=timezone.now())
    except RuleViolation as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _t("It is put away."))
    return redirect("jobs:index" if may_read(request) else "wagtailadmin_home")


def _may_decide(request: SignedInRequest, job: Job) -> bool:
    """Who asked, and the administrators of the bank."""
    return job.asked_by_id == request.user.pk or sees_everything(request.user, timezone.now())


def _own(request: SignedInRequest, uuid: uuids.UUID) -> Job:
    shown_job = _visible(request, uuid)
    if not _may_decide(request, shown_job):
        raise Http404
    return shown_job


def stopped_jobs(request: SignedInRequest) -> list[WaitingItem]:
    """For the administrators' home: what was given up and waits for a person."""
    if not may_read(request):
        return []
    return [
        WaitingItem(
            count=jobs_visible_to(request.user, timezone.now()).filter(STOPPED).count(),
            label=ngettext_lazy("background job stopped", "background jobs stopped", "count"),
            url=reverse("jobs:index") + "?state=failed",
            order=96,
        )
    ]


def rows_set_aside(request: SignedInRequest) -> list[WaitingItem]:
    """For the administrators' home: rows that raised in the clock's passes, given up or waiting for their next turn."""
    if not sees_everything(request.user, timezone.now()):
        return []
    return [
        WaitingItem(
            count=set_aside().count(),
            label=_("rows that failed in the clock's passes are set aside"),
            url=reverse("jobs:index") + "?state=turns",
            order=97,
            urgent=given_up().exists(),
        )
    ]


class JobViewSet(PageViewSet):
    """The places of background work."""

    scope = Scope.PEOPLE
    name = "jobs"
    icon = "tasks"
    menu_label = _("Background work")
    menu_name = "jobs"
    menu_order = 387

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", index, name="index"),
            path("turns/again/", turns_again, name="turns_again"),
            path("<uuid:uuid>/", job, name="job"),
            path("<uuid:uuid>/again/", again, name="again"),
            path("<uuid:uuid>/put-away/", put_away, name="put_away"),
        ]

    def is_for(self, request: SignedInRequest) -> bool:
        return may_read(request)
