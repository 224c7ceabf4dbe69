"""Observed practice on screens of the ground floor: the site's menu, the phone's bar, and what is to be done."""

from collections.abc import Sequence, Set
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.duties.duty import duties_of
from academy.models import Role, User
from academy.requests.kept.presence import none_of
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.panels import TodoItem
from quizzes.models import CalibrationSheet, Observation, ScoreSheet
from quizzes.models.observing import OPEN
from quizzes.observing.reach import assessed_by, beyond, calibrations_of
from quizzes.observing.showing import next_try_words

AHEAD = timedelta(days=14)
LOOKED_AGAIN = timedelta(minutes=1)


def assessor_menu(roles: Set[str]) -> list[dict[str, Any]]:
    """Who assesses finds the list of the day in the site's menu."""
    if Role.ASSESSOR not in roles:
        return []
    return [{"label": _("Assessing"), "url": reverse("observe:index"), "order": 58}]


def phone_items(roles: Set[str]) -> list[dict[str, Any]]:
    """The same in the bar of an assessor's phone."""
    return [
        {**item, "label": pgettext("menu", "Assess"), "icon": "assess", "order": 28} for item in assessor_menu(roles)
    ]


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """What one has asked for, offers to accept, booked occasions of both sides, what was not passed and is to be asked for
    again, and for an assessor what waits for one."""
    states, now = Observation.State, timezone.now()
    items = _own(request.user, local_day(now))
    if has_role(request.user, local_day(now), Role.ASSESSOR):
        sheets = Observation.objects.filter(
            sheets__assessor=request.user,
            sheets__handed_in_at=None,
            state=states.BOOKED,
            starts_at__lte=now + AHEAD,
        )
        items += [_todo(sheet, gettext("To assess")) for sheet in sheets.select_related("practice", "person")]
        asked = list(assessed_by(request.user, local_day(now)).filter(state=states.ASKED).select_related("practice"))
        waiting = len(asked) - len(beyond(asked, request.user, local_day(now)))
        if waiting:
            text = ngettext("%(count)s waits for an assessor", "%(count)s wait for an assessor", waiting) % {
                "count": waiting
            }
            items.append(
                TodoItem(
                    title=gettext("Observed practice"),
                    text=text,
                    url=reverse("observe:index"),
                    order=400,
                    awaited=True,
                )
            )
    return items + _calibrations_to_score(request.user, local_day(now))


def _own(person: User, today: date) -> list[TodoItem]:
    if none_of(Observation, [person.pk]):
        return []
    scoring = Exists(ScoreSheet.objects.filter(observation=OuterRef("pk"), handed_in_at__isnull=False))
    rows = Observation.objects.filter(person=person, state__in=[*OPEN, Observation.State.SCORED])
    mine = list(rows.select_related("practice").annotate(being_scored_now=scoring).order_by("observed_on", "pk"))
    # What is being scored takes nothing more of the person.
    waits = [row for row in mine if row.is_open and not vars(row)["being_scored_now"]]
    items = [_todo(observation, gettext("Observed practice")) for observation in waits]
    return items + [_to_ask_again(failed, today) for failed in _failed(mine)]


def _failed(mine: Sequence[Observation]) -> list[Observation]:
    """The newest of each practice where it was not passed, and nothing of it is asked for since."""
    asked = {row.practice_id for row in mine if row.is_open}
    newest = {row.practice_id: row for row in mine if not row.is_open and row.annulled_at is None}
    failed = [
        row for practice, row in newest.items() if row.passed is False and practice not in asked and row.practice.active
    ]
    prefetch_related_objects(failed, "sheets")
    return failed


def _to_ask_again(failed: Observation, today: date) -> TodoItem:
    """Where a duty asks for the practice, this takes the place of its row and bears its last day."""
    text = gettext("Not passed on %(day)s. %(next)s") % {
        "day": formats.date_format(failed.observed_on or today, "SHORT_DATE_FORMAT"),
        "next": next_try_words(failed, failed.sheets.all(), today),
    }
    return TodoItem(
        title=str(failed.practice),
        text=text,
        url=failed.get_absolute_url(),
        tag=gettext("Observed practice"),
        takes_up=subject_of(failed.practice_id),
    )


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
    """When a booked occasion enters an assessor's list, and when to look again for what others ask for: that raises
    no version of the assessor's own facts."""
    if not has_role(person, local_day(now), Role.ASSESSOR):
        return []
    booked = Observation.objects.filter(sheets__assessor=person, state=Observation.State.BOOKED, starts_at__gt=now)
    starting = booked.values_list("starts_at", flat=True)
    return [now + LOOKED_AGAIN, *(starts - AHEAD for starts in starting if starts is not None)]


def _todo(observation: Observation, tag: str) -> TodoItem:
    if observation.starts_at is None:
        return _asked(observation)
    starts = timezone.localtime(observation.starts_at)
    text = f"{starts:%H:%M} · {observation.place}"
    if observation.state == Observation.State.OFFERED:
        text += " · " + gettext("please accept or ask for another time")
    title, takes_up = str(observation.practice), subject_of(observation.practice_id)
    if tag == gettext("To assess"):
        title, takes_up = f"{title} · {observation.person.display_name}", ""
    return TodoItem(
        title=title,
        text=text,
        url=observation.get_absolute_url(),
        tag=tag,
        due_on=local_day(starts),
        event=True,
        takes_up=takes_up,
        awaited=observation.state == Observation.State.OFFERED,
    )


def _asked(observation: Observation) -> TodoItem:
    """Asked for: what is to be done now is an assessor's."""
    day = formats.date_format(local_day(observation.asked_at), "SHORT_DATE_FORMAT")
    return TodoItem(
        title=str(observation.practice),
        text=gettext("Asked for on %(day)s; an assessor offers a time") % {"day": day},
        url=observation.get_absolute_url(),
        tag=str(observation.get_state_display()),
        takes_up=subject_of(observation.practice_id),
    )


def subject_of(practice: int) -> str:
    """What a duty is about that a passed observation of this practice fulfils."""
    return f"observation:{practice}"


def needed_by(observation: Observation, on: date) -> date | None:
    """The last day by which a duty of the person asks for it, None where none does or it is fulfilled."""
    duties = duties_of(people=[observation.person_id], on=on)[observation.person_id]
    about = subject_of(observation.practice_id)
    return next((duty.due_on for duty in duties if duty.about == about and duty.done_on is None), None)
