"""A document checked by another person, set aside by two when it proves false, and its end told beforehand."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from academy.bilingual import in_every_language, pick
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Employment, Proposal, User
from academy.notices.inbox import Telling, notify_many, register_notice
from academy.staff.access import own_refusal, people_visible_to
from certificates.award.all_met import award_all_met
from certificates.models import OutsideDocument
from certificates.outside.handing_in import CHECKERS

ACCEPT = register_action("certificates.accept_document", gettext_lazy("Outside document accepted"))
REFUSE = register_action("certificates.refuse_document", gettext_lazy("Outside document not accepted"))
SET_ASIDE = register_action("certificates.set_document_aside", gettext_lazy("Outside document set aside"))
CHECKED = register_notice(
    "certificates.document_checked",
    title=gettext_lazy("%(document)s: %(outcome)s"),
    text=gettext_lazy("%(reason)s"),
    icon="doc-full",
)
ENDS = register_notice(
    "certificates.document_ends",
    title=gettext_lazy("%(document)s is valid until %(day)s"),
    text=gettext_lazy("Hand in the new one in time. After that day it no longer counts for a level that asks for it."),
    icon="doc-full",
)
# How long before the last valid day the holder is told, and told again.
TOLD_BEFORE = (60, 14)


def checking_refusal(*, document: OutsideDocument, checker: User, on: date) -> str | None:
    """Why this person may not check it, or None. Nobody checks their own, nor what they handed in themselves."""
    if not document.is_waiting:
        return _("It was checked meanwhile.")
    if refusal := own_refusal(checker, [document.person_id]):
        return refusal
    if checker.pk == document.handed_in_by_id:
        return _("You handed it in yourself: another person checks it.")
    if not people_visible_to(checker, on, CHECKERS).filter(pk=document.person_id).exists():
        return _("Your grant does not allow this for every person named.")
    return None


@transaction.atomic
def check(*, document: OutsideDocument, accepted: bool, reason: str, checker: User, now: datetime) -> OutsideDocument:
    """Accepts it, or says with a reason why not; the person is told. Raises ``RuleViolation``."""
    document = (
        OutsideDocument.objects.select_for_update(of=("self",)).select_related("kind", "person").get(pk=document.pk)
    )
    refusal = checking_refusal(document=document, checker=checker, on=local_day(now))
    if refusal is None and not accepted and not reason.strip():
        refusal = _("Say why, so that the person can put it right.")
    if refusal:
        raise RuleViolation(refusal)
    document.state = OutsideDocument.State.ACCEPTED if accepted else OutsideDocument.State.REFUSED
    document.checked_by, document.checked_at, document.reason = checker, now, reason.strip()[:500]
    document.save(update_fields=["state", "checked_by", "checked_at", "reason"])
    record(
        ACCEPT if accepted else REFUSE,
        now=now,
        actor=checker,
        about=document,
        person=document.person,
        reason=document.reason,
        after={"kind": document.kind.code, "issued_on": document.issued_on},
        fact=document,
    )
    _tell(document, now)
    if accepted:
        award_all_met(person=document.person, now=now)
    return document


def _tell(document: OutsideDocument, now: datetime) -> None:
    outcome = in_every_language(OutsideDocument.State(document.state).label)
    facts = {"document": document.kind.names, "outcome": outcome, "reason": document.reason}
    event = f"{document.pk}:{document.state}"
    notify_many(
        kind=CHECKED, tellings=[Telling(document.person_id, event, facts, reverse("certificates:documents"))], now=now
    )


def propose_setting_aside(*, document: OutsideDocument, reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes that an accepted document counts no longer. What rests on it stands until a person decides."""
    if document.state != OutsideDocument.State.ACCEPTED:
        raise RuleViolation(_("Only an accepted document is set aside."))
    facts = {
        "document": document.pk,
        "kind": document.kind.names,
        "number": document.number,
        "issued_on": document.issued_on.isoformat(),
    }
    return propose(action=SETTING_ASIDE, people=[document.person], facts=facts, reason=reason, actor=actor, now=now)


def _set_aside(*, proposal: Proposal, actor: User, now: datetime) -> None:
    rows = OutsideDocument.objects.select_for_update(of=("self",)).select_related("kind", "person")
    document = rows.get(pk=proposal.facts["document"])
    if document.state != OutsideDocument.State.ACCEPTED:
        raise RuleViolation(_("Only an accepted document is set aside."))
    document.state, document.reason = OutsideDocument.State.SET_ASIDE, proposal.reason
    document.save(update_fields=["state", "reason"])
    record(
        SET_ASIDE,
        now=now,
        actor=actor,
        about=document,
        person=document.person,
        reason=proposal.reason,
        before={"state": "accepted"},
        after={"state": "set_aside"},
        fact=document,
    )
    _tell(document, now)


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    return [
        (pgettext("outside document", "Document"), pick(facts["kind"], get_language() or settings.LANGUAGE_CODE)),
        (_("Number on the document"), facts["number"]),
        (pgettext("a document", "Issued on"), facts["issued_on"]),
    ]


SETTING_ASIDE = register_proposal(
    "certificates.set_document_aside",
    label=gettext_lazy("Set an outside document aside"),
    carry_out=_set_aside,
    describe=_describe,
    undone_by=None,
)


def documents_ending(today: date) -> QuerySet[OutsideDocument]:
    """Accepted documents in their last 60 days, of current staff, with no later one of the kind beside them."""
    later = OutsideDocument.objects.filter(
        person=OuterRef("person"),
        kind=OuterRef("kind"),
        state__in=[OutsideDocument.State.WAITING, OutsideDocument.State.ACCEPTED],
        valid_through__gt=OuterRef("valid_through"),
    )
    working = Employment.objects.current().effective(today).filter(person=OuterRef("person"))
    last = Q(valid_through__gte=today, valid_through__lte=today + timedelta(days=max(TOLD_BEFORE)))
    rows = OutsideDocument.objects.filter(last, Exists(working), ~Exists(later), state=OutsideDocument.State.ACCEPTED)
    return rows.select_related("kind").order_by("pk")


def tell_of_ends(*, now: datetime, today: date) -> int:
    """The daily pass: each holder is told once, and once more shortly before the end. Returns how many documents end."""
    tellings = []
    for document in documents_ending(today):
        assert document.valid_through is not None
        left = (document.valid_through - today).days
        stage = min(days for days in TOLD_BEFORE if left <= days)
        facts = {"document": document.kind.names, "day": document.valid_through.isoformat()}
        tellings.append(Telling(document.person_id, f"{document.pk}:{stage}", facts, document.kind.get_absolute_url()))
    notify_many(kind=ENDS, tellings=tellings, now=now)
    return len(tellings)
