"""The shell's own pages: home, notices, preferences, the person's own record, health."""

import hashlib
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import translate_url
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail import views as wagtail_views
from wagtail.models import Page

from academy.calendar.clock import local_day
from academy.errors.outage import RETRY_SECONDS
from academy.forms import PreferencesForm
from academy.models import PersonExport, Posting, User
from academy.notices.delivery import open_channels
from academy.notices.inbox import mark_read, read_notices
from academy.operations.health import examine
from academy.person_record.exports import may_download, request_record
from academy.requests.kept.answers import asks_of_versions, kept_for_all, put_together_for
from academy.requests.looks import note_look
from academy.requests.signed_in import SignedInRequest, is_signed_in
from academy.requests.together import asked_together
from academy.viewsets.inbox import asks_of_shell, shown_notices
from academy.viewsets.jobs import send_file
from academy.viewsets.panels import asks_of_home, duties_today, home_panels, todo_items, top_panels, waiting_items

# So many stand on the home page; the page of its own lists them all.
TODO_ON_HOME = 4


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Visitors: what this is. Learners: panels that the upper floors fill by ``academy_home_panels``."""
    if not is_signed_in(request):
        return render(request, "academy/home_visitor.html")
    shell = [asks_of_versions(request.user.pk), *asks_of_shell(request)]
    with asked_together(*shell), put_together_for(request), asked_together(*asks_of_home(request)):
        return _home_of(request)


def _home_of(request: SignedInRequest) -> HttpResponse:
    panels, now, items = home_panels(request), timezone.localtime(), todo_items(request)
    return render(
        request,
        "academy/home.html",
        {
            "hour": now.hour,
            "lead": next((panel.lead for panel in panels if panel.lead), ""),
            "first_panels": [panel.part.shown_to(request) for panel in panels if panel.column == "first"],
            "main_panels": [panel.part.shown_to(request) for panel in panels if panel.column == "main"],
            "side_panels": [panel.part.shown_to(request) for panel in panels if panel.column == "side"],
            "top_panels": top_panels(request),
            "waiting": [item for item in waiting_items(request) if item.count],
            "running": [item for item in items if item.running],
            "todo": [item for item in items if not item.running][:TODO_ON_HOME],
            "todo_count": len(items),
            "today": local_day(now),
        },
    )


# The label of the class of a page, and its key.
type Route = tuple[str, int]


def serve_page(request: HttpRequest, path: str) -> HttpResponse:
    """As Wagtail's own. A page whose class answers by its key alone, and that everybody may open, is known by its address
    until somebody publishes, moves or restricts a page; Wagtail's hooks of serving are asked for all others."""
    if request.method in ("GET", "HEAD") and request.user.is_authenticated:
        name = hashlib.sha256(f"{request.get_host()} {path}".encode()).hexdigest()
        # What leads nowhere is not kept: anybody can invent such addresses without end.
        route = kept_for_all(request, f"route-{name}", lambda: _route(request, path), worth_keeping=bool)
        if route is not None:
            model: Any = apps.get_model(route[0])
            return model.serve_by_key(request, route[1])
    return wagtail_views.serve(request, path)


def _route(request: HttpRequest, path: str) -> Route | None:
    found = Page.route_for_request(request, path)
    if found is None:
        return None
    page, arguments, keywords = found
    if arguments or keywords or not hasattr(page, "serve_by_key") or page.get_view_restrictions().exists():
        return None
    return page._meta.label, page.pk


@login_required
@never_cache
def todo(request: SignedInRequest) -> HttpResponse:
    """Everything that is open, with the next due day first."""
    return render(request, "academy/todo.html", {"items": todo_items(request), "today": local_day(timezone.now())})


@login_required
@never_cache
def mine(request: SignedInRequest) -> HttpResponse:
    """What is the person's own: who they are here, and the way to everything that is about them."""
    today = local_day(timezone.now())
    postings = Posting.objects.current().effective(today).filter(person=request.user).order_by("-primary")
    return render(request, "academy/mine.html", {"postings": postings.select_related("position", "branch", "manager")})


@login_required
@never_cache
def notices(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        mark_read(person=request.user, now=timezone.now())
        return redirect("notices")
    page = Paginator(shown_notices(request.user, duties_today(request)), 20).get_page(request.GET.get("page"))
    return render(
        request,
        "academy/notices.html",
        {
            "page": page,
            "notices": read_notices(page.object_list, translation.get_language()),
            "goes_out": bool(open_channels()),
        },
    )


@login_required
@never_cache
def my_record(request: SignedInRequest) -> HttpResponse:
    """Everything that is kept about the person, as a file of their own."""
    if request.method == "POST":
        request_record(person=request.user, requested_by=request.user, now=timezone.now())
        return redirect("my_record")
    mine = PersonExport.objects.filter(person=request.user, requested_by=request.user)
    newest = mine.select_related("job").first()
    now = timezone.now()
    return render(
        request,
        "academy/my_record.html",
        {
            "export": newest,
            "may_download": newest is not None and may_download(export=newest, viewer=request.user, now=now),
            "days": settings.RECORD_EXPORT_DAYS,
        },
    )


@login_required
@never_cache
def record_file(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """A finished file with a person's record, for who asked for it and still may see it; each download is known."""
    export = get_object_or_404(
        PersonExport.objects.select_related("person", "job"), uuid=uuid, requested_by=request.user
    )
    now = timezone.now()
    if not may_download(export=export, viewer=request.user, now=now):
        raise Http404
    name = f"record-{export.person.staff_number}-{local_day(export.requested_at)}.zip"
    response = send_file(export.job, name, content_type="application/zip")
    note_look(request, kind="record", about=f"academy.user:{export.person_id}", outcome="downloaded", now=now)
    return response


@login_required
@require_POST
def open_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Marks one of the person's own notices as read and leads to what it is about."""
    notice = get_object_or_404(request.user.notices, pk=pk)
    mark_read(person=request.user, now=timezone.now(), notices=[notice.pk])
    return redirect(notice.path or "notices")


@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(form.instance.language):
            messages.success(request, _("Your preferences are saved."))
        response = redirect("profile")
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, form.instance.language or settings.LANGUAGE_CODE)
        return response
    return render(request, "academy/profile.html", {"form": form})


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keeps the language for the person and in a cookie, and leads to the same page in it."""
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES):
        raise Http404
    back = _way_back(request)
    if request.user.is_authenticated:
        request.user.language = code
        request.user.save(update_fields=["language"])
    response = redirect(translate_url(back, code))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.SECURE_COOKIES
    )
    return response


@login_required
@require_POST
def set_appearance(request: SignedInRequest) -> HttpResponse:
    """Light, dark or as the device: the same choice as in the preferences, from the head of each page."""
    appearance = request.POST.get("appearance", "")
    if appearance not in User.Appearance.values:
        raise Http404
    User.objects.filter(pk=request.user.pk).update(appearance=appearance)
    return redirect(_way_back(request))


def _way_back(request: HttpRequest) -> str:
    """The page from which something was set, where it is one of ours."""
    back = request.POST.get("next", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "/"


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Everything that the academy needs is there: database, migrations, worker, clock, room on the disk."""
    health = examine(now=timezone.now())
    response = JsonResponse(health.as_json(), status=200 if health.ready else 503)
    if not health.ready:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)
