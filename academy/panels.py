"""Places that every floor fills: what a learner has to do, and what waits for a person in the admin."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.ui.components import Component


@dataclass(frozen=True)
class TodoItem:
    """One step a learner can take. Given by the hook ``academy_todo_items``; dated ones stand first."""

    title: str
    text: str
    url: str
    tag: str = ""
    due_on: date | None = None
    order: int = 500


def todo_items(request: HttpRequest) -> list[TodoItem]:
    """Everything that is open for the person, the next due day first; read once a request."""
    if not hasattr(request, "_todo_items"):
        found = [item for function in hooks.get_hooks("academy_todo_items") for item in function(request)]
        request._todo_items = sorted(found, key=lambda one: (one.due_on is None, one.due_on or date.max, one.order))  # type: ignore[attr-defined]
    return request._todo_items  # type: ignore[attr-defined]


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
