"""What a step about one person does to their duties and to what they hold, before it is taken: it is taken, compared, and rolled back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.doors import HeldDocument, documents_held
from academy.duties.ahead import NoticesAhead, notices_ahead
from academy.duties.assignments.evaluating import follow_people
from academy.duties.duty import Duty, duties_of
from academy.models import User

# Why a duty comes, and why it goes, by who asks.
COMES = {
    "post": _("the post asks for it"),
    "course": _("assigned to people in such a post or branch"),
    "track": _("assigned to people in such a post or branch"),
    "programme": _("a programme of the post"),
    "renewal": _("the level is to be kept, and the post is on the ladder"),
    "lapsed": _("the level has lapsed, and the post is on the ladder"),
}
GOES = {
    "post": _("the post does not ask for it"),
    "course": _("no longer among those it is assigned to"),
    "track": _("no longer among those it is assigned to"),
    "programme": _("no longer in a post of the programme"),
    "renewal": _("the post is not on the ladder"),
    "lapsed": _("the post is not on the ladder"),
}
MOVES = {
    "post": _("the days count from taking up the post"),
    "course": _("the days of the assignment count again"),
    "track": _("the days of the assignment count again"),
}
LEAVE_MOVES, LEAVE_CHANGES = _("the leave is added"), _("the leave was corrected")


@dataclass(frozen=True)
class DutiesAhead:
    """Duties that come, that go, and those whose last day moves (the duty as it will be, the day it had): each with why;
    documents whose state or last day will be another, as it is and as it will be; and what is told because of it."""

    new: list[tuple[Duty, Any]]
    gone: list[tuple[Duty, Any]]
    moved: list[tuple[Duty, date | None, Any]]
    held: list[tuple[HeldDocument, HeldDocument]]
    notices: NoticesAhead

    @property
    def nothing(self) -> bool:
        return not (self.new or self.gone or self.moved or self.held)


def duties_ahead(*, person: User, step: Callable[[], object], on: date, now: datetime, leaves: Any = "") -> DutiesAhead:
    """Raises what the step raises; nothing of it stays. ``now`` is the moment that the step is given; ``leaves``: what it
    does to a leave, which is why days move."""
    before, stood = _on_that_day(person, lambda: None, on)
    after, will_stand = _on_that_day(person, step, on)
    return DutiesAhead(
        new=[(duty, COMES.get(duty.kind, "")) for about, duty in after.items() if about not in before],
        gone=[(duty, GOES.get(duty.kind, "")) for about, duty in before.items() if about not in after],
        moved=[
            (duty, before[about].due_on, leaves or MOVES.get(duty.kind, ""))
            for about, duty in after.items()
            if about in before and duty.due_on != before[about].due_on
        ],
        held=[(stood[about], one) for about, one in will_stand.items() if about in stood and one != stood[about]],
        notices=_notices(person, step, on, now),
    )


def _notices(person: User, step: Callable[[], object], on: date, now: datetime) -> NoticesAhead:
    """What the step itself tells, whomever, and what the person is reminded of because of it on the day."""

    def taken(people: list[int]) -> list[int]:
        step()
        follow_people(people=people, now=_moment_of(on, now))
        return people

    return notices_ahead(keys=[person.pk], step=taken, now=now, on=on)


def _moment_of(on: date, now: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(on, time())) if on > local_day(now) else now


def _on_that_day(person: User, step: Callable[[], object], on: date) -> tuple[dict[str, Duty], dict[str, HeldDocument]]:
    """Duties and documents of a day, with the assignments that the person will have entered or left by then."""
    moment = _moment_of(on, timezone.now())
    with transaction.atomic():
        step()
        follow_people(people=[person.pk], now=moment)
        found = _open(person, on), _held(person, on)
        transaction.set_rollback(True)
    return found


def _held(person: User, on: date) -> dict[str, HeldDocument]:
    return {one.about: one for one in documents_held(person, on, timezone.now())}


def _open(person: User, on: date) -> dict[str, Duty]:
    return {duty.about: duty for duty in duties_of(people=[person.pk], on=on)[person.pk] if duty.done_on is None}
