"""The months of a programme for one person: pure. Every step is due on the last day of its month.

Months are counted back from the last day, so that leave and an extension, which move that day, move every step. A period
after a day ends on that day of a later month, as every due date here: posted on the 5th, the first month is through the 5th.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from academy.dates.periods import add_months

DAY = timedelta(days=1)
DONE, LATE, NOW, LATER, WAITS = "done", "late", "now", "later", "waits"


@dataclass(frozen=True)
class Planned:
    """One step of one person, from the first day of its month to ``due_on``. ``state`` is one of the five above; what
    ``waits`` can be begun by nobody until somebody is named, and is late for nobody meanwhile."""

    step: Any
    begins: date
    due_on: date
    done_on: date | None
    state: str


@dataclass(frozen=True)
class Month:
    """``number`` from 1 on; only months that ask for something stand in a plan."""

    number: int
    begins: date
    ends: date
    steps: tuple[Planned, ...]


@dataclass(frozen=True)
class MonthlyPlan:
    begins: date
    ends: date
    months: tuple[Month, ...]

    @property
    def steps(self) -> list[Planned]:
        return [step for month in self.months for step in month.steps]

    @property
    def done(self) -> int:
        return sum(step.state == DONE for step in self.steps)

    @property
    def late(self) -> int:
        return sum(step.state == LATE for step in self.steps)

    @property
    def all(self) -> int:
        return len(self.steps)

    @property
    def next(self) -> list[Planned]:
        """What is late and what this month asks for; of the months to come the first that asks for something."""
        pressing = [step for step in self.steps if step.state in (LATE, NOW, WAITS)]
        later = [step for step in self.steps if step.state == LATER]
        return pressing or [step for step in later if step.due_on == later[0].due_on]


def begun_on(*, last: date | None, since: date, months: int) -> date:
    """The first day of a programme that ends on ``last``; without an end it began on the day of the assignment."""
    return add_months(last, -months) if last is not None else since


def plan_of(
    steps: Iterable[Any],
    *,
    begins: date,
    months: int,
    done: Mapping[int, date],
    on: date,
    waiting: Collection[int] = (),
) -> MonthlyPlan:
    """``steps`` have ``pk`` and ``month``; ``done`` is the day of each that is done, by key; ``waiting`` are the keys of
    those for which nobody is named who could do them with the person."""
    by_month: dict[int, list[Any]] = {}
    for step in steps:
        by_month.setdefault(step.month, []).append(step)
    found = []
    for number in sorted(by_month):
        first, last = add_months(begins, number - 1) + (DAY if number > 1 else timedelta()), add_months(begins, number)
        planned = [_planned(step, first, last, done.get(step.pk), on, step.pk in waiting) for step in by_month[number]]
        found.append(Month(number, first, last, tuple(planned)))
    return MonthlyPlan(begins, add_months(begins, months), tuple(found))


def _planned(step: Any, first: date, last: date, done_on: date | None, on: date, waits: bool) -> Planned:
    if done_on is not None and done_on <= on:
        return Planned(step, first, last, done_on, DONE)
    state = LATE if on > last else NOW if on >= first else LATER
    return Planned(step, first, last, None, WAITS if waits and state != LATER else state)
