"""The admin's home: what waits for this person, collected from every floor."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.ui.components import Component


@dataclass(frozen=True)
class WaitingItem:
    """One thing that waits: how many, in words, and where to act. Given by the hook ``academy_waiting_items``."""

    count: int
    label: Any
    url: str
    order: int = 500
    urgent: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A way to begin something. Given by the hook ``academy_shortcuts``, to those who may."""

    label: Any
    url: str
    icon: str
    order: int = 500


class WaitingPanel(Component):
    """The first thing trainers, reviewers and HR see after signing in."""

    name = "waiting"
    template_name = "academy/admin/waiting.html"
    order = 10

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        items = [item for function in hooks.get_hooks("academy_waiting_items") for item in function(request)]
        items.sort(key=lambda item: item.order)
        shortcuts = [one for function in hooks.get_hooks("academy_shortcuts") for one in function(request)]
        return {
            "shortcuts": sorted(shortcuts, key=lambda one: one.order),
            "person": request.user,
            "waiting": [item for item in items if item.count],
            "quiet": [item for item in items if not item.count],
            "title": _("What waits for you"),
        }
