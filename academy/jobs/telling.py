"""What people are told when long work stops: who asked hears of it, and the administrators where it was given up."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.jobs.carrying import JOB_KINDS
from academy.models import Job, Role, RoleGrant, User
from academy.notices.inbox import notify, register_notice
from academy.staff.access import people_visible_to

STOPPED = register_notice(
    "academy.job_stopped",
    title=_("%(what)s: stopped"),
    text=_("It could not be carried out. Its page says why, and there it can be tried again."),
    icon="warning",
)
GIVEN_UP = register_notice(
    "academy.given_up",
    title=_("Given up after several tries: %(what)s"),
    text=_("It stopped because of a system fault. An administrator looks at what happened and tries it again."),
    icon="warning",
    required=True,
)


def label_of(kind: str) -> Any:
    return JOB_KINDS[kind].label if kind in JOB_KINDS else kind


def page_of(job: Job) -> str:
    """Where the work is looked at by who asked for it."""
    kind = JOB_KINDS.get(job.kind)
    return kind.page(job) if kind is not None and kind.page is not None else reverse("jobs:job", args=[job.uuid])


def tell_stopped(job: Job, *, now: datetime) -> None:
    what = in_every_language(label_of(job.kind))
    event = f"job:{job.pk}:{now.isoformat()}"
    if job.asked_by is not None and job.asked_by.is_active:
        notify(person=job.asked_by, kind=STOPPED, event=event, now=now, facts={"what": what}, path=page_of(job))
    if job.given_up_at is not None:
        alarm(what=what, event=event, path=reverse("jobs:job", args=[job.uuid]), now=now)


def administrators(now: datetime) -> Any:
    """Who looks after the whole installation."""
    grants = RoleGrant.objects.current().in_force(local_day(now))
    return User.objects.filter(
        is_active=True, pk__in=grants.filter(role=Role.ADMINISTRATOR, branch__parent=None).values("person")
    )


def alarm(*, what: Any, event: str, path: str, now: datetime) -> None:
    for person in administrators(now):
        notify(person=person, kind=GIVEN_UP, event=event, now=now, facts={"what": what}, path=path)


def sees_everything(user: User, now: datetime) -> bool:
    """Administrators of the whole bank, whoever asked."""
    return user.is_superuser or administrators(now).filter(pk=user.pk).exists()


def jobs_visible_to(user: User, now: datetime) -> Any:
    """One's own; HR's and administrators' those of their part of the bank; the whole bank's also what nobody asked for."""
    today = local_day(now)
    own = Job.objects.filter(asked_by=user)
    people = people_visible_to(user, today, (Role.HR, Role.ADMINISTRATOR))
    return (
        Job.objects.all() if sees_everything(user, now) else own | Job.objects.filter(asked_by__in=people.values("pk"))
    )
