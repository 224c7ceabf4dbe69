"""What an erasure does on this floor: number, code, dates and digests stay as the proof; the name and the PDF go.

Of a certificate a bank keeps what answers "was this issued, and until when was it valid": serial, verification code,
level, dates, SHA-256 of the snapshot and of the file. Whoever holds the file proves by its SHA-256 that it is genuine;
the bank itself can no longer say whose it was.
"""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.doors import ErasureStep, person_erasures
from academy.models import Proposal, User
from academy.person_record.coverage import keep_text
from academy.person_record.erasing import by_hand, emptied, hidden, stays
from academy.person_record.naming import NOBODY, Marks
from certificates.document import storage
from certificates.models import (
    Certificate,
    CertificateExport,
    Certification,
    CertificationEnding,
    CertificationRound,
    Decision,
    ExamOpening,
    OutsideDocument,
    Recommendation,
    RoundApplication,
    RoundObjection,
    RuleVersion,
    TrackAssignment,
    TrackExtension,
)

# The act of the room of outside documents, which stands above this one.
SETTING_ASIDE = "certificates.set_document_aside"


@person_erasures.register
def certificate_steps(person: User, marks: Marks) -> list[ErasureStep]:
    certificates = Certificate.objects.filter(person=person, erased_at=None)
    certifications = Certification.objects.filter(person=person)
    return [
        by_hand(
            "certificates",
            _("Certificates: the holder's name and the PDF; number, code, dates and SHA-256 stay"),
            certificates,
            lambda: _empty_certificates(person, marks, now=timezone.now()),
            "snapshot",
            "reason",
        ),
        hidden(
            "evidence", _("Certifications: names in the evidence"), [(certifications, ("evidence",))], marks, tied=True
        ),
        by_hand(
            "evidence_reasons",
            _("Certifications by a decision: the reason"),
            certifications,
            lambda: _empty_reasons_in_evidence(certifications),
            "evidence",
        ),
        emptied(
            "endings",
            _("Revocations: the reason"),
            CertificationEnding.objects.filter(certification__person=person),
            reason=NOBODY,
        ),
        emptied(
            "decisions", _("Decisions about levels: the reason"), Decision.objects.filter(person=person), reason=NOBODY
        ),
        emptied(
            "recommendations",
            _("Recommendations: what was said"),
            Recommendation.objects.filter(person=person),
            words=NOBODY,
        ),
        by_hand(
            "outside_documents",
            _("Outside documents: number, issuer, reason and scan; kind, dates and SHA-256 stay"),
            OutsideDocument.objects.filter(person=person),
            lambda: _empty_outside_documents(person),
            "number",
            "issuer",
            "reason",
            "scan_kind",
        ),
        emptied(
            "track_extensions",
            _("Due dates of tracks extended: the reason"),
            TrackExtension.objects.filter(assignee__person=person),
            reason=NOBODY,
        ),
        emptied(
            "round_applications",
            _("Applications in rounds: what was said"),
            RoundApplication.objects.filter(person=person).exclude(words=""),
            words=NOBODY,
        ),
        emptied(
            "round_objections",
            _("Objections of the person and against them: what was said"),
            RoundObjection.objects.filter(Q(made_by=person) | Q(application__person=person)),
            words=NOBODY,
        ),
        emptied(
            "round_answers",
            _("Answers to these objections"),
            RoundObjection.objects.filter(Q(made_by=person) | Q(application__person=person)).exclude(answer=""),
            answer=NOBODY,
        ),
        hidden(
            "certificate_texts",
            _("Reasons and searches about others that name the person"),
            [
                (CertificateExport.objects.all(), ("filters",)),
                (Certificate.objects.all(), ("reason",)),
                (CertificationEnding.objects.all(), ("reason",)),
                (Certification.objects.exclude(person=person), ("evidence",)),
                (TrackAssignment.objects.all(), ("note", "withdrawal_reason")),
                (TrackExtension.objects.all(), ("reason",)),
                (RuleVersion.objects.all(), ("note",)),
                (Recommendation.objects.all(), ("words",)),
                (CertificationRound.objects.all(), ("notice", "cancel_reason")),
                (RoundApplication.objects.all(), ("words",)),
                (RoundObjection.objects.all(), ("words", "answer")),
                (OutsideDocument.objects.exclude(person=person), ("number", "issuer", "reason")),
                (Decision.objects.all(), ("reason",)),
            ],
            marks,
        ),
        stays("exam_openings", _("Exams opened"), ExamOpening.objects.filter(person=person)),
        stays("certifications", _("Certifications with their dates"), certifications),
    ]


def _empty_certificates(person: User, marks: Marks, *, now: datetime) -> int:
    certificates = list(Certificate.objects.filter(person=person, erased_at=None))
    for certificate in certificates:
        snapshot: dict[str, Any] = marks.hidden(certificate.snapshot, tied=True)
        certificate.snapshot = {**snapshot, "holder_name": NOBODY, "staff_number": person.pseudonym}
        certificate.erased_at = now
        certificate.reason = NOBODY if certificate.reason else ""
        certificate.save(update_fields=["snapshot", "erased_at", "reason"])
    digests = {certificate.pdf_digest for certificate in certificates if certificate.pdf_digest}
    kept = set(Certificate.objects.filter(pdf_digest__in=digests, erased_at=None).values_list("pdf_digest", flat=True))
    for digest in digests - kept:
        transaction.on_commit(partial(storage.path_of(digest).unlink, missing_ok=True))
    return len(certificates)


def _empty_reasons_in_evidence(certifications: QuerySet[Certification]) -> int:
    changed = []
    for certification in certifications.only("pk", "evidence"):
        evidence = [
            {**fact, "label": NOBODY} if fact.get("kind") == "decision" else fact for fact in certification.evidence
        ]
        if evidence != certification.evidence:
            certification.evidence = evidence
            changed.append(certification)
    Certification.objects.bulk_update(changed, ["evidence"], batch_size=200)
    return len(changed)


def _empty_numbers_in_proposals(person: User) -> None:
    proposals = [
        proposal
        for proposal in Proposal.objects.filter(people=person, action=SETTING_ASIDE)
        if proposal.facts.get("number")
    ]
    for waiting in proposals:
        waiting.facts = {**waiting.facts, "number": NOBODY}
    Proposal.objects.bulk_update(proposals, ["facts"], batch_size=200)


def _empty_outside_documents(person: User) -> int:
    _empty_numbers_in_proposals(person)
    documents = OutsideDocument.objects.filter(person=person)
    scans = {
        (digest, storage.SCANS[kind]) for digest, kind in documents.values_list("scan_digest", "scan_kind") if kind
    }
    count = documents.update(issuer=NOBODY, reason="", scan_kind="")
    # Two documents of one kind and day stay two.
    documents.exclude(number="").update(number=Concat(Value(NOBODY), Cast("pk", CharField())))
    shared = OutsideDocument.objects.exclude(scan_kind="").filter(scan_digest__in=[digest for digest, _kind in scans])
    kept = set(shared.values_list("scan_digest", flat=True))
    for digest, suffix in scans:
        if digest not in kept:
            transaction.on_commit(partial(storage.path_of(digest, suffix).unlink, missing_ok=True))
    return count


keep_text(
    "Numbers of the bank's documents and names of files: they name nobody.",
    "certificates.Appointment.document_number",
    "certificates.Certification.document_number",
    "certificates.RoundApplication.document_number",
    "certificates.Decision.document_number",
)
keep_text(
    "The name of a round, and what of the requirements was missing: texts of the academy's own, which name nobody.",
    "certificates.CertificationRound.name",
    "certificates.CertificationRound.name_en",
    "certificates.CertificationRound.lines",
    "certificates.RoundApplication.reasons",
    "certificates.RoundApplication.missing",
)
keep_text(
    "Places in lists of requirements, as numbers: they name nobody.",
    "certificates.ImpactRow.before",
    "certificates.ImpactRow.after",
    "certificates.ImpactRow.counting",
    "certificates.ImpactRow.lost",
)
