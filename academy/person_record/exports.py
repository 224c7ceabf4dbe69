"""Asking for everything about one person: who may, the task that makes the file, and its end after some days."""

import hashlib
import logging
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.access import people_visible_to
from academy.clock import local_day
from academy.doors import BANK, PERSON
from academy.errors import RuleViolation
from academy.journal import record, register_action
from academy.models import PersonExport, Role, User
from academy.notices import notify, register_notice
from academy.person_record.archive import write_record

logger = logging.getLogger(__name__)
EXPORT = register_action("academy.export_person", _("Everything about a person exported"))
READY = register_notice(
    "academy.record_ready",
    title=_("The file with the record of %(who)s is ready"),
    text=_("It can be downloaded until %(until)s."),
    icon="download",
)
# Who may hand out everything about a person, answers and papers included.
EXPORTERS = (Role.HR, Role.ADMINISTRATOR)
STALE = timedelta(minutes=12)


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
    from academy.tasks import export_person_task

    refusal = export_refusal(viewer=requested_by, person=person, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    mine = PersonExport.objects.filter(person=person, requested_by=requested_by)
    going = mine.filter(state__in=PersonExport.GOING).first()
    if going is not None:
        return going
    for old in mine.filter(state=PersonExport.State.READY):
        let_go(export=old)
    made = PersonExport.objects.create(person=person, requested_by=requested_by, requested_at=now, touched_at=now)
    record(EXPORT, now=now, actor=requested_by, about=made, person=person, after={"own": made.own})
    transaction.on_commit(lambda: export_person_task.enqueue(made.pk))
    return made


def file_of(export: PersonExport) -> Path:
    return Path(settings.PRIVATE_ROOT) / "records" / f"{export.uuid}.zip"


def run_record_export(*, export_id: int) -> str:
    """Makes one file. Idempotent: a killed run starts again, a finished one stands. Returns the state."""
    export = PersonExport.objects.select_related("person", "requested_by").get(pk=export_id)
    if not export.is_going:
        return export.state
    target = file_of(export)
    partial = target.with_suffix(".part")
    target.parent.mkdir(parents=True, exist_ok=True)

    def progress(done: int, total: int) -> None:
        _set(export, state=PersonExport.State.RUNNING, done=done, total=total, touched_at=timezone.now())

    try:
        # Whoever lost the right since they asked gets nothing.
        refusal = export_refusal(viewer=export.requested_by, person=export.person, on=local_day(timezone.now()))
        if refusal:
            raise RuleViolation(refusal)
        with partial.open("wb") as file:
            partial.chmod(0o600)
            write_record(
                target=file, person=export.person, reader=PERSON if export.own else BANK,
                language=export.requested_by.language or settings.LANGUAGE_CODE, now=timezone.now(), progress=progress,
            )  # fmt: skip
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except Exception as fault:
        partial.unlink(missing_ok=True)
        _set(export, state=PersonExport.State.FAILED, problem=str(fault)[:500], finished_at=timezone.now())
        logger.exception("the record export %s failed", export.uuid)
        return PersonExport.State.FAILED
    now = timezone.now()
    until = now + timedelta(days=settings.RECORD_EXPORT_DAYS)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    _set(
        export, state=PersonExport.State.READY, finished_at=now, expires_at=until, digest=digest,
        size=target.stat().st_size, touched_at=now,
    )  # fmt: skip
    path = reverse("my_record") if export.own else reverse("wagtailusers_users:record_export", args=[export.uuid])
    notify(
        person=export.requested_by, kind=READY, event=f"record:{export.pk}", now=now, path=path,
        facts={"who": str(export.person), "until": local_day(until).isoformat()},
    )  # fmt: skip
    return PersonExport.State.READY


def _set(export: PersonExport, **values: Any) -> None:
    PersonExport.objects.filter(pk=export.pk).update(**values)


def may_download(*, export: PersonExport, viewer: User, now: datetime) -> bool:
    """For who asked, while it is kept and while they still may see the person."""
    ready = export.state == PersonExport.State.READY and export.expires_at is not None and now < export.expires_at
    mine = export.requested_by_id == viewer.pk
    return ready and mine and export_refusal(viewer=viewer, person=export.person, on=local_day(now)) is None


def let_go(*, export: PersonExport) -> None:
    """The file goes, the line that it was made stays. Idempotent."""
    _set(export, state=PersonExport.State.GONE)
    transaction.on_commit(lambda: file_of(export).unlink(missing_ok=True))


def forget_expired(*, now: datetime) -> int:
    """The daily pass: files whose days are over. Returns how many."""
    expired = list(PersonExport.objects.filter(state=PersonExport.State.READY, expires_at__lte=now))
    for export in expired:
        let_go(export=export)
    return len(expired)


def resume_exports(*, now: datetime) -> int:
    """The minute's pass: takes up what a killed worker left lying. Returns how many."""
    from academy.tasks import export_person_task

    stale = list(PersonExport.objects.filter(state__in=PersonExport.GOING, touched_at__lt=now - STALE))
    for export in stale:
        _set(export, touched_at=now)
        export_person_task.enqueue(export.pk)
    return len(stale)
