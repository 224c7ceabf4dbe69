"""What the shell of every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from wagtail import hooks

from academy.access import may_enter_admin
from academy.clock import local_day
from academy.notices import unread


def shell(request: HttpRequest) -> dict[str, Any]:
    """Name, menu, unread notices and preferences. Lazy, so that a page without the shell pays nothing."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "site_name": _("Client Manager Academy"),
        "demo": settings.DEMO,
        # An address of the public surface, written plainly: the ground floor does not name upper floors' views.
        "verify_url": f"{get_script_prefix()}verify/",
        "menu_items": SimpleLazyObject(lambda: menu_items(request)),
        "unread_notices": SimpleLazyObject(lambda: unread(user).count() if signed_in else 0),
        "can_enter_admin": SimpleLazyObject(lambda: signed_in and may_enter_admin(user, local_day(timezone.now()))),
        "text_size": user.text_size if signed_in else "normal",
    }


def menu_items(request: HttpRequest) -> list[dict[str, Any]]:
    """The site's menu: each floor adds its places by the hook ``academy_menu_items``."""
    items = [item for function in hooks.get_hooks("academy_menu_items") for item in function(request)]
    for item in items:
        item["active"] = request.path == item["url"] or (item["url"] != "/" and request.path.startswith(item["url"]))
    return sorted(items, key=lambda item: item["order"])
