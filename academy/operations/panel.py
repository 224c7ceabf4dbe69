"""How the academy runs, on the administrator's first page: what must be seen to, in words, and the ages."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin.ui.components import Component

from academy.calendar.clock import local_day
from academy.models import Role, User
from academy.operations.beats import CLOCK, WORKER
from academy.operations.health import Health, examine
from academy.staff.access import has_role


class RunningPanel(Component):
    """Administrators only; nobody else can do anything about it."""

    name = "running"
    template_name = "academy/admin/running.html"
    order = 20

    def render_html(self, parent_context: dict[str, Any]) -> str:
        now = timezone.now()
        if not is_for(parent_context["request"].user, now):
            return ""
        return super().render_html(parent_context)

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        health = examine(now=timezone.now())
        return {"lines": lines_of(health), "ready": health.ready}


def is_for(person: User, now: Any) -> bool:
    return person.is_superuser or has_role(person, local_day(now), Role.ADMINISTRATOR)


def lines_of(health: Health) -> list[dict[str, Any]]:
    """A line each for worker, clock, queue and disk: name, how it stands, whether it needs somebody."""
    stale = set(health.stale)
    queue = ngettext("%(count)s task waits", "%(count)s tasks wait", health.waiting) % {"count": health.waiting}
    if health.oldest_waiting is not None:
        queue = _("%(tasks)s, the oldest for %(time)s") % {"tasks": queue, "time": _span(health.oldest_waiting)}
    disk = _("The disk is full: nothing new can be kept. Make room for %(folders)s.") % {
        "folders": ", ".join(health.full_disks)
    }
    return [
        _line(_("Background worker"), _beat(health.beats.get(WORKER)), WORKER in stale),
        _line(_("Clock"), _beat(health.beats.get(CLOCK)), CLOCK in stale),
        _line(_("Queue"), queue, "queue" in stale),
        _line(_("Disk"), disk if health.full_disks else _("There is room."), "disk" in stale),
    ]


def _line(name: str, text: str, wrong: bool) -> dict[str, Any]:
    return {"name": name, "text": text, "wrong": wrong}


def _beat(age: int | None) -> str:
    return _("Not running") if age is None else _("Last heartbeat %(time)s ago") % {"time": _span(age)}


def _span(seconds: int) -> str:
    if seconds < 120:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes = seconds // 60
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
