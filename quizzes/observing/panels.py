"""Observed practice on screens of the ground floor: the site's menu, the phone's bar, and what is to be done."""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.models import Role, User
from academy.requests.kept.presence import none_of
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.panels import TodoItem
from quizzes.models import CalibrationSheet, Observation
from quizzes.observing.reach import assessed_by, calibrations_of

AHEAD = timedelta(days=14)


def assessor_menu(request: SignedInRequest) -> list[dict[str, Any]]:
    """Who assesses finds the list of the day in the site's menu."""
    if not has_role(request.user, local_day(timezone.now()), Role.ASSESSOR):
        return []
    return [{"label": _("Assessing"), "url": reverse("observe:index"), "order": 58}]


def phone_items(request: SignedInRequest) -> list[dict[str, Any]]:
    """The same in the bar of an assessor's phone."""
    return [
        {**item, "label": pgettext("menu", "Assess"), "icon": "assess", "order": 28} for item in assessor_menu(request)
    ]


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """Offers to accept, booked occasions of both sides, and for an assessor what waits for one."""
    states, now = Observation.State, timezone.now()
    mine = Observation.objects.filter(person=request.user, state__in=[states.OFFERED, states.BOOKED])
    offered = [] if none_of(Observation, [request.user.pk]) else mine.select_related("practice")
    items = [_todo(one, gettext("Observed practice")) for one in offered]
    if has_role(request.user, local_day(now), Role.ASSESSOR):
        sheets = Observation.objects.filter(
            sheets__assessor=request.user,
            sheets__handed_in_at=None,
            state=states.BOOKED,
            starts_at__lte=now + AHEAD,
        )
        items += [_todo(sheet, gettext("To assess")) for sheet in sheets.select_related("practice", "person")]
        waiting = assessed_by(request.user, local_day(now)).filter(state=states.ASKED).count()
        if waiting:
            text = gettext("%(count)s wait for an assessor") % {"count": waiting}
            items.append(
                TodoItem(title=gettext("Observed practice"), text=text, url=reverse("observe:index"), order=400)
            )
    return items + _calibrations_to_score(request.user, local_day(now))


def _calibrations_to_score(person: User, today: date) -> list[TodoItem]:
    """The cases that wait for the own sheet, each with its last day."""
    if none_of(CalibrationSheet, [person.pk]):
        return []
    sheets = calibrations_of(person, today).filter(
        handed_in_at=None, calibration__opens_on__lte=today, calibration__closes_on__gte=today
    )
    return [
        TodoItem(
            title=sheet.calibration.local_name,
            text=gettext("Score the case on your own"),
            url=sheet.calibration.get_absolute_url(),
            tag=gettext("Calibration of assessors"),
            due_on=sheet.calibration.closes_on,
        )
        for sheet in sheets
    ]


def moments_of_observations(person: User, now: datetime) -> list[datetime]:
    """When a booked occasion enters an assessor's list."""
    if not has_role(person, local_day(now), Role.ASSESSOR):
        return []
    booked = Observation.objects.filter(sheets__assessor=person, state=Observation.State.BOOKED, starts_at__gt=now)
    return [starts - AHEAD for starts in booked.values_list("starts_at", flat=True) if starts is not None]


def _todo(observation: Observation, tag: str) -> TodoItem:
    starts = timezone.localtime(observation.starts_at)
    text = f"{starts:%H:%M} · {observation.place}"
    if observation.state == Observation.State.OFFERED:
        text += " · " + gettext("please accept or ask for another time")
    title = str(observation.practice)
    if tag == gettext("To assess"):
        title += f" · {observation.person.display_name}"
    return TodoItem(
        title=title, text=text, url=observation.get_absolute_url(), tag=tag, due_on=local_day(starts), event=True
    )
