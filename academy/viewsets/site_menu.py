"""The site's menu and the bar on a phone, put together once a process for each language, set of roles and active place.

Each floor adds its places by the hooks ``academy_menu_items`` and ``academy_phone_items``. A hook is told which roles the
person holds today and nothing else, so that a menu can be kept: what it gives may follow from them and the language only.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from wagtail import hooks

from academy.calendar.clock import local_day
from academy.requests.kept.unchanging import UnchangingList
from academy.requests.reversing import address_of
from academy.requests.signed_in import Anybody
from academy.staff.access import roles_held

# Of each kind so many are kept: few sets of roles are held by anybody.
MOST = 1000


def menu_items(request: HttpRequest, person: Anybody) -> UnchangingList:
    """The site's menu, each place with ``url``, ``label``, ``order`` and whether it is ``active``."""
    return _menu(request, person, on_phone=False)


def phone_items(request: HttpRequest, person: Anybody) -> UnchangingList:
    """The places of the bar on a phone, in the same form.

    ``icon`` names a drawing of ``academy/parts/icon.html``; ``also`` are beginnings of addresses that belong to it, too.
    An item with ``belongs_to`` instead of a label is no place of its own: its address lies under the place of that url.
    """
    return _menu(request, person, on_phone=True)


def _menu(request: HttpRequest, person: Anybody, *, on_phone: bool) -> UnchangingList:
    roles = roles_held(person, local_day(timezone.now()))
    where = (get_language(), get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)
    return _marked(on_phone, roles, _active(_places(on_phone, roles, where), request.path), where)


@lru_cache(MOST)
def _places(on_phone: bool, roles: frozenset[str], _where: tuple[str | None, ...]) -> Sequence[dict[str, Any]]:
    """In their order, each with all beginnings of addresses that belong to it."""
    functions = hooks.get_hooks("academy_phone_items") if on_phone else hooks.get_hooks("academy_menu_items")
    items = _own_on_the_phone() if on_phone else []
    items += [item for function in functions for item in function(roles)]
    places = sorted((item for item in items if "belongs_to" not in item), key=lambda item: item["order"])
    return [
        {
            **place,
            "label": str(place["label"]),
            "also": (
                place["url"],
                *place.get("also", ()),
                *(item["url"] for item in items if item.get("belongs_to") == place["url"]),
            ),
        }
        for place in places
    ]


def _own_on_the_phone() -> list[dict[str, Any]]:
    return [
        {"url": address_of("home"), "label": pgettext("menu", "Learning"), "icon": "home", "order": 10},
        {"url": address_of("todo"), "label": _("To do"), "icon": "todo", "order": 20},
        {"url": address_of("mine"), "label": pgettext("menu", "Mine"), "icon": "person", "order": 40},
        {"url": address_of("account_change_password"), "belongs_to": address_of("mine")},
    ]


def _active(places: Sequence[dict[str, Any]], path: str) -> str:
    """The address of the place that leads furthest to this page; '' where none does."""
    home = address_of("home")
    fitting = [
        (len(beginning), place["url"])
        for place in places
        for beginning in place["also"]
        if path == beginning or (beginning != home and path.startswith(beginning))
    ]
    return max(fitting)[1] if fitting else ""


@lru_cache(MOST)
def _marked(on_phone: bool, roles: frozenset[str], active: str, where: tuple[str | None, ...]) -> UnchangingList:
    places = [{**place, "active": place["url"] == active} for place in _places(on_phone, roles, where)]
    return UnchangingList((on_phone, roles, active, where), places)
