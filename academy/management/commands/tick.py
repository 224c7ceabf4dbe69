"""The clock: each minute's passes and, with the first tick of a bank-local day, the daily ones."""

import logging
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from academy.calendar.clock import MINUTE_PASSES, end_lease, take_lease
from academy.errors.outage import database_is_away, pauses
from academy.jobs.carrying import carry_out
from academy.jobs.daily import ask_for_daily_passes
from academy.models import ProcessBeat
from academy.operations.beats import CLOCK, SILENT, WORKER, Heart
from academy.operations.ending import Ending, GivenBack
from academy.operations.whole import WholeCommand

logger = logging.getLogger(__name__)

# Passes whose lease could not be ended, since the database went away in the middle of them.
UNFINISHED: set[str] = set()


class Command(WholeCommand):
    help = "Runs what is due now; with --loop once a minute until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true")
        parser.add_argument("--seconds", type=int, default=60)
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, loop: bool, seconds: int, name: str, **options: Any) -> None:
        if not loop:
            run_passes(by_hand=True)
            return
        ending = Ending()
        ending.listen()
        with Heart(CLOCK, name) as heart:
            self._loop(heart, ending, seconds)

    def _loop(self, heart: Heart, ending: Ending, seconds: int) -> None:
        """Outlives an outage of the database: what it interrupted runs again as soon as the database is back."""
        pause = pauses()
        while not ending.stopping:
            close_old_connections()
            try:
                with heart.busy("passes"), ending.in_hand():
                    run_passes()
            except GivenBack:
                connection.close()
                _end_unfinished()
            except Error as fault:
                if database_is_away(fault):
                    logger.warning("the database is away, the clock waits for it: %s", str(fault).strip())
                else:
                    logger.exception("the passes were interrupted")
                connection.close()
                ending.wait(next(pause))
            else:
                pause = pauses()
                ending.wait(seconds)


def run_passes(*, by_hand: bool = False) -> None:
    """One fault in one pass is logged and holds up no other; an outage of the database holds up all.

    The daily passes are a worker's, but for those that are run by hand where no worker is.
    """
    _end_unfinished()
    now = timezone.now()
    for name, minute_pass in MINUTE_PASSES.items():
        _run(name, now, lambda call=minute_pass: call(now))
    here = by_hand and not _a_worker_lives(now)
    for job in list(ask_for_daily_passes(now=now, call=not here)):
        if here:
            carry_out(job_id=job.pk)


def _run(name, now, call) -> None:
    if not take_lease(name, now=now):
        return
    UNFINISHED.add(name)
    try:
        call()
    except Exception as fault:
        if database_is_away(fault):
            raise
        logger.exception("pass %s failed; the next tick repeats it", name)
    end_lease(name, now=now)
    UNFINISHED.discard(name)


def _a_worker_lives(now: datetime) -> bool:
    return ProcessBeat.objects.filter(kind=WORKER, beaten_at__gt=now - SILENT, beaten_at__lt=now + SILENT).exists()


def _end_unfinished() -> None:
    for name in sorted(UNFINISHED):
        end_lease(name, now=timezone.now())
        UNFINISHED.discard(name)
