"""When a certification holds: pure calendar arithmetic. Rules and test vectors: Totara's, with the house's changes.

Periods are calendar months added to an anchor and clipped once, so that 31 August + 6 + 6 months is 31 August
again; a last valid day is inclusive; 29 February + 12 months expires on the 28th and holds through the 27th.
The window is counted back from the day of expiry, so that it opens on the same day of a month as it ends.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from academy.dates.periods import add_months


@dataclass(frozen=True)
class Dates:
    """``expires`` is the first day that no longer holds."""

    valid_from: date
    expires: date
    valid_through: date
    renew_from: date
    anchor: date


class NoDates(ValueError):
    """The mode cannot give a span for this completion."""


def parse_months(text: str) -> int:
    """``12m``, ``1y``, ``P1Y``, ``P24M``, ``P1Y6M`` as months. Raises ``ValueError``."""
    match = re.fullmatch(r"P?(?:(\d{1,3})Y)?(?:(\d{1,4})M)?", text.strip().upper())
    if not match or not any(match.groups()):
        raise ValueError(f"{text!r} is not a period; write 12m, 1y or P1Y")
    return int(match.group(1) or 0) * 12 + int(match.group(2) or 0)


def certification_dates(
    *,
    mode: str,
    completed_on: date,
    active: int,
    window: int,
    minimum: int = 0,
    due: date | None = None,
    expiry: date | None = None,
    anchor_day: date | None = None,
) -> Dates:
    """The span of a certification completed on a day.

    ``active``, ``window`` and ``minimum`` are months; ``expiry`` is the current one's first invalid day. For the
    fixed mode ``anchor_day`` is the day whose month and day the dates fall on. Raises ``NoDates`` for an unknown mode.
    """
    anchor, steps = _base(mode, completed_on, active, window, minimum, due, expiry, anchor_day)
    expires = add_months(anchor, steps + active)
    return Dates(
        valid_from=completed_on,
        expires=expires,
        valid_through=expires - timedelta(days=1),
        renew_from=max(add_months(expires, -window), completed_on) if window else expires,
        anchor=anchor,
    )


def _base(mode, completed, active, window, minimum, due, expiry, anchor_day) -> tuple[date, int]:
    """The base, as an anchor and the months from it."""
    if mode == "completion":
        return completed, 0
    if mode == "expiry":
        if expiry is not None:
            if completed > expiry:
                return completed, 0
            if completed < add_months(expiry, -window):
                # Finished before the window: the same expiry is kept.
                return expiry, -active
            return expiry, 0
        if due is not None and completed <= due:
            return due, 0
        return completed, 0
    if mode == "fixed":
        anchor = anchor_day or expiry or due or completed
        steps = 0
        if anchor_day is not None and (expiry or due):
            anchor = anchor_day
            while add_months(anchor, steps) < (expiry or due):
                steps += active
        while add_months(anchor, steps - minimum) >= completed:
            steps -= active
        while add_months(anchor, steps + active) < add_months(completed, minimum):
            steps += active
        return anchor, steps
    raise NoDates(f"unknown mode {mode!r}")


def first_occurrence(day: date, *, after: date) -> date:
    """The first day with that month and day after ``after``."""
    this_year = add_months(date(2000, day.month, day.day), (after.year - 2000) * 12)
    return this_year if this_year > after else add_months(date(2000, day.month, day.day), (after.year - 1999) * 12)


def posting_dates(*, awarded_on: date, posted_on: date, months: int) -> Dates:
    """Trainee's span: from the award to the day before posting + N months. Raises ``NoDates`` once that is past."""
    expires = add_months(posted_on, months)
    if expires <= awarded_on:
        raise NoDates("the period after the posting has ended")
    return Dates(awarded_on, expires, expires - timedelta(days=1), expires, posted_on)
