"""Passes over many rows, oldest first, in which a row that raises waits for its next turn and holds up no other.

The second turn comes after a minute, then after two, four and so on; after the last one the row is given up, the
administrators hear of it, and they can let it have its turns again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.query import QuerySet
from django.urls import reverse

from academy.bilingual import in_every_language
from academy.models import FailedTurn

logger = logging.getLogger(__name__)
TRIES = 10
LONGEST = timedelta(hours=4)
BATCH = 200
# So many that failed before get a turn in one pass, beside those that never did.
AGAIN = 50


def wait_after(tries: int) -> timedelta:
    """How long a row waits after so many turns that raised."""
    return min(timedelta(minutes=2 ** (tries - 1)), LONGEST)


def in_turn[Row](
    name: str, rows: QuerySet, act: Callable[[Row], Any], *, label: Any, now: datetime, most: int | None = BATCH,
    tries: int = TRIES,
) -> int:  # fmt: skip
    """Calls ``act`` for each row in its order, and returns for how many it said something true.

    ``rows`` are those that wait; ``most`` None is all of them. Rows that never failed come first, then those whose
    wait is over.
    """
    failed = FailedTurn.objects.filter(name=name)
    known = {turn.row: turn for turn in failed.filter(given_up_at=None)}
    # A wait longer than the longest is one of a clock that has jumped back since.
    over = Q(next_try_at__lte=now) | Q(next_try_at__gt=now + LONGEST)
    again = failed.filter(over, given_up_at=None).order_by("next_try_at").values_list("row", flat=True)[:AGAIN]
    fresh = rows.filter(~Exists(failed.filter(row=OuterRef("pk"))))
    done = 0
    for row in [*fresh[:most], *(rows.filter(pk__in=list(again)) if known else ())]:
        try:
            done += bool(act(row))
        except Exception as fault:
            logger.exception("%s: row %s raised", name, row.pk)
            _note(name, row.pk, known.get(row.pk), fault, label=label, now=now, most=tries)
        else:
            if row.pk in known:
                failed.filter(row=row.pk).delete()
    if known or failed.exists():
        # What went through elsewhere meanwhile does not wait here any more.
        failed.exclude(row__in=rows.values("pk")).delete()
    return done


def _note(
    name: str, row: int, before: FailedTurn | None, fault: Exception, *, label: Any, now: datetime, most: int
) -> None:
    from academy.job_notices import alarm

    tries = before.tries + 1 if before is not None else 1
    over = tries >= most
    with transaction.atomic():
        FailedTurn.objects.update_or_create(
            name=name,
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
            event = f"turn:{name}:{now:%Y-%m-%d}"
            alarm(what=in_every_language(label), event=event, path=f"{reverse('jobs:index')}?state=turns", now=now)


def given_up() -> QuerySet[FailedTurn]:
    return FailedTurn.objects.filter(given_up_at__isnull=False).order_by("-given_up_at", "-pk")


def forget_failures() -> None:
    """Everything that waits has a turn at once; for whoever heals by hand."""
    FailedTurn.objects.all().delete()


def let_try_again(*, now: datetime) -> int:
    """By hand: all that was given up has its turns again. Returns how many."""
    return given_up().update(tries=0, given_up_at=None, next_try_at=now)
