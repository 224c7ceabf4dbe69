"""Entries that the academy did not record stay unsealed: the log, the auditors and the administrators hear of them."""

import logging
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.journal.marks import Fault
from academy.models import JournalEntry, Role, RoleGrant
from academy.notices.inbox import Telling, notify_many, register_notice

logger = logging.getLogger(__name__)
UNPROVEN = register_notice(
    "academy.journal_unproven",
    title=_("Entries in the journal that the academy did not record: %(count)s"),
    text=_(
        "They were put into the database, or changed there, without going through the academy. They are "
        "not sealed and prove nothing; the journal shows them, and manage.py verify_journal names each."
    ),
    icon="warning",
    required=True,
    urgent=True,
)


def raise_alarm(unproven: list[tuple[JournalEntry, Fault]], *, now: datetime) -> None:
    """Told once a day, and at once when there is another entry."""
    newest, fault = unproven[-1]
    logger.error("%s journal entries are not proven, the newest is %s: %s", len(unproven), newest.pk, fault.value)
    today = local_day(now)
    told = (
        RoleGrant.objects.current()
        .in_force(today)
        .filter(role__in=(Role.AUDITOR, Role.ADMINISTRATOR), branch__parent=None, person__is_active=True)
    )
    path = f"{reverse('journal:index')}?state=unproven"
    people = sorted(set(told.values_list("person", flat=True)))
    tellings = [Telling(person, f"{newest.pk}:{today}", {"count": len(unproven)}, path) for person in people]
    notify_many(kind=UNPROVEN, tellings=tellings, now=now)
