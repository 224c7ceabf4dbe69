"""What follows from a result that stands: upper floors are told after it is committed, in a transaction of their own, and
the clock tells them again until they have taken it.

A fault there never undoes the result. The row says with ``followed_up_at`` whether it went through; a rule that changes
the result empties it.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.db.models.query import QuerySet

from academy.calendar.turns import Turns, register_turns

logger = logging.getLogger(__name__)


def note_followed_up(row: Any, now: datetime) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(followed_up_at=now)


def _always(row: Any) -> bool:
    return True


@dataclass(frozen=True)
class FollowUps[Row: Model]:
    """``waiting`` gives the rows from which nothing has followed yet, ``tell`` sends their signal, ``note`` writes into
    the row that it went through, ``counts`` says whether anything follows from a row now, and ``within`` is the block
    in which both tell and note."""

    turns: Turns
    waiting: Callable[[], QuerySet[Row, Any]]
    tell: Callable[[Row, datetime], object]
    note: Callable[[Row, datetime], None]
    counts: Callable[[Row], bool]
    within: Callable[[], AbstractContextManager[object]]

    def after_commit(self, row: Row, *, now: datetime) -> None:
        transaction.on_commit(lambda: self.at_once(row, now=now))

    def at_once(self, row: Any, *, now: datetime) -> bool:
        """Whether it went through, now or before; False, and no fault, while nothing follows from the row."""
        if row.followed_up_at is not None:
            return True
        try:
            return self._follow(row, now)
        except Exception:
            logger.exception("%s: row %s failed; the next tick repeats it", self.turns.name, row.pk)
            return False

    def repeat(self, *, now: datetime) -> int:
        """The minute's pass: what did not go through, in the order of ``waiting``. Returns how many went through."""
        return self.turns.one_by_one(self.waiting(), lambda row: self._follow(row, now), now=now)

    def _follow(self, row: Any, now: datetime) -> bool:
        if not self.counts(row):
            return False
        with transaction.atomic(), self.within():
            self.tell(row, now)
            self.note(row, now)
        row.followed_up_at = now
        return True


def register_follow_ups[Row: Model](
    name: str,
    *,
    label: Any,
    model: type[Row],
    waiting: Callable[[], QuerySet[Row, Any]],
    tell: Callable[[Row, datetime], object],
    note: Callable[[Row, datetime], None] = note_followed_up,
    counts: Callable[[Row], bool] = _always,
    within: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> FollowUps[Row]:
    return FollowUps(register_turns(name, label=label, model=model), waiting, tell, note, counts, within)
