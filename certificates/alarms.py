"""A stored document that is missing or altered: the log and the administrators hear of it, once a day a document."""

import logging
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.access import answering_for
from academy.bilingual import in_every_language
from academy.clock import local_day
from academy.models import Role
from academy.notices import notify, register_notice
from certificates.models import Certificate
from certificates.storage import ALTERED, DocumentFault

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
PROBLEMS = {ALTERED: _("altered"), "missing": _("missing")}


def raise_alarm(*, certificate: Certificate, fault: DocumentFault, now: datetime) -> None:
    """Tells the administrators who answer for the holder, and HR where there are none."""
    logger.error("certificate %s: %s", certificate.serial, fault)
    today = local_day(now)
    people = list(answering_for([certificate.person], today, [Role.ADMINISTRATOR]))
    for person in people or answering_for([certificate.person], today, [Role.HR]):
        notify(
            person=person, kind=ALARM, event=f"{certificate.serial}:{fault.problem}:{today}", now=now,
            facts={"serial": certificate.serial, "problem": in_every_language(PROBLEMS[fault.problem])},
            path=reverse("register:certificate", args=[certificate.pk]),
        )  # fmt: skip
