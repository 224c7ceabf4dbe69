"""Issue: a numbered document, frozen. The row exists before its PDF; a failed rendering never frees a number."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import ask_for, local_day
from academy.calendar.turns import register_turns
from academy.doors import by_name
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Posting, User
from academy.notices.inbox import notify, register_notice
from academy.requests.prepared_writes import PreparedInsert
from academy.requests.written_together import write_now
from certificates.document import DocumentContent, missing_characters, render_certificate, storage
from certificates.document.codes import new_code
from certificates.models import Certificate, CertificateDesign, Certification, CertificationTrack, SerialCounter
from certificates.models.documents import digest_of_snapshot

logger = logging.getLogger(__name__)
RENDERING, RENDERED_AT_ONCE = "render what waits", 50
RENDERINGS = register_turns(RENDERING, label=_("Rendering a certificate"), model=Certificate)

ISSUE = register_action("certificates.issue", _("Certificate issued"))
REISSUE = register_action("certificates.reissue", _("Certificate reissued"))
STORE = register_action("certificates.store", _("Document stored"))
READY = register_notice(
    "certificate_ready",
    title=_("Your certificate: %(level)s"),
    text=_("You hold %(level)s from %(from)s. The certificate %(serial)s is ready to download."),
    icon="award",
    required=True,
)
# The next number of a prefix, one after the other: the row is locked from here to the end of the transaction.
COUNT = f"""
INSERT INTO {SerialCounter._meta.db_table} (prefix, last) VALUES (%s, 1)
ON CONFLICT (prefix) DO UPDATE SET last = {SerialCounter._meta.db_table}.last + 1 RETURNING last, {{key}}
"""  # noqa: S608 - names only  # nosec B608
# With the number comes the key of its document, so that the row may wait for the end of the act. SQLite knows none before.
KEY = {"postgresql": f"nextval(pg_get_serial_sequence('{Certificate._meta.db_table}', 'id'))", "sqlite": "NULL"}
NEW = PreparedInsert(Certificate)
NOTICE = {
    "zh-hans": "本证书在持证人于本行任职期间有效，以核验结果为准；不代表岗位聘任。",
    "en": "Valid while the holder serves this bank, as verification shows; it is no appointment to a post.",
}


def blocking_characters(*, certification: Certification, name: str = "") -> list[str]:
    """Characters of the holder's name that no kept font has: they block the issue, and are named."""
    return missing_characters(name or certification.person.display_name)


@dataclass(frozen=True, slots=True)
class SerialNumber:
    """A number that was taken: its counter's prefix, its place there, and the key of its document where that is known."""

    prefix: str
    sequence: int
    key: int | None


def take_number(*, certification: Certification, now: datetime) -> SerialNumber:
    """The next number of the certification's counter, which stays locked to the end of the transaction."""
    prefix = prefix_of(certification.track, _branch_code(certification), local_day(now))
    # The counter is locked last and for one issue only; the lock is what makes the numbers gap-free.
    ((sequence, key),) = write_now(COUNT.format(key=KEY[connection.vendor]), [prefix])
    return SerialNumber(prefix, sequence, key)


@transaction.atomic(savepoint=False)
def issue_certificate(
    *,
    certification: Certification,
    now: datetime,
    issued_by: User | None = None,
    told: bool = True,
    number: SerialNumber | None = None,
) -> Certificate | None:
    """Issues once; returns the certificate that stands. None when the name cannot be printed: HR sees it waiting.

    ``number`` was taken for a certification that was made in this transaction, so that none stands yet.
    """
    standing = None if number is not None else certification.certificates.filter(superseded_by=None).first()
    if standing is not None:
        return standing
    missing = blocking_characters(certification=certification)
    if missing:
        logger.warning("certification %s waits: no font has %s", certification.pk, " ".join(missing))
        return None
    certificate = _number(certification, Certificate.Cause.AWARD, now, issued_by, None, "", number)
    record(
        ISSUE,
        now=now,
        actor=issued_by,
        about=certificate,
        person=certification.person,
        after={"serial": certificate.serial},
        fact=certificate,
        as_written=True,
    )
    if not told or certification.person.quiet_load_id is not None:
        return certificate
    level = certification.track.level
    notify(
        person=certification.person,
        kind=READY,
        event=f"certificate:{certificate.pk}",
        now=now,
        facts={"level": level.names, "from": str(certification.valid_from), "serial": certificate.serial},
        path=reverse("certificates:mine"),
    )
    return certificate


@transaction.atomic
def correct_certificate(*, certificate: Certificate, reason: str, now: datetime, actor: User | None) -> Certificate:
    """Replaces a certificate by one with today's name: a new number and code, and the old one says so.

    Raises ``RuleViolation`` without a reason, for one that was replaced already, or when a character is missing.
    """
    locked = (
        Certificate.objects.select_for_update().select_related("certification__track", "person").get(pk=certificate.pk)
    )
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if locked.erased_at is not None:
        raise RuleViolation(_("The holder's data are erased; nothing can be issued for them."))
    if Certificate.objects.filter(supersedes=locked).exists():
        raise RuleViolation(_("This certificate has been replaced already."))
    missing = blocking_characters(certification=locked.certification)
    if missing:
        raise RuleViolation(_("No font has these characters: %(what)s") % {"what": " ".join(missing)})
    new = _number(locked.certification, Certificate.Cause.CORRECTION, now, actor, locked, reason.strip())
    record(
        REISSUE,
        now=now,
        actor=actor,
        about=new,
        person=locked.person,
        reason=reason.strip(),
        before={"serial": locked.serial},
        after={"serial": new.serial},
        fact=new,
    )
    return new


def take_counters(*, people: Iterable[int], tracks: Iterable[CertificationTrack], now: datetime) -> None:
    """Locks the counters of all documents that one decision may issue, in one order, before it issues the first: of two
    decisions about several branches the second waits, and neither holds what the other needs. Three queries."""
    today = local_day(now)
    posted = Posting.objects.current().effective(today).filter(person__in=list(people), primary=True)
    codes = set(posted.values_list("branch__serial_code", flat=True)) or {"ZH"}
    prefixes = sorted({prefix_of(track, code, today) for track in tracks for code in codes})
    if prefixes:
        SerialCounter.objects.bulk_create([SerialCounter(prefix=prefix) for prefix in prefixes], ignore_conflicts=True)
    list(SerialCounter.objects.select_for_update().filter(prefix__in=prefixes).order_by("prefix"))


def prefix_of(track: CertificationTrack, branch: str, issued_on: date) -> str:
    """What stands before the number: one counter each."""
    head, _brace, _tail = track.serial_pattern.partition("{sequence")
    return head.format(level=track.level.code, year=issued_on.year, branch=branch)


def _branch_code(certification: Certification) -> str:
    return certification.branch.serial_code if certification.branch else "ZH"


def _number(certification, cause, now, issued_by, supersedes, reason, number=None) -> Certificate:
    number = number or take_number(certification=certification, now=now)
    issued_on = local_day(now)
    fields = {"level": certification.track.level.code, "year": issued_on.year, "branch": _branch_code(certification)}
    pattern = certification.track.serial_pattern
    certificate = Certificate(
        pk=number.key,
        certification=certification,
        person=certification.person,
        code=new_code(),
        serial=pattern.format(**fields, sequence=number.sequence),
        prefix=number.prefix,
        sequence=number.sequence,
        cause=cause,
        issued_on=issued_on,
        issued_at=now,
        issued_by=issued_by,
        supersedes=supersedes,
        reason=reason,
    )
    certificate.snapshot = snapshot_of(certificate).to_json()
    certificate.snapshot_digest = digest_of_snapshot(certificate.snapshot)
    if number.key is None:
        NEW.write(certificate)
    else:
        NEW.write_under_key(certificate)
    transaction.on_commit(
        lambda: by_name("certificates.document.tasks.render_certificate_task").enqueue(certificate.pk)
    )
    return certificate


def snapshot_of(certificate: Certificate) -> DocumentContent:
    """Everything the document says, frozen at issue."""
    certification = certificate.certification
    person, level = certification.person, certification.track.level
    return content_of(
        design=certification.track.design or CertificateDesign(),
        holder_name=person.display_name,
        staff_number=person.staff_number,
        level=level.names,
        level_code=level.code,
        serial=certificate.serial,
        valid_from=certification.valid_from,
        valid_through=certification.valid_through,
        issued_on=certificate.issued_on,
        document_number=certification.document_number,
        code=certificate.grouped_code,
        verify_url=f"{settings.BASE_URL}/verify/{certificate.code}/",
        specimen=settings.DEMO,
    )


def content_of(*, design: CertificateDesign, staff_number: str, **facts: Any) -> DocumentContent:
    """A document's content: the design's words and the facts of one award."""

    def fill(wording: str) -> str:
        # Plain replacement: an editor's wording is text and never a format that could fail or reach further.
        return wording.replace("{staff_number}", staff_number)

    return DocumentContent(
        academy={"zh-hans": design.academy_name, "en": design.academy_name_en},
        title={"zh-hans": design.title, "en": design.title_en},
        wording={"zh-hans": fill(design.wording), "en": fill(design.wording_en)},
        issuer={"zh-hans": design.issuer, "en": design.issuer_en},
        notice=NOTICE,
        seal=design.seal,
        design=design.style,
        staff_number=staff_number,
        **facts,
    )


def sample_of(*, design: CertificateDesign, today: date) -> DocumentContent:
    """A certificate of an invented person in a design, for looking at it before anything is issued."""
    return content_of(
        design=design,
        holder_name="欧阳文澜",
        staff_number="100001",
        level={"zh-hans": "客户经理", "en": "Client Manager"},
        level_code="CM2",
        serial=f"CM2-{today.year}-BJCY01-000001",
        valid_from=today,
        valid_through=date(today.year + 1, 12, 31),
        issued_on=today,
        code="0000-0000-0000-0000-0000",
        verify_url=f"{settings.BASE_URL}/verify/",
        specimen=True,
    )


def render_document(*, certificate: Certificate, now: datetime) -> str:
    """Renders and stores the PDF once; returns its digest. Rendering again gives the same bytes; one erased has none.

    Raises ``storage.DocumentFault`` where the snapshot is not as it was issued: nothing false is printed.
    """
    if certificate.pdf_digest or certificate.erased_at is not None:
        return certificate.pdf_digest
    if certificate.is_altered:
        raise storage.DocumentFault(certificate.snapshot_digest, storage.ALTERED)
    data = render_certificate(DocumentContent.from_json(certificate.snapshot))
    digest = storage.store(data)
    with transaction.atomic():
        waiting = Certificate.objects.filter(pk=certificate.pk, pdf_digest="")
        if waiting.update(pdf_digest=digest, pdf_size=len(data), rendered_at=now):
            record(
                STORE,
                now=now,
                actor=None,
                about=certificate,
                person=certificate.person,
                after={"sha256": digest},
                fact=certificate,
            )
    certificate.pdf_digest, certificate.pdf_size, certificate.rendered_at = digest, len(data), now
    return digest


def render_waiting(*, now: datetime, limit: int = RENDERED_AT_ONCE) -> int:
    """Documents whose task was lost. Returns how many were rendered."""
    return RENDERINGS.one_by_one(
        unrendered().order_by("issued_at"),
        lambda certificate: render_document(certificate=certificate, now=now),
        now=now,
        most=limit,
    )


def unrendered() -> QuerySet[Certificate]:
    return Certificate.objects.filter(pdf_digest="", erased_at=None).select_related("certification")


def ask_for_rendering(*, now: datetime) -> None:
    """The minute's pass: a worker is asked for what it did not render within a minute; the clock does not wait for it."""
    if unrendered().filter(issued_at__lte=now - timedelta(minutes=1)).exists():
        ask_for(RENDERING, by_name("certificates.document.tasks.render_waiting_task").enqueue, now=now)


def waiting_for_a_font() -> Any:
    """Certifications without a certificate: a character of the name is in no font."""
    return Certification.objects.filter(certificates=None, person__erasure=None).select_related(
        "person", "track__level"
    )
