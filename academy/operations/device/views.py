"""The addresses that a browser asks for by itself; none of them says anything about a person."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import get_script_prefix
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from academy.operations.device.manifest import manifest
from academy.operations.device.worker import worker_script
from academy.requests.device import keeps_on_devices

# So long a browser may go on with the worker that it has: a switch of head office is in force after that at the latest.
WORKER_SECONDS = 300


@require_safe
@cache_control(max_age=WORKER_SECONDS)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Switched off it is a worker that erases everything and takes its leave."""
    response = HttpResponse(worker_script(keeps=keeps_on_devices()), content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = get_script_prefix()
    return response


@require_safe
@cache_control(max_age=3600)
def web_manifest(request: HttpRequest, language: str) -> HttpResponse:
    with translation.override(_known(language)):
        return JsonResponse(
            manifest(), content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
        )


@require_safe
def without_line(request: HttpRequest, language: str) -> HttpResponse:
    """What stands where a page cannot be loaded and none is kept. It knows nobody: the worker lays it down beforehand."""
    with translation.override(_known(language)):
        return render(request, "academy/without_line.html")


def _known(language: str) -> str:
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return language
