"""A document that is missing or altered, in the store or in its row: the log and the administrators hear of it, once a day a document."""

import logging
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.models import Role
from academy.notices.inbox import notify, register_notice
from academy.staff.access import answering_for
from certificates.document.storage import ALTERED, DocumentFault
from certificates.models import Certificate

logger = logging.getLogger(__name__)
ALARM = register_notice(
    "certificates.document_fault",
    title=_("The stored certificate %(serial)s is %(problem)s"),
    text=_(
        "It is not handed out. Fetch the file from the backup; manage.py verify_documents names every such document."
    ),
    icon="warning",
    required=True,
    urgent=True,
)
CHANGED = register_notice(
    "certificates.row_fault",
    title=_("What certificate %(serial)s says was changed in the database"),
    text=_(
        "It is not confirmed to anybody. Restore the row from the backup; manage.py verify_journal names "
        "every such row."
    ),
    icon="warning",
    required=True,
    urgent=True,
)
PROBLEMS = {ALTERED: _("altered"), "missing": _("missing")}


def raise_alarm(*, certificate: Certificate, fault: DocumentFault, now: datetime) -> None:
    """Tells the administrators who answer for the holder, and HR where there are none."""
    logger.error("certificate %s: %s", certificate.serial, fault)
    _tell(certificate, ALARM, fault.problem, now, problem=in_every_language(PROBLEMS[fault.problem]))


def raise_alarm_of_row(*, certificate: Certificate, now: datetime) -> None:
    """The same for a certificate whose own text was changed in the database."""
    logger.error("certificate %s: its snapshot does not fit the digest of its issue", certificate.serial)
    _tell(certificate, CHANGED, "snapshot", now)


def _tell(certificate: Certificate, kind: str, event: str, now: datetime, **facts: Any) -> None:
    today = local_day(now)
    people = list(answering_for([certificate.person], today, [Role.ADMINISTRATOR]))
    for person in people or answering_for([certificate.person], today, [Role.HR]):
        notify(
            person=person,
            kind=kind,
            event=f"{certificate.serial}:{event}:{today}",
            now=now,
            facts={"serial": certificate.serial, **facts},
            path=reverse("register:certificate", args=[certificate.pk]),
        )
