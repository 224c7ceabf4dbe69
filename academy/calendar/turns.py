"""Passes over many rows, oldest first, in which a row that raises is set aside and holds up no other.

``register_turns`` names a pass, ``one_by_one`` gives each row its turn, and ``together`` many at once, where that costs
less: of a batch that raises the halves are tried, down to the rows that raise. Such a row waits for its next turn: the
second comes after a minute, then after two, four and so on; after the last one it is given up, the administrators hear of
it, and they can let it have its turns again. Their page names what is set aside.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, Model, OuterRef, Q
from django.db.models.query import QuerySet
from django.urls import reverse

from academy.bilingual import in_every_language
from academy.doors import by_name
from academy.errors.outage import database_is_away
from academy.models import FailedTurn

logger = logging.getLogger(__name__)
TRIES = 10
LONGEST = timedelta(hours=4)
BATCH = 200
# So many that failed before get a turn in one pass, beside those that never did.
AGAIN = 50
# Where so many raise in one pass the fault is the pass's: it is broken off, and its next run finds them set aside.
MOST_SET_ASIDE = 200


def wait_after(tries: int) -> timedelta:
    """How long a row waits after so many turns that raised."""
    return min(timedelta(minutes=2 ** (tries - 1)), LONGEST)


@dataclass(frozen=True)
class Turns:
    """A pass whose rows have turns. Rows that never failed come first, then those whose wait is over.

    ``rows`` of both methods are those that wait, or a part of ``whole``: what left those does not stay set aside.
    """

    name: str
    label: Any
    model: type[Model]
    tries: int = TRIES

    def one_by_one[Row: Model](
        self,
        rows: QuerySet[Row, Any],
        act: Callable[[Row], Any],
        *,
        now: datetime,
        most: int | None = BATCH,
        whole: QuerySet | None = None,
    ) -> int:
        """Calls ``act`` for each row in its order, and returns for how many it said something true."""
        pass_ = _Pass(self, now)
        done = sum(pass_.give([row], lambda some: bool(act(some[0]))) for row in pass_.fresh(rows)[:most])
        for row in pass_.due_again(rows):
            done += pass_.give([row], lambda some: bool(act(some[0])))
        pass_.let_go(rows if whole is None else whole)
        return done

    def together[Row: Model](
        self,
        rows: QuerySet[Row, Any],
        act: Callable[[list[Row]], int | None],
        *,
        now: datetime,
        size: int,
        most: int | None = None,
        whole: QuerySet | None = None,
        step: Callable[[list[Row]], Any] = lambda batch: None,
    ) -> int:
        """Calls ``act`` for so many rows at once in the order of their keys, ``step`` after each batch; returns the sum.

        ``act`` is idempotent: what it did before it raised it does again for the halves.
        """
        pass_, done, seen, last = _Pass(self, now), 0, 0, 0
        fresh = pass_.fresh(rows).order_by("pk")
        while most is None or seen < most:
            batch = list(fresh.filter(pk__gt=last)[:size])
            if not batch:
                break
            done += pass_.give(batch, act)
            last, seen = _key(batch[-1]), seen + len(batch)
            step(batch)
        for row in pass_.due_again(rows):
            done += pass_.give([row], act)
        pass_.let_go(rows if whole is None else whole)
        return done


TURNS: dict[str, Turns] = {}


def register_turns(name: str, *, label: Any, model: type[Model], tries: int = TRIES) -> Turns:
    TURNS[name] = Turns(name, label, model, tries)
    return TURNS[name]


class _Pass:
    """One run of a pass: what was set aside when it began, and how much was set aside by it."""

    def __init__(self, turns: Turns, now: datetime) -> None:
        self.turns, self.now, self.count = turns, now, 0
        self.failed = FailedTurn.objects.filter(name=turns.name)
        self.known = {turn.row: turn for turn in self.failed}

    def fresh(self, rows: QuerySet) -> QuerySet:
        return rows.filter(~Exists(self.failed.filter(row=OuterRef("pk"))))

    def due_again(self, rows: QuerySet) -> Iterable[Any]:
        if not self.known:
            return ()
        # A wait longer than the longest is one of a clock that has jumped back since.
        over = Q(next_try_at__lte=self.now) | Q(next_try_at__gt=self.now + LONGEST)
        due = self.failed.filter(over, given_up_at=None, row__in=list(self.known)).order_by("next_try_at")
        return list(rows.filter(pk__in=list(due.values_list("row", flat=True)[:AGAIN])))

    def give(self, rows: list[Any], act: Callable[[list[Any]], int | None]) -> int:
        try:
            with apart():
                done = int(act(rows) or 0)
        except Exception as fault:
            if database_is_away(fault):
                raise
            if len(rows) == 1:
                self._set_aside(_key(rows[0]), fault)
                return 0
            logger.warning("%s: %s rows raised together, their halves are tried: %r", self.turns.name, len(rows), fault)
        else:
            if len(rows) == 1 and _key(rows[0]) in self.known:
                self.failed.filter(row=_key(rows[0])).delete()
            return done
        half = len(rows) // 2
        return sum(self.give(some, act) for some in (rows[:half], rows[half:]))

    def let_go(self, rows: QuerySet) -> None:
        """What went through elsewhere meanwhile, or is no more, does not wait here any longer."""
        if self.known or self.count:
            self.failed.exclude(row__in=rows.values("pk")).delete()

    def _set_aside(self, row: int, fault: Exception) -> None:
        logger.error("%s: row %s raised", self.turns.name, row, exc_info=fault)
        before = self.known.get(row)
        _note(self.turns, row, before, fault, now=self.now)
        self.count += before is None
        if self.count > MOST_SET_ASIDE:
            raise fault


def _key(row: Any) -> int:
    return row if isinstance(row, int) else row.pk


def apart() -> AbstractContextManager[Any]:
    """Inside somebody's transaction a fault must not spoil the rest of it; elsewhere a rule has transactions of its own."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _note(turns: Turns, row: int, before: FailedTurn | None, fault: Exception, *, now: datetime) -> None:
    tries = before.tries + 1 if before is not None else 1
    over = tries >= turns.tries
    with transaction.atomic():
        FailedTurn.objects.update_or_create(
            name=turns.name,
            row=row,
            defaults={
                "tries": tries,
                "problem": type(fault).__name__,
                "failed_at": now,
                "next_try_at": None if over else now + wait_after(tries),
                "given_up_at": now if over else None,
            },
        )
        if over:
            # One alarm a day and pass, however many rows: the page has them all.
            event = f"turn:{turns.name}:{now:%Y-%m-%d}"
            path = f"{reverse('jobs:index')}?state=turns"
            by_name("academy.jobs.telling.alarm")(what=in_every_language(turns.label), event=event, path=path, now=now)


def set_aside() -> QuerySet[FailedTurn]:
    """Given up first, then what waits for its next turn."""
    return FailedTurn.objects.order_by(F("given_up_at").desc(nulls_last=True), "-failed_at", "-pk")


def given_up() -> QuerySet[FailedTurn]:
    return FailedTurn.objects.filter(given_up_at__isnull=False)


def forget_failures() -> None:
    """Everything that waits has a turn at once; for whoever heals by hand."""
    FailedTurn.objects.all().delete()


def let_try_again(*, now: datetime) -> int:
    """By hand: what was given up has its turns again, and what waits has its next one now. Returns how many."""
    given_up().update(tries=0, given_up_at=None)
    return FailedTurn.objects.update(next_try_at=now)
