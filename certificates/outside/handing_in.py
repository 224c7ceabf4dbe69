"""A document handed in: by the person, or for the person by who answers for them. It counts once another has checked it."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Employment, Role, User
from academy.staff.access import people_visible_to
from certificates.models import OutsideDocument, OutsideDocumentKind
from certificates.outside.scans import forget_scan

HAND_IN = register_action("certificates.hand_in_document", gettext_lazy("Outside document handed in"))
WITHDRAW = register_action("certificates.withdraw_document", gettext_lazy("Outside document withdrawn"))
# Who checks documents of the people of a part of the bank, and may hand one in for them.
CHECKERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
# So many of one person may wait at a time: a phone that sends again and again fills no disk.
MOST_WAITING = 20


@transaction.atomic
def hand_in(
    *,
    kind: OutsideDocumentKind,
    person: User,
    number: str,
    issuer: str,
    issued_on: date,
    valid_through: date | None,
    scan: tuple[str, str] | None,
    actor: User,
    now: datetime,
) -> OutsideDocument:
    """Writes what the document says; ``scan`` is its SHA-256 and kind of file, as ``scans.stored_scan`` gives it.

    Raises ``RuleViolation`` with what to mend, and ``LookupError`` for somebody out of the actor's part of the bank.
    """
    today = local_day(now)
    if actor.pk != person.pk and not people_visible_to(actor, today, CHECKERS).filter(pk=person.pk).exists():
        raise LookupError("not in the actor's part")
    number, issuer = number.strip(), issuer.strip()
    refusal = handing_in_refusal(
        kind=kind,
        person=person,
        number=number,
        issuer=issuer,
        issued_on=issued_on,
        valid_through=valid_through,
        scanned=scan is not None,
        today=today,
    )
    if refusal:
        raise RuleViolation(refusal)
    digest, suffix = scan or ("", "")
    try:
        with transaction.atomic():
            made = OutsideDocument.objects.create(
                kind=kind,
                person=person,
                number=number,
                issuer=issuer,
                issued_on=issued_on,
                valid_through=valid_through if kind.ends else None,
                scan_digest=digest,
                scan_kind=suffix,
                handed_in_by=actor,
                handed_in_at=now,
            )
    except IntegrityError:
        raise RuleViolation(_("This document is handed in already.")) from None
    record(HAND_IN, now=now, actor=actor, about=made, person=person, after={"kind": kind.code, "issued_on": issued_on})
    return made


def handing_in_refusal(
    *,
    kind: OutsideDocumentKind,
    person: User,
    number: str,
    issuer: str,
    issued_on: date,
    valid_through: date | None,
    scanned: bool,
    today: date,
) -> str | None:
    """What is to be mended before it is taken, or None."""
    if not kind.active:
        return _("This kind of document is no longer asked for.")
    if not Employment.objects.current().effective(today).filter(person=person).exists():
        return _("Only documents of current staff are handed in.")
    if kind.number_needed and not number.strip():
        return _("Enter the number on the document.")
    if not issuer.strip():
        return _("Write who issued it.")
    if issued_on > today:
        return _("The day of issue is in the future.")
    if kind.scan_needed and not scanned:
        return _("Add a scan or a photo of the document.")
    if kind.ends and valid_through is None:
        return _("Write its last valid day.")
    if kind.ends and valid_through is not None and valid_through < issued_on:
        return _("Its last valid day is before the day of issue.")
    if kind.ends and valid_through is not None and valid_through < today:
        return _("The document is no longer valid.")
    waiting = OutsideDocument.objects.filter(person=person, state=OutsideDocument.State.WAITING).count()
    return _("Many of your documents wait to be checked already.") if waiting >= MOST_WAITING else None


@transaction.atomic
def withdraw(*, document: OutsideDocument, actor: User, now: datetime) -> None:
    """The person, or who handed it in, takes back what nobody has checked yet. Raises ``RuleViolation``."""
    document = OutsideDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if actor.pk not in (document.person_id, document.handed_in_by_id):
        raise LookupError("not one's own")
    if not document.is_waiting:
        raise RuleViolation(_("It was checked meanwhile."))
    digest, scan_kind = document.scan_digest, document.scan_kind
    document.state, document.scan_kind = OutsideDocument.State.WITHDRAWN, ""
    document.save(update_fields=["state", "scan_kind"])
    if scan_kind:
        forget_scan(digest, scan_kind)
    record(WITHDRAW, now=now, actor=actor, about=document, person=document.person)
