"""Duties: what a person must have done by a day, whoever says so.

Assigned courses and tracks give duties, the levels that posts ask for, renewals whose window is open, and levels that ran
out. Each floor answers for its own through ``register_duties``; the learner's home, the manager's team, HR's lists and the
reminders all read ``duties_of``, so that one due date stands everywhere.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

SOON = timedelta(days=30)


class DutyState(models.TextChoices):
    """Red, amber and green of the team page, with the two that are none of them."""

    OVERDUE = "overdue", _("Overdue")
    SOON = "soon", _("Due soon")
    OPEN = "open", _("To be done")
    PAUSED = "paused", _("Paused (on leave)")
    DONE = "done", _("Done")


@dataclass(frozen=True)
class Duty:
    """One thing that one person is to do.

    ``kind`` is who asks: ``course``, ``track``, ``post``, ``renewal`` or ``lapsed``; ``key`` is its identity within the
    kind and stays the same while the duty stands, so that each reminder goes out once (``assignment:17``). ``subject``
    is what it is about, whoever asks (``level:CM1``): of several about one thing, one stands. ``title`` is a bilingual
    dict, ``path`` where the learner acts. ``due_on`` is the last day in time, None where there is none, and
    already holds what leave and extensions added. ``remind_days`` are the days before it on which a reminder is sent.
    """

    person_id: int
    kind: str
    key: str
    title: dict[str, str]
    path: str
    since: date
    due_on: date | None = None
    done_on: date | None = None
    required: bool = True
    paused: bool = False
    remind_days: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    subject: str = ""

    @property
    def about(self) -> str:
        """What tells it from a person's other duties."""
        return self.subject or f"{self.kind}:{self.key}"

    def state_on(self, day: date) -> DutyState:
        """The state on a day; the due day itself is still in time."""
        if self.done_on is not None and self.done_on <= day:
            return DutyState.DONE
        if self.paused:
            return DutyState.PAUSED
        if self.due_on is None:
            return DutyState.OPEN
        if day > self.due_on:
            return DutyState.OVERDUE
        return DutyState.SOON if self.due_on - day <= SOON else DutyState.OPEN


DutySource = Callable[[Collection[int], date], list[Duty]]
_sources: list[DutySource] = []


def register_duties(source: DutySource) -> DutySource:
    """Registers a floor's answer: handed the ids of people and a day, it gives their duties in a fixed number of queries."""
    if source not in _sources:
        _sources.append(source)
    return source


def duties_of(*, people: Collection[int], on: date) -> dict[int, list[Duty]]:
    """The duties of each person on a day, the most pressing first; done ones are among them. Hand in at most some thousand people.

    What is asked twice, by a post and by an assignment, is one duty with one date: the more pressing of the two.
    """
    found: dict[int, list[Duty]] = {person: [] for person in people}
    for source in _sources:
        for duty in source(people, on):
            found[duty.person_id].append(duty)
    return {person: _each_once(duties) for person, duties in found.items()}


def _each_once(duties: list[Duty]) -> list[Duty]:
    """The most pressing first; of those about one thing the first that is open, required before optional."""
    once: dict[str, Duty] = {}
    for duty in sorted(duties, key=lambda duty: (duty.done_on is not None, not duty.required, *_pressing(duty))):
        once.setdefault(duty.about, duty)
    return sorted(once.values(), key=lambda duty: (duty.done_on is not None, *_pressing(duty)))


def _pressing(duty: Duty) -> tuple[bool, date, str]:
    return duty.due_on is None, duty.due_on or date.max, duty.key
