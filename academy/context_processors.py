"""What the shell of every page needs."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail import hooks

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.device import keeps_on_devices_for
from academy.requests.form_token import form_token
from academy.requests.kept.unchanging import Unchanging
from academy.requests.reversing import address_of
from academy.requests.signed_in import Anybody, is_signed_in
from academy.staff.access import may_enter_admin
from academy.viewsets.inbox import unread_shown

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
        "menu_items": SimpleLazyObject(lambda: menu_items(request) if person is not None else []),
        "phone_items": SimpleLazyObject(lambda: phone_items(request)),
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


def menu_items(request: HttpRequest) -> list[dict[str, Any]]:
    """The site's menu: each floor adds its places by the hook ``academy_menu_items``."""
    items = [item for function in hooks.get_hooks("academy_menu_items") for item in function(request)]
    return _marked(items, request)


def phone_items(request: HttpRequest) -> list[dict[str, Any]]:
    """The places of the bar on a phone; each floor adds its own by the hook ``academy_phone_items``.

    ``icon`` names a drawing of ``academy/parts/icon.html``; ``also`` are beginnings of addresses that belong to it, too.
    An item with ``belongs_to`` instead of a label is no place of its own: its address lies under the place of that url.
    """
    items: list[dict[str, Any]] = [
        {"url": address_of("home"), "label": pgettext("menu", "Learning"), "icon": "home", "order": 10},
        {"url": address_of("todo"), "label": _("To do"), "icon": "todo", "order": 20},
        {"url": address_of("mine"), "label": pgettext("menu", "Mine"), "icon": "person", "order": 40},
        {"url": address_of("account_change_password"), "belongs_to": address_of("mine")},
    ]
    items += [item for function in hooks.get_hooks("academy_phone_items") for item in function(request)]
    places = [item for item in items if "belongs_to" not in item]
    for place in places:
        under = tuple(item["url"] for item in items if item.get("belongs_to") == place["url"])
        place["also"] = (*place.get("also", ()), *under)
    return _marked(places, request)


def _marked(items: list[dict[str, Any]], request: HttpRequest) -> list[dict[str, Any]]:
    """In their order; the one whose address leads furthest to this page is the active one."""
    home = address_of("home")
    fitting = [
        (len(beginning), one["url"])
        for one in items
        for beginning in (one["url"], *one.get("also", ()))
        if request.path == beginning or (beginning != home and request.path.startswith(beginning))
    ]
    for item in items:
        item["active"] = bool(fitting) and item["url"] == max(fitting)[1]
    return sorted(items, key=lambda item: item["order"])
