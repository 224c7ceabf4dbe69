"""A load that came quietly is opened: how many notices that sends is counted first, by a task, and shown."""

from datetime import date, datetime
from functools import partial
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.doors import by_name
from academy.duties.reminding import reminders_due
from academy.jobs.carrying import JobKind, Work, ask, begin_again, register_job
from academy.journal import record, register_action
from academy.models import ImportRun, Job, User

OPEN = register_action("academy.open_load", _("Quiet load opened: its people are notified from now on"))
CHUNK = 2_000


def quiet_people(run: ImportRun) -> QuerySet[User]:
    """Whom the file brought and who are told nothing yet."""
    return User.objects.filter(quiet_load=run).order_by("pk")


def _count(work: Work) -> dict[str, Any]:
    """How many notices would go out today. Counted anew where the work is taken up again."""
    run = ImportRun.objects.get(pk=work.job.details["run"])
    today = local_day(timezone.now())
    everybody = list(quiet_people(run).values_list("pk", flat=True))
    notices = done = 0
    for chunk in batched(everybody, CHUNK):
        notices += len(reminders_due(list(chunk), today))
        done += len(chunk)
        work.progress(done, len(everybody))
    return {"notices": notices, "people": len(everybody), "day": today.isoformat()}


def _page(job: Job) -> str:
    return reverse("imports:opening", args=[ImportRun.objects.get(pk=job.details["run"]).uuid])


COUNTING = register_job(
    JobKind("academy.count_notices", label=_("Counting the notices of a load"), carry_out=_count, page=_page)
)


def ask_for_count(*, run: ImportRun, asked_by: User, now: datetime) -> Job:
    """The count of today; one of an earlier day is made anew."""
    job = ask(kind=COUNTING, asked_by=asked_by, now=now, name=run.file_name, details={"run": run.pk}, once=_key(run))
    if not job.is_going and job.result.get("day") != local_day(now).isoformat():
        begin_again(job, now=now)
    return job


def count_of(run: ImportRun, today: date) -> Job | None:
    """The work that counts, or has counted today."""
    job = Job.objects.filter(once=_key(run)).first()
    return job if job is not None and (job.is_going or job.result.get("day") == today.isoformat()) else None


def _key(run: ImportRun) -> str:
    return f"count notices of load {run.pk}"


@transaction.atomic
def open_load(*, run: ImportRun, now: datetime, actor: User) -> int:
    """Its people are told what stands today, and whatever comes, from now on. Returns how many people."""
    people = list(quiet_people(run).select_for_update().values_list("pk", flat=True))
    if not people:
        return 0
    for chunk in batched(people, CHUNK):
        User.objects.filter(pk__in=chunk).update(quiet_load=None)
    record(OPEN, now=now, actor=actor, about=run, after={"file": run.file_name, "people": len(people)})
    transaction.on_commit(partial(_tell, people))
    return len(people)


def _tell(people: list[int]) -> None:
    task = by_name("academy.duties.tasks.remind_people_task")
    for chunk in batched(people, CHUNK):
        task.enqueue(list(chunk))
