"""What every request passes: script policy, language, the first password, the second factor, refusals in words."""

import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import get_user
from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.defaults import page_not_found

from academy.addresses import rule_of
from academy.calendar.clock import local_day
from academy.doors import by_name
from academy.errors.refusals import RuleViolation
from academy.requests.asked import LARGEST, WrongFilter, whole_number
from academy.requests.device import say_whose
from academy.requests.polling import reload_where_the_part_is_gone
from academy.staff.access import sees_others

UUID_TEXT = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
# What a browser asks for by itself; a redirect would be no answer to it.
FOR_THE_DEVICE = ("/service-worker.js", "/manifest/", "/without-line/")
logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]


def _hooked(middleware: GetResponse, **hooks: Callable[..., HttpResponse | None]) -> GetResponse:
    """Django looks for ``process_view`` and ``process_exception`` on the function itself."""
    vars(middleware).update(hooks)
    return middleware


class AcademyCSPMiddleware(ContentSecurityPolicyMiddleware):
    """Strict nonces everywhere; scripts are relaxed under /cms/ only, where Wagtail writes inline ones."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.path_info.startswith("/cms/") and not hasattr(response, "_csp_config"):
            vars(response)["_csp_config"] = settings.ADMIN_CSP
        return super().process_response(request, response)


def language(get_response: GetResponse) -> GetResponse:
    """A prefixed page speaks its own language; all else follows the person, the cookie, the browser.

    Django's own middleware would answer an unknown address by a redirect to its prefixed form; here it is a 404.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = translation.get_language_from_path(request.path_info)
        if not chosen and request.user.is_authenticated:
            # The person in place of what stands for them: each look through that costs as much as ten without it.
            person: Any = get_user(request)
            request.user, chosen = person, person.language
        chosen = chosen or translation.get_language_from_request(request)
        translation.activate(chosen)
        request.LANGUAGE_CODE = translation.get_language()
        response = get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response

    return middleware


def whose_page(get_response: GetResponse) -> GetResponse:
    """Each page says whose it is, so that the worker in the browser shows nobody the copies of another."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        say_whose(request, response)
        return response

    return middleware


def unfinished_sign_in(get_response: GetResponse) -> GetResponse:
    """A first password must be changed, and staff roles may need a second factor, before anything else opens."""
    always_open = ("/accounts/logout/", "/healthz", "/readyz", "/language/", settings.STATIC_URL, *FOR_THE_DEVICE)

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and not request.path_info.startswith(always_open):
            if user.must_change_password:
                wanted = reverse("account_change_password")
                if request.path != wanted:
                    return redirect(wanted)
            elif settings.STAFF_MFA_REQUIRED and not request.path_info.startswith("/accounts/"):
                today = local_day(timezone.now())
                if not _has_second_factor(user) and sees_others(user, today):
                    messages.info(request, translation.gettext("Your role needs a second factor. Set it up to go on."))
                    return redirect(reverse("mfa_activate_totp") + "?" + urlencode({"next": request.path}))
        return get_response(request)

    return middleware


def by_rule(get_response: GetResponse) -> GetResponse:
    """The outer ring of every address, from ``academy.addresses``: what has no rule, and what is not for this person, is
    a 404; a visitor is asked to sign in; a GET of what is only posted to leads to the page it belongs to."""

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        assert match is not None
        rule = rule_of(match)
        if rule is None:
            raise Http404
        if rule.signed_in and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not rule.asks(request.user, local_day(timezone.now())):
            raise Http404
        # A window of the admin is asked for by its script; somebody who typed or was led here wants a page.
        by_script = request.headers.get("x-requested-with") == "XMLHttpRequest"
        if rule.page is not None and request.method in ("GET", "HEAD") and not by_script:
            return redirect(rule.page_of(match))
        return None

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    return _hooked(middleware, process_view=process_view)


def plain_not_found(get_response: GetResponse) -> GetResponse:
    """The demo runs with DEBUG, where Django would list every address to whoever mistypes one.

    That page of Django's is an ``HttpResponseNotFound``; a page of ours that says "not found" in its own words is not.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotFound) and settings.DEBUG and hasattr(request, "user"):
            response.content = page_not_found(request, Http404()).content
        return response

    return middleware


def polled(get_response: GetResponse) -> GetResponse:
    """A page that reads a part of itself anew is loaded whole where that part is no more."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        reload_where_the_part_is_gone(request, response)
        return response

    return middleware


def absurd_values(get_response: GetResponse) -> GetResponse:
    """No address holds what no key, calendar or database can: such a one is not found, or answered in words.

    Screens parse by form fields; this is the net below them, so that none of it is an error of the server.
    """

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        for name, value in kwargs.items():
            if isinstance(value, int) and value > LARGEST:
                raise Http404
            # Wagtail's own addresses take any text for a key.
            key = name == "pk" or name.endswith("_id")
            if key and isinstance(value, str) and whole_number(value) is None and not UUID_TEXT.fullmatch(value):
                raise Http404

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, WrongFilter):
            return by_name("academy.viewsets.pages.wrong_filter_page")(request, exception.form)
        if isinstance(exception, OverflowError | DataError | UnicodeEncodeError | MultiValueDictKeyError):
            logger.warning("absurd value at %s: %s", request.path, exception)
            return unreadable(request)
        return None

    def unreadable(request: HttpRequest) -> HttpResponse:
        return render(request, "400.html", status=400)

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return unreadable(request)
        # The media chooser asks the database with this as it came.
        collection = (
            request.GET.get("collection_id") if "collection_id=" in request.META.get("QUERY_STRING", "") else ""
        )
        if collection and whole_number(collection) is None:
            return unreadable(request)
        return get_response(request)

    return _hooked(middleware, process_view=process_view, process_exception=process_exception)


def rule_violations(get_response: GetResponse) -> GetResponse:
    """The one place where a refusal of a rule becomes a message; the person is led back to where they were."""

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RuleViolation):
            return None
        messages.error(request, str(exception.message))
        back = request.META.get("HTTP_REFERER", "")
        if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) or request.method == "GET":
            back = reverse("home")
        return redirect(back)

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    return _hooked(middleware, process_exception=process_exception)


def _has_second_factor(user) -> bool:
    return is_mfa_enabled(user)
