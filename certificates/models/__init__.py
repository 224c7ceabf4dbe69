"""Data of the attesting floor."""

from certificates.models.certifications import Certification, CertificationEnding
from certificates.models.documents import Certificate, CertificateDesign, CertificateExport, SerialCounter
from certificates.models.tracks import CertificationTrack, Requirement, RuleVersion

__all__ = [
    "Certificate",
    "CertificateDesign",
    "CertificateExport",
    "Certification",
    "CertificationEnding",
    "CertificationTrack",
    "Requirement",
    "RuleVersion",
    "SerialCounter",
]
