"""Two hundred lives of two years and what must come of them, reckoned day by day without any of the academy's rules.

CM1 is awarded at once: a course and a month in post. It holds twelve months, is renewed in the last two by a refresher
(one of up to thirty days before counts), has a grace of ninety days that counts for the post, and comes back by the same
within two years. CM2 is decided by HR on the day on which it is ready: six months of CM1 and a second course. It holds to
the first of January that lies between six and eighteen months off, is renewed in its last three months, with a grace of
thirty days that does not count for the post.
"""

import calendar
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

FIRST, DAYS, PEOPLE = date(2026, 12, 1), 730, 200
DAY = timedelta(days=1)
GRACE = {"cm1": 90, "cm2": 30}
IN_POST_DAYS, SOON_DAYS, CATCH_UP_DAYS = 180, 30, 60


def all_days() -> list[date]:
    return [FIRST + timedelta(days=number) for number in range(DAYS)]


@dataclass(frozen=True)
class Life:
    """What happens to one person: the day of taking up the post, when which course was completed, and what came between."""

    posted: date
    first: date | None = None
    refreshers: tuple[date, ...] = ()
    second: date | None = None
    leave: tuple[date, date] | None = None
    left: date | None = None
    revoked: date | None = None

    def away(self, day: date) -> bool:
        return self.leave is not None and self.leave[0] <= day <= self.leave[1]


@dataclass(frozen=True)
class Cycle:
    """One certification: its number, first day, last valid day without leave, and the day its window opens."""

    number: int
    since: date
    own_end: date
    window: date
    through: date
    # With leave, the day on which the window opens.
    opens: date = date.max


@dataclass(frozen=True)
class Expected:
    """How somebody stands on a day. By track: the certification, its status, and what could be awarded."""

    cycles: tuple[Cycle | None, Cycle | None]
    statuses: tuple[str, str]
    purposes: tuple[str, str]
    cover: str


def months_after(day: date, months: int) -> date:
    """The same day of a month so many later, the month's last where it has none."""
    month = day.year * 12 + day.month - 1 + months
    year, place = divmod(month, 12)
    return date(year, place + 1, min(day.day, calendar.monthrange(year, place + 1)[1]))


def lives() -> list[Life]:
    """The ends and beginnings of months, so that days fall together; and the days that calendars stumble over."""
    rng = random.Random(20261123)
    firsts = [months_after(FIRST, number) for number in range(24)]
    found = [
        Life(date(2026, 8, 31), date(2027, 2, 28), (date(2028, 2, 29),)),
        Life(date(2027, 8, 31), date(2028, 2, 29), (date(2028, 11, 1),)),
        Life(date(2026, 12, 31), date(2027, 12, 31)),
        Life(date(2027, 1, 31), date(2027, 1, 31), (date(2027, 12, 31), date(2028, 1, 1))),
        Life(date(2026, 6, 30), date(2026, 12, 31), (date(2027, 12, 30),), date(2027, 6, 30)),
        Life(date(2026, 6, 30), date(2026, 12, 31), (date(2027, 10, 1), date(2027, 12, 31)), date(2027, 7, 1)),
    ]
    while len(found) < PEOPLE:
        found.append(_life(rng, firsts))
    return found


def _life(rng: random.Random, firsts: list[date]) -> Life:
    posted = rng.choice([months_after(FIRST, -9), months_after(FIRST, -3), *firsts[:6]])
    first = rng.choice([one for one in firsts if one >= posted][: rng.choice([1, 4, 10])])
    later = [one for one in firsts if one > first]
    refreshers = tuple(sorted(rng.sample(later, min(len(later), rng.randint(0, 4)))))
    second = rng.choice(later) if later and rng.random() < 0.5 else None
    leave = left = revoked = None
    fate = rng.random()
    if fate < 0.25 and later:
        begins = rng.choice(later)
        leave = (begins, months_after(begins, rng.choice([1, 2, 5])) - DAY)
    elif fate < 0.35 and len(later) > 2:
        left = rng.choice(later[2:]) - DAY
    elif fate < 0.42 and len(later) > 3:
        revoked = later[3]
    if rng.random() < 0.1:
        first = None
    return Life(posted, first, refreshers, second, leave, left, revoked if first else None)


def _end_with_leave(life: Life, since: date, own_end: date) -> date:
    """As many days as the certificate was given, those on leave not counted; and time to catch up after coming back."""
    left, day = (own_end - since).days + 1, since
    while left > (0 if life.away(day) else 1):
        left -= not life.away(day)
        day += DAY
    if life.leave is None or life.leave[0] > own_end or life.leave[1] < since:
        return day
    back = life.leave[1] + DAY
    return max(day, back + timedelta(days=CATCH_UP_DAYS - 1)) if back <= day else day


def _window_with_leave(life: Life, cycle: "Cycle", months: int) -> date:
    """After as many days as it lay from the first valid day, those on leave not counted; and where no leave comes after it,
    so many months before the end. Time to catch up is time for the renewal, and moves nothing."""
    left, day = (cycle.window - cycle.since).days, cycle.since
    while left > 0 or life.away(day):
        left -= not life.away(day)
        day += DAY
    expires = cycle.own_end + DAY
    if (
        day == cycle.window
        or life.leave is None
        or life.leave[1] > day
        or months_after(expires, -months) != cycle.window
    ):
        return day
    away = sum(life.away(cycle.since + number * DAY) for number in range((day - cycle.since).days))
    return months_after(expires + away * DAY, -months)


def _cycle(life: Life, track: str, number: int, on: date) -> Cycle:
    if track == "cm1":
        expires, months = months_after(on, 12), 2
    else:
        years = [date(on.year + more, 1, 1) for more in (1, 2)]
        expires, months = next(year for year in years if months_after(on, 6) <= year < months_after(on, 18)), 3
    window = max(on, months_after(expires, -months))
    made = Cycle(number, on, expires - DAY, window, _end_with_leave(life, on, expires - DAY))
    return replace(made, opens=_window_with_leave(life, made, months))


class _Course:
    """One life while the days go by."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.cycles: dict[str, Cycle | None] = {"cm1": None, "cm2": None}
        self.revoked = False
        # Of the months for which CM1 has been held: since when, so many days, and the gap behind them.
        self.held_since: date | None = None
        self.held_days = self.gap = 0
        due = IN_POST_DAYS + 1
        day = life.posted
        while due > (0 if life.away(day) else 1):
            due -= not life.away(day)
            day += DAY
        self.post_due = day

    def valid(self, track: str, day: date) -> bool:
        cycle = self.cycles[track]
        return cycle is not None and not (track == "cm1" and self.revoked) and cycle.since <= day <= cycle.through

    def purpose(self, track: str, day: date) -> str:
        cycle = self.cycles[track]
        if cycle is None or (track == "cm1" and self.revoked):
            return "first"
        if day > cycle.through + timedelta(days=GRACE[track]):
            return "return" if day <= months_after(cycle.through, 24) else "first"
        return "renewal" if day >= cycle.opens else ""

    def met(self, track: str, day: date) -> bool:
        life, cycle, purpose = self.life, self.cycles[track], self.purpose(track, day)
        if purpose in ("renewal", "return") and cycle is not None:
            begins = cycle.window
            if track == "cm1":
                begins = min(begins, max(begins - timedelta(days=30), cycle.since + DAY))
            return any(begins <= refresher <= day for refresher in life.refreshers)
        if purpose != "first":
            return False
        if track == "cm1":
            done = life.first is not None and life.first <= day
            return done and months_after(life.posted, 1) <= day and not self.revoked
        if life.second is None or life.second > day or self.held_since is None:
            return False
        needed = (months_after(self.held_since, 6) - self.held_since).days + 1
        return (self.valid("cm1", day) or self.valid("cm2", day)) and self.held_days >= needed

    def live(self, day: date) -> None:
        if self.life.revoked == day and self.cycles["cm1"] is not None:
            self.revoked = True
        for track in ("cm1", "cm2"):
            if self.life.left is not None and day > self.life.left:
                break
            if track == "cm2":
                self._count(day)
            cycle = self.cycles[track]
            if self.met(track, day):
                self.cycles[track] = _cycle(self.life, track, cycle.number + 1 if cycle else 1, day)

    def _count(self, day: date) -> None:
        """A gap as long as the grace is bridged and does not count; a longer one begins anew."""
        if self.valid("cm1", day) or self.valid("cm2", day):
            if self.held_since is None or self.gap > GRACE["cm1"]:
                self.held_since, self.held_days = day, 0
            self.held_days, self.gap = self.held_days + 1, 0
        else:
            self.gap += 1

    def status(self, track: str, day: date) -> str:
        cycle = self.cycles[track]
        if cycle is None:
            return ""
        if track == "cm1" and self.revoked:
            return "revoked"
        graced = cycle.through + timedelta(days=GRACE[track])
        # Leaving makes void what still held then, its grace among it.
        if self.life.left is not None and self.life.left < day and self.life.left <= graced:
            return "left"
        if day > cycle.through:
            return "grace" if day <= graced else "expired"
        if track == "cm1" and self.valid("cm2", day):
            return "contained"
        if self.life.away(day):
            return "suspended"
        return "due" if day >= cycle.opens else "valid"

    def cover(self, day: date) -> str:
        if day < self.life.posted or (self.life.left is not None and day > self.life.left):
            return ""
        cycles = {track: cycle for track, cycle in self.cycles.items() if cycle is not None}
        if self.revoked:
            cycles.pop("cm1", None)
        ends = [cycle.through for cycle in cycles.values() if day <= cycle.through]
        if "cm1" in cycles and cycles["cm1"].through < day <= cycles["cm1"].through + timedelta(days=GRACE["cm1"]):
            ends.append(cycles["cm1"].through)
        if ends:
            return "soon" if (max(ends) - day).days <= SOON_DAYS else "held"
        spared = [cycle.through + timedelta(days=GRACE[track]) for track, cycle in cycles.items()]
        return "missing" if self.life.away(day) or day <= max([self.post_due, *spared]) else "without"


def reckoned(life: Life) -> Iterator[Expected]:
    """What is so on each day, in their order."""
    course = _Course(life)
    for day in all_days():
        course.live(day)
        yield Expected(
            (course.cycles["cm1"], course.cycles["cm2"]),
            (course.status("cm1", day), course.status("cm2", day)),
            (course.purpose("cm1", day), course.purpose("cm2", day)),
            course.cover(day),
        )
