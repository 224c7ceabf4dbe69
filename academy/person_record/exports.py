"""Asking for everything about one person: who may, the task that makes the file, and its end after some days."""

import os
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.doors import BANK, PERSON
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, Work, ask, register_job
from academy.jobs.made_files import let_file_go
from academy.journal import record, register_action
from academy.models import Job, PersonExport, Role, User
from academy.notices.inbox import notify, register_notice
from academy.person_record.archive import write_record
from academy.staff.access import people_visible_to

EXPORT = register_action("academy.export_person", _("Everything about a person exported"))
READY = register_notice(
    "academy.record_ready",
    title=_("The file with the record of %(who)s is ready"),
    text=_("It can be downloaded until %(until)s."),
    icon="download",
)
OWN_READY = register_notice(
    "academy.own_record_ready",
    title=_("The file with everything kept about you is ready"),
    text=_("It can be downloaded until %(until)s."),
    icon="download",
)
# Who may hand out everything about a person, answers and papers included.
EXPORTERS = (Role.HR, Role.ADMINISTRATOR)


def export_refusal(*, viewer: User, person: User, on: date) -> Any:
    """Why the viewer may not have everything about the person, or None. One's own record is one's own."""
    if person.is_erased:
        return _("The data of this person are erased.")
    if not viewer.is_active:
        return _("You may read this, not change it.")
    if viewer.pk == person.pk or people_visible_to(viewer, on, EXPORTERS).filter(pk=person.pk).exists():
        return None
    return _("This person is not in your part of the bank.")


@transaction.atomic
def request_record(*, person: User, requested_by: User, now: datetime) -> PersonExport:
    """Queues the file and journals who asked. One that is being made is given back. Raises ``RuleViolation``."""
    refusal = export_refusal(viewer=requested_by, person=person, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    mine = PersonExport.objects.filter(person=person, requested_by=requested_by)
    # One at a time: whoever asks twice in the same moment waits here for the first.
    User.objects.select_for_update().get(pk=requested_by.pk)
    going = mine.filter(job__state__in=Job.GOING).first()
    if going is not None:
        return going
    for old in mine.exclude(job__file="").select_related("job"):
        let_file_go(old.job)
    made = PersonExport.objects.create(
        person=person, requested_by=requested_by, requested_at=now, job=ask(kind=RECORD, asked_by=requested_by, now=now)
    )
    record(EXPORT, now=now, actor=requested_by, about=made, person=person, after={"own": made.own})
    return made


def _make(work: Work) -> None:
    """Makes one file; a killed run starts again. Whoever lost the right since they asked gets nothing."""
    export, now = work.row, timezone.now()
    refusal = export_refusal(viewer=export.requested_by, person=export.person, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    with work.part.open("wb") as file:
        write_record(
            target=file,
            person=export.person,
            reader=PERSON if export.own else BANK,
            language=export.requested_by.language or settings.LANGUAGE_CODE,
            now=now,
            progress=work.progress,
        )
        file.flush()
        os.fsync(file.fileno())


def _tell_ready(work: Work, now: datetime) -> None:
    export = work.row
    notify(
        person=export.requested_by,
        kind=OWN_READY if export.own else READY,
        event=f"record:{export.pk}",
        now=now,
        path=_page(work.job),
        facts={"who": str(export.person), "until": local_day(work.job.kept_until or now).isoformat()},
    )


def _page(job: Job) -> str:
    export = job.academy_personexport
    return reverse("my_record") if export.own else reverse("wagtailusers_users:record_export", args=[export.uuid])


RECORD = register_job(
    JobKind(
        "academy.person_record",
        label=_("Everything about one person"),
        carry_out=_make,
        model=PersonExport,
        queue="exports",
        suffix=".zip",
        keep=lambda: timedelta(days=settings.RECORD_EXPORT_DAYS),
        page=_page,
        ended=_tell_ready,
        told=lambda job: True,
    )
)


def may_download(*, export: PersonExport, viewer: User, now: datetime) -> bool:
    """For who asked, while it is kept and while they still may see the person."""
    job = export.job
    ready = job is not None and bool(job.file) and job.kept_until is not None and now < job.kept_until
    mine = export.requested_by_id == viewer.pk
    return ready and mine and export_refusal(viewer=viewer, person=export.person, on=local_day(now)) is None
