"""The daily passes: each once a bank-local day, as a job that a worker carries out, so that the clock never waits."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import DAILY_PASSES, daily_pass_is_due, end_lease, local_day
from academy.jobs.carrying import JobKind, Work, ask, register_job
from academy.models import Job

KEPT = timedelta(days=30)


def ask_for_daily_passes(*, now: datetime, call: bool = True) -> Iterator[Job]:
    """The jobs of the passes that are due today; asked for once, however often this is called."""
    today = local_day(now)
    for name in DAILY_PASSES:
        if daily_pass_is_due(name, today=today):
            yield ask(
                kind=DAILY,
                asked_by=None,
                now=now,
                name=name,
                details={"day": str(today)},
                once=f"{name} {today}",
                call=call,
            )


def _carry_out(work: Work) -> dict[str, Any]:
    """A pass of a day that is over is not made up for: today's does it."""
    now, name = timezone.now(), work.job.what
    today = local_day(now)
    if name not in DAILY_PASSES or date.fromisoformat(work.job.details["day"]) < today:
        return {"passed": False}
    DAILY_PASSES[name](now, today)
    end_lease(name, now=now, day=today)
    return {"passed": True}


def forget_old_passes(*, now: datetime) -> int:
    """Passes of long ago go, but for those that were given up. Returns how many."""
    return Job.objects.filter(kind=DAILY, state=Job.State.DONE, finished_at__lt=now - KEPT).delete()[0]


DAILY = register_job(JobKind("academy.daily", label=_("Daily pass"), carry_out=_carry_out, queue="default"))
