"""What is known of one person when a standing is judged: dated facts, as the pure rules take them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from academy.models.levels import contains_level
from certificates.rules.decided import Decided


@dataclass(frozen=True)
class Held:
    """A certification as evidence; ``through`` counts revocation and employment in. Outside the ladder it has no rank."""

    rank: int | None
    since: date
    through: date
    grace_days: int = 0
    level: int | None = None

    @classmethod
    def of(cls, row: Any, through: date) -> "Held":
        """Of a certification, valid through a day."""
        return cls(row.track.level.rank, row.valid_from, through, row.grace_days, row.track.level_id)

    def gives(self, asked: Any) -> bool:
        """Whether who holds it holds the level of a requirement."""
        return contains_level(self.level, self.rank, asked=asked.level, asked_rank=asked.rank)


@dataclass(frozen=True)
class Post:
    """A posting as evidence."""

    position: str
    since: date
    until: date | None = None

    def is_held(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True)
class Banned:
    """A ban from exams, of one line or ('') of all; both days inclusive."""

    since: date
    until: date | None
    line: str = ""


@dataclass(frozen=True)
class Evidence:
    """The dated facts about one person that requirements ask for; ``opened`` are exams by (track, quiz)."""

    courses: dict[int, tuple[date, ...]] = field(default_factory=dict)
    quizzes: dict[int, tuple[tuple[date, Decimal, bool], ...]] = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    posts: tuple[Post, ...] = ()
    bans: tuple[Banned, ...] = ()
    recommended: dict[int, tuple[date, ...]] = field(default_factory=dict)
    observed: dict[int, tuple[date, ...]] = field(default_factory=dict)
    # Accepted documents from outside by kind: day of issue and last valid day; and the kinds of which one is being checked.
    documents: dict[int, tuple[tuple[date, date | None], ...]] = field(default_factory=dict)
    # Days on which a course was taught, by course; 0 where the session belonged to none.
    taught: dict[int, tuple[date, ...]] = field(default_factory=dict)
    # Days on which a client dialogue was won, by the quiz that plays it.
    dialogues: dict[int, tuple[date, ...]] = field(default_factory=dict)
    documents_checked_now: frozenset[int] = frozenset()
    finance_since: date | None = None
    finance_breaks: int = 0
    hours: tuple[tuple[date, Decimal], ...] = ()
    opened: dict[tuple[int, int], tuple[date, ...]] = field(default_factory=dict)
    leaves: tuple[tuple[date, date | None], ...] = ()
    decided: tuple[Decided, ...] = ()
