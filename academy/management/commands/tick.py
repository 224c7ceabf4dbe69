"""The clock: each minute's passes and, with the first tick of a bank-local day, the daily ones."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from academy.clock import DAILY_PASSES, MINUTE_PASSES, daily_pass_is_due, end_lease, local_day, take_lease

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Runs what is due now; with --loop once a minute until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true")
        parser.add_argument("--seconds", type=int, default=60)

    def handle(self, *args: Any, loop: bool, seconds: int, **options: Any) -> None:
        if not loop:
            run_passes()
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            run_passes()
            stop.wait(seconds)


def run_passes() -> None:
    """One fault in one pass is logged and holds up no other."""
    now = timezone.now()
    today = local_day(now)
    for name, minute_pass in MINUTE_PASSES.items():
        _run(name, now, lambda call=minute_pass: call(now), None)
    for name, daily_pass in DAILY_PASSES.items():
        if daily_pass_is_due(name, today=today):
            _run(name, now, lambda call=daily_pass: call(now, today), today)


def _run(name, now, call, day) -> None:
    if not take_lease(name, now=now):
        return
    try:
        call()
    except Exception:
        logger.exception("pass %s failed; the next tick repeats it", name)
        end_lease(name, now=now)
    else:
        end_lease(name, now=now, day=day)
