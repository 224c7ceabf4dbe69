"""Data of the attesting floor."""

from certificates.models.appointments import Appointment
from certificates.models.assignments import TrackAssignee, TrackAssignment, TrackExtension
from certificates.models.certifications import AwardCandidate, Certification, CertificationEnding
from certificates.models.decisions import Decision
from certificates.models.documents import Certificate, CertificateDesign, CertificateExport, SerialCounter
from certificates.models.impacts import ImpactPreview, ImpactRow
from certificates.models.openings import ExamOpening
from certificates.models.outside_documents import OutsideDocument, OutsideDocumentKind
from certificates.models.posts import PositionRequirement
from certificates.models.recommendations import Recommendation
from certificates.models.rounds import CertificationRound, RoundApplication, RoundObjection, RoundSession
from certificates.models.tracks import CertificationTrack, Requirement, RuleVersion

__all__ = [
    "Appointment",
    "AwardCandidate",
    "Certificate",
    "CertificateDesign",
    "CertificateExport",
    "Certification",
    "CertificationEnding",
    "CertificationRound",
    "CertificationTrack",
    "Decision",
    "ExamOpening",
    "ImpactPreview",
    "ImpactRow",
    "OutsideDocument",
    "OutsideDocumentKind",
    "PositionRequirement",
    "Recommendation",
    "Requirement",
    "RoundApplication",
    "RoundObjection",
    "RoundSession",
    "RuleVersion",
    "SerialCounter",
    "TrackAssignee",
    "TrackAssignment",
    "TrackExtension",
]
