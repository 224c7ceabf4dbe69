"""What the web says while the database is away: 503, when to ask again, and in a form that the asker can read."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from academy.errors.outage import RETRY_SECONDS, database_is_away

GetResponse = Callable[[HttpRequest], HttpResponse]
# Set in the request's environment when a fault was that the database is away.
AWAY = "academy.database_away"


def database_outage(get_response: GetResponse) -> GetResponse:
    """Answers 503 instead of 500, wherever in a request the fault was met: in a view, a template or a middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        return answer(request) if response.status_code == 500 and AWAY in request.META else response

    return middleware


def answer(request: HttpRequest) -> HttpResponse:
    """Asks the database nothing. Scripts read JSON; a page loads itself again, a form is never sent again by itself."""
    if _is_asked_by_a_script(request):
        response: HttpResponse = JsonResponse({"error": "database", "retry_after": RETRY_SECONDS}, status=503)
    else:
        again = request.method in ("GET", "HEAD")
        response = HttpResponse(render_to_string("503.html", {"again": again, "seconds": RETRY_SECONDS}), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _is_asked_by_a_script(request: HttpRequest) -> bool:
    kinds = request.headers.get("Accept", "") + request.headers.get("Content-Type", "")
    return "application/json" in kinds or "X-Page" in request.headers


def _remember(sender: Any, request: HttpRequest | None = None, **_more: Any) -> None:
    if request is not None and database_is_away(sys.exc_info()[1]):
        request.META[AWAY] = True


got_request_exception.connect(_remember, dispatch_uid="academy.outage")


class OneLine(logging.Filter):
    """An outage is one line a request in the log, not a hundred."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and database_is_away(record.exc_info[1]):
            record.msg = f"{record.getMessage()} (the database is away: {str(record.exc_info[1]).strip()})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True
