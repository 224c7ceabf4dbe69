"""What people decided about the certifications of a batch of rows: by whom, who agreed, and what of it stands in the remarks."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from certificates.models import Certificate, Decision

# The decisions that made a certification; who proposed one is its 经办人.
MADE_BY = (Decision.Act.AWARD, Decision.Act.REINSTATE, Decision.Act.LOWER)


def decisions_of(certificates: Iterable[Certificate], known: datetime) -> dict[int, list[Decision]]:
    """By certification, as known, the newest first. One query."""
    found: dict[int, list[Decision]] = defaultdict(list)
    rows = Decision.objects.known(known).filter(
        certification__in={certificate.certification_id for certificate in certificates}
    )
    for row in rows.select_related("proposal__proposed_by", "proposal__decided_by").order_by("-recorded_at", "-pk"):
        if row.certification_id is not None:
            found[row.certification_id].append(row)
    return found


def maker_and_checker(decisions: Iterable[Decision], recorded_by: object) -> tuple[str, str]:
    """经办人 and 复核人; of what nobody decided, who recorded it."""
    for decision in decisions:
        if decision.act in MADE_BY and decision.proposal is not None:
            return str(decision.proposal.proposed_by), str(decision.proposal.decided_by or "")
    return str(recorded_by or ""), ""


def said_of(certificate: Certificate, decisions: Collection[Decision], remarks: tuple[str, ...]) -> dict[str, str]:
    """经办人, 复核人 and 备注. A decision that moved the end says so in the place of ``remarks``."""
    certification = certificate.certification
    maker, checker = maker_and_checker(decisions, certification.recorded_by)
    extended = next((decision for decision in decisions if decision.act == Decision.Act.EXTEND), None)
    if extended is not None and extended.effective_until is not None and not certificate.is_altered:
        printed = certification.valid_through.isoformat()
        remarks = (f"经决定延期至 {extended.effective_until.isoformat()}，证书所载有效期至 {printed}",)
    parts = (*remarks, certificate.reason) if certificate.is_altered else (certificate.reason, *remarks)
    return {
        **_from_before(certificate),
        "经办人": maker,
        "复核人": checker,
        "备注": "；".join(part for part in parts if part),
    }


def _from_before(certificate: Certificate) -> dict[str, str]:
    """What HR's records say of a certification from before this academy: its old number and score."""
    evidence: list[dict[str, str]] = certificate.certification.evidence
    facts = next((item for item in evidence if item.get("kind") == "history"), {})
    names = (("原证书编号", "serial"), ("成绩", "score"))
    return {
        column: facts[name]
        for column, name in names
        if facts.get(name) and not (name == "serial" and certificate.supersedes_id)
    }
