"""Does a person hold what the post asks for, on a day: one pure rule behind HR's board, its names and every reminder.

Counts are of people, each once. A person in several posts (兼岗) stands in the branch of the primary one and must hold
what every post asks for; the same level asked twice is asked once, by the earlier day. Of several levels the one that
is worst off says what the person is: without comes before missing, missing before expiring, expiring before held.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from academy.dates.leave_effects import Leaves, due_after_leave, is_on_leave
from academy.models.levels import contains_level
from certificates.validity import EXPIRES_SOON, expires_soon


class Cover(models.TextChoices):
    """What a person who must hold a level is on a day. Held and expiring are both counted as holding (已持证)."""

    WITHOUT = "without", _("Working without")
    MISSING = "missing", _("Not yet, still in time")
    SOON = "soon", EXPIRES_SOON
    HELD = "held", _("Held")


# The worst first: what a person is, is the worst of what each level is.
WORST_FIRST = (Cover.WITHOUT, Cover.MISSING, Cover.SOON, Cover.HELD)
HOLDS = (Cover.SOON, Cover.HELD)


@dataclass(frozen=True)
class Ask:
    """One requirement that a post falls under; ``rank`` is None outside the ladder. ``counts_from`` is the first day that
    counts, ``starts`` the first on which it is asked: nobody is late before or on that. ``extensions`` are the days on which
    decisions gave this person a later last day in time, with that day."""

    level: int
    rank: int | None
    within_days: int
    counts_from: date | None = None
    starts: date = date.min
    extensions: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class BoardPost:
    """A post that is held, since a day, with what it asks for."""

    began: date
    asks: tuple[Ask, ...]


@dataclass(frozen=True)
class Held:
    """A certification; ``through`` is its last valid day with leave and endings counted in, ``grace_days`` follow it. Where
    ``grace_counts`` they cover what a post asks for, as one that is expiring does."""

    rank: int | None
    since: date
    through: date
    grace_days: int = 0
    grace_counts: bool = False
    level: int | None = None

    @property
    def grace_through(self) -> date:
        return self.through + timedelta(days=self.grace_days)

    def covers(self, on: date) -> bool:
        """Whether a post is covered by it on a day on or after its first."""
        return on <= (self.grace_through if self.grace_counts else self.through)


@dataclass(frozen=True)
class Demand:
    """One level that a person must hold: from when the days run, the last day in time, and whether it is held."""

    level: int
    rank: int | None
    since: date
    due_on: date
    cover: Cover
    held_since: date | None = None
    through: date | None = None

    def days_late(self, on: date) -> int:
        return (on - self.due_on).days if self.cover == Cover.WITHOUT else 0


@dataclass(frozen=True)
class Outcome:
    """What a person is on a day, and of each level asked why."""

    cover: Cover
    demands: tuple[Demand, ...]
    on_leave: bool

    @property
    def lacking(self) -> tuple[Demand, ...]:
        return tuple(demand for demand in self.demands if demand.cover not in HOLDS)


def judge_posts(
    *, posts: Iterable[BoardPost], held: Iterable[Held], leaves: Leaves, on: date, soon_days: int
) -> Outcome | None:
    """Judges one person. None when no post asks for anything.

    ``soon_days``: a certification whose last valid day is that near is expiring. Nobody is late on leave, nor in the
    grace after a certification that ran out.
    """
    spans, certifications = list(leaves), [level_held for level_held in held if level_held.since <= on]
    away = is_on_leave(spans, on)
    first: dict[int, Demand] = {}
    for post in posts:
        for ask in post.asks:
            demand = _demand(ask, post.began, certifications, spans, on, soon_days, away)
            other = first.get(ask.level)
            if other is None or demand.due_on < other.due_on:
                first[ask.level] = demand
    if not first:
        return None
    demands = tuple(sorted(first.values(), key=lambda demand: (demand.rank is None, demand.rank or 0, demand.level)))
    return Outcome(min((demand.cover for demand in demands), key=WORST_FIRST.index), demands, away)


def _demand(
    ask: Ask,
    began: date,
    held: list[Held],
    leaves: list[tuple[date, date | None]],
    on: date,
    soon_days: int,
    away: bool,
) -> Demand:
    since = max(began, ask.counts_from) if ask.counts_from else began
    last = max(since + timedelta(days=ask.within_days), ask.starts)
    due_on = due_after_leave(due_on=last, since=since, leaves=leaves, on=on)
    enough = [
        level_held
        for level_held in held
        if contains_level(level_held.level, level_held.rank, asked=ask.level, asked_rank=ask.rank)
    ]
    holding = [level_held for level_held in enough if level_held.covers(on)]
    if holding:
        through, had = (
            max(level_held.through for level_held in holding),
            min(level_held.since for level_held in holding),
        )
        # What was done stays as it was: a decision of a later day moves nothing of it.
        due_on = max([due_on, *(until for decided, until in ask.extensions if decided <= had)])
        cover = Cover.SOON if expires_soon(through, on, within=soon_days) else Cover.HELD
        return Demand(ask.level, ask.rank, since, due_on, cover, had, through)
    later = [until for _decided, until in ask.extensions]
    due_on = max([due_on, *later, *(level_held.grace_through for level_held in enough)])
    cover = Cover.WITHOUT if on > due_on and not away else Cover.MISSING
    return Demand(ask.level, ask.rank, since, due_on, cover)
