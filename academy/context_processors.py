"""What the shell of every page needs."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from wagtail import hooks

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.device import keeps_on_devices_for
from academy.requests.form_token import form_token
from academy.requests.kept.unchanging import Unchanging
from academy.requests.signed_in import Anybody, is_signed_in
from academy.staff.access import may_enter_admin
from academy.viewsets.inbox import unread_shown
from academy.viewsets.site_menu import menu_items, phone_items

APPEARANCES = Unchanging("appearances", dict(User.Appearance.choices))


def shell(request: HttpRequest) -> dict[str, Any]:
    """Name, menu, unread notices and preferences. Lazy, so that a page without the shell pays nothing."""
    # A page of an error may come before anybody is known.
    somebody: Anybody = getattr(request, "user", None) or AnonymousUser()
    person = somebody if somebody.is_authenticated else None
    return {
        "csrf_token": SimpleLazyObject(lambda: form_token(request)),
        "site_name": _("Client Manager Academy"),
        "demo": settings.DEMO,
        # An address of the public surface, written plainly: the ground floor does not name upper floors' views.
        "verify_url": f"{get_script_prefix()}verify/",
        "menu_items": SimpleLazyObject(lambda: menu_items(request, person) if person is not None else []),
        "phone_items": SimpleLazyObject(lambda: phone_items(request, somebody)),
        "unread_notices": SimpleLazyObject(
            lambda: unread_shown(request) if person is not None and is_signed_in(request) else 0
        ),
        "can_enter_admin": SimpleLazyObject(
            lambda: person is not None and may_enter_admin(person, local_day(timezone.now()))
        ),
        "keeps_on_devices": SimpleLazyObject(lambda: keeps_on_devices_for(request)),
        "offers_sign_in": getattr(request.resolver_match, "url_name", "") != "account_login",
        "page_scripts": [script for function in hooks.get_hooks("academy_page_scripts") for script in function()]
        if person
        else [],
        "text_size": person.text_size if person else "normal",
        "appearance": person.appearance if person else "system",
        "appearances": APPEARANCES,
    }
