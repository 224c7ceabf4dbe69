"""What this floor keeps about a person: certifications, documents, appointments, and the PDFs themselves."""

from functools import partial

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.doors import RecordDocument, RecordTable, person_documents, person_records
from academy.duties.assignments.records import assignment_table, leave_out_recorders
from academy.models import User
from academy.person_record.columns import choice, column, job_state
from academy.person_record.coverage import RECORDER, leave_out
from certificates.document import storage
from certificates.models import (
    Appointment,
    AwardCandidate,
    Certificate,
    CertificateExport,
    Certification,
    Decision,
    ExamOpening,
    OutsideDocument,
    Recommendation,
    RoundApplication,
    RoundObjection,
    TrackAssignment,
)

# Who objected against somebody in the publicity is told to nobody but those who decide.
OWN = (RoundObjection.About.ELIGIBILITY, RoundObjection.About.RESULT)


@person_records.register
def certificate_tables(person: User) -> list[RecordTable]:
    certifications = Certification.objects.filter(person=person).select_related("track__level", "branch", "ending")
    certificates = Certificate.objects.filter(person=person).select_related("certification__track__level", "supersedes")
    appointments = Appointment.objects.filter(person=person, withdrawn_at=None).select_related("level", "branch")
    level, level_code = ("track.level", "track.level.code")
    return [
        RecordTable(
            "certificates.certifications",
            _("Certifications"),
            certifications,
            (
                column("track", _("Track"), "track.code"),
                column("level_code", _("Level code"), level_code),
                column("level", _("Level"), level),
                column("cycle", _("Cycle")),
                choice("kind", _("Awarded by")),
                column("awarded_on", _("Awarded on")),
                column("valid_from", _("Valid from")),
                # As it was awarded: leave and decisions move the last day, which the person's ladder says.
                column("valid_through", _("Valid through when awarded")),
                column("renew_from", _("Renew from")),
                column("branch", _("Branch at award"), "branch.local_name"),
                column("document_number", _("Document number")),
                column("ended_on", _("Ended on"), "ending.effective_on"),
                column("ended_reason", _("Reason"), "ending.reason"),
                column("evidence", _("Evidence")),
                column("recorded_at", _("Recorded at")),
            ),
            ("certificates.Certification.person", "certificates.CertificationEnding.certification"),
            section="certification",
            order=20,
            day=lambda row: row.awarded_on,
            later=("ended_on",),
            shown=("level", "kind", "awarded_on", "valid_from", "valid_through", "renew_from", "ended_on"),
        ),
        RecordTable(
            "certificates.certificates",
            _("Certificates"),
            certificates,
            (
                column("serial", _("Serial number")),
                column("code", pgettext_lazy("certificate", "Code")),
                column("level", _("Level"), f"certification.{level}"),
                choice("cause", _("Issued for")),
                column("issued_on", _("Issued on")),
                column("replaces", _("Replaces"), "supersedes.serial"),
                column("reason", _("Reason")),
                column("sha256", "SHA-256", "pdf_digest"),
            ),
            (
                "certificates.Certificate.person",
                "certificates.Certificate.certification",
                "certificates.Certificate.supersedes",
            ),
        ),
        RecordTable(
            "certificates.appointments",
            _("Appointments"),
            appointments.order_by("-effective_from"),
            (
                column("level_code", _("Level code"), "level.code"),
                column("level", _("Level appointed to"), "level"),
                column("branch", _("Branch"), "branch.local_name"),
                column("effective_from", pgettext_lazy("first day", "From")),
                column("effective_until", pgettext_lazy("last day", "Until")),
                column("document_number", _("Document number")),
                column("recorded_at", _("Recorded at")),
            ),
            ("certificates.Appointment.person",),
            section="certification",
            order=30,
            later=("effective_until",),
            shown=("level", "branch", "effective_from", "effective_until", "document_number"),
            day=lambda row: row.effective_from,
        ),
        RecordTable(
            "certificates.decisions",
            _("Level decisions"),
            Decision.objects.filter(person=person).select_related("track", "certification"),
            (
                column("track", _("Track"), "track.code"),
                choice("act", _("Decision")),
                column("about", _("Requirement")),
                column("effective_from", pgettext_lazy("first day", "From")),
                column("effective_until", pgettext_lazy("last day", "Until")),
                column("reason", _("Reason")),
                column("document_number", _("Document number")),
                column("recorded_at", _("Recorded at")),
                column("withdrawn_at", pgettext_lazy("moment", "Taken back")),
            ),
            ("certificates.Decision.person", "certificates.Decision.certification", "certificates.Decision.proposal"),
        ),
        RecordTable(
            "certificates.recommendations",
            _("Recommendations"),
            Recommendation.objects.filter(person=person).select_related("track", "made_by"),
            (
                column("track", _("Track"), "track.code"),
                column("made_on", _("Made on")),
                column("made_by", _("Made by"), "made_by.staff_number"),
                column("words", pgettext_lazy("column", "Words")),
                column("withdrawn_at", pgettext_lazy("moment", "Taken back")),
            ),
            ("certificates.Recommendation.person",),
        ),
        RecordTable(
            "certificates.outside_documents",
            _("Outside documents"),
            OutsideDocument.objects.filter(person=person).select_related("kind", "checked_by"),
            (
                column("kind", _("Kind"), "kind"),
                column("number", _("Number on the document")),
                column("issuer", _("Issued by")),
                column("issued_on", pgettext_lazy("a document", "Issued on")),
                column("valid_through", _("Last valid day")),
                choice("state", _("State")),
                column("handed_in_at", _("Handed in at")),
                column("checked_by", _("Checked by"), "checked_by.staff_number"),
                column("checked_at", _("Checked at")),
                column("reason", _("Reason")),
                column("sha256", "SHA-256", "scan_digest"),
            ),
            ("certificates.OutsideDocument.person",),
            section="certification",
            order=40,
            day=lambda row: row.issued_on,
            shown=("kind", "number", "issuer", "issued_on", "valid_through", "state"),
        ),
        RecordTable(
            "certificates.candidacies",
            _("Ready for an award"),
            AwardCandidate.objects.filter(person=person).select_related("track"),
            (
                column("track", _("Track"), "track.code"),
                column("cycle", _("Cycle")),
                column("ready_on", _("Ready since")),
                column("closed_at", _("Closed")),
            ),
            ("certificates.AwardCandidate.person",),
        ),
        RecordTable(
            "certificates.exam_openings",
            _("Exams opened"),
            ExamOpening.objects.filter(person=person).select_related("track", "quiz"),
            (
                column("track", _("Track"), "track.code"),
                column("quiz", _("Exam"), "quiz.code"),
                column("cycle", _("Cycle")),
                column("opened_on", _("Exam opened on")),
            ),
            ("certificates.ExamOpening.person",),
        ),
        RecordTable(
            "certificates.rounds",
            _("Rounds of certification"),
            RoundApplication.objects.filter(person=person).select_related("round", "branch", "applied_by"),
            (
                column("round", _("Round"), "round.local_name"),
                column("branch", _("Branch"), "branch.local_name"),
                column("applied_at", _("Applied at")),
                column("applied_by", _("Applied by"), "applied_by.staff_number"),
                column("words", pgettext_lazy("column", "Words")),
                column("eligible", _("Eligible")),
                column("reasons", _("Reason")),
                column("state", _("State")),
                column("score", _("Mark")),
                column("rank", _("Rank")),
                column("resat", _("Re-sit")),
                column("missing", _("What was missing")),
                column("document_number", _("Document number")),
                column("decided_at", _("Decided at")),
                column("closed_at", _("Closed")),
            ),
            ("certificates.RoundApplication.person", "certificates.RoundApplication.certification"),
            section="certification",
            order=40,
            day=lambda row: row.applied_at,
            shown=("round", "applied_at", "state", "score", "rank", "document_number"),
        ),
        RecordTable(
            "certificates.objections",
            _("Objections in rounds"),
            RoundObjection.objects.filter(
                Q(made_by=person) | Q(application__person=person, about__in=OWN)
            ).select_related("application__round", "made_by"),
            (
                column("round", _("Round"), "application.round.local_name"),
                choice("about", _("About")),
                column("made_at", _("At")),
                column("made_by", _("By"), "made_by.staff_number"),
                column("words", pgettext_lazy("column", "Words")),
                column("upheld", _("Upheld")),
                column("answer", _("Answer")),
                column("answered_at", _("Answered at")),
            ),
            ("certificates.RoundObjection.made_by", "certificates.RoundObjection.application"),
        ),
        RecordTable(
            "certificates.exports",
            _("Exports of certificates"),
            CertificateExport.objects.filter(requested_by=person).select_related("job"),
            (column("requested_at", _("At")), column("as_of", _("As of")), job_state()),
            ("certificates.CertificateExport.requested_by",),
        ),
        assignment_table(TrackAssignment, person, label=_("Assigned tracks"), order=10),
    ]


@person_documents.register
def certificate_documents(person: User) -> list[RecordDocument]:
    certificates = (
        Certificate.objects.filter(person=person).exclude(pdf_digest="").filter(erased_at=None).order_by("pk")
    )
    scans = OutsideDocument.objects.filter(person=person).exclude(scan_kind="").select_related("kind").order_by("pk")
    return [
        RecordDocument(f"{serial}.pdf", digest, partial(storage.read, digest))
        for serial, digest in certificates.values_list("serial", "pdf_digest")
    ] + [
        RecordDocument(
            f"{scan.kind.code}-{scan.issued_on}-{scan.pk}.{scan.scan_kind}",
            scan.scan_digest,
            partial(storage.read, scan.scan_digest, storage.SCANS[scan.scan_kind]),
        )
        for scan in scans
    ]


leave_out_recorders(TrackAssignment)
leave_out(
    RECORDER,
    "certificates.CertificationRound.announced_by",
    "certificates.CertificationRound.judged_by",
    "certificates.CertificationRound.listed_by",
    "certificates.RoundApplication.applied_by",
    "certificates.RoundApplication.decided_by",
    "certificates.RoundObjection.answered_by",
    "certificates.Appointment.recorded_by",
    "certificates.RuleVersion.recorded_by",
    "certificates.Certification.recorded_by",
    "certificates.CertificationEnding.recorded_by",
    "certificates.Decision.recorded_by",
    "certificates.Certificate.issued_by",
    "certificates.PositionRequirement.recorded_by",
)
leave_out(
    "Says who handed in or checked a document; it stands in the record of the person whose it is.",
    "certificates.OutsideDocument.handed_in_by",
    "certificates.OutsideDocument.checked_by",
)
leave_out(
    "Says who recommended; the words are told in the record of the person recommended.",
    "certificates.Recommendation.made_by",
)
leave_out(
    "Says who asked; the words are told in the record of the person to be observed.",
)
leave_out(
    "What a change of the rules would do, reckoned from facts that are told in their own tables; it is no fact itself.",
    "certificates.ImpactRow.person",
)
