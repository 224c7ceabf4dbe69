"""What people decided about the certifications of a batch of rows: by whom, who agreed, and what of it stands in the remarks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from academy.models import Proposal
from certificates.models import Certificate, CertificationEnding, Decision, RoundApplication
from certificates.rounds.issuing import AWARD_LIST

# The decisions that made a certification; who proposed one is its 经办人.
MADE_BY = (Decision.Act.AWARD, Decision.Act.REINSTATE, Decision.Act.LOWER)
CORRECT = Decision.Act.CORRECT
# Those that ended one, and how the remarks name the end.
ENDED_BY = (Decision.Act.REVOKE, Decision.Act.END, Decision.Act.LOWER)
ENDED: dict[str, str] = {
    CertificationEnding.Kind.REVOKED: "撤销",
    CertificationEnding.Kind.ENDED: "终止",
    CertificationEnding.Kind.LOWERED: "降级",
}


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


def award_lists_of(certificates: Iterable[Certificate]) -> dict[int, Proposal]:
    """By application of a round, the award list by which it was decided. One query, none where no round is among them."""
    applications = {found.pk: found for one in certificates if (found := _application_of(one)) is not None}
    if not applications:
        return {}
    rounds = {application.round_id for application in applications.values()}
    approved = Proposal.objects.filter(action=AWARD_LIST, state=Proposal.State.APPROVED, facts__round__in=rounds)
    return {
        key: proposal
        for proposal in approved.select_related("proposed_by", "decided_by").order_by("pk")
        for key in applications.keys() & set(proposal.facts["applications"])
        if proposal.decided_at == applications[key].decided_at
    }


def maker_and_checker(
    certificate: Certificate, decisions: Iterable[Decision], lists: Mapping[int, Proposal]
) -> tuple[str, str]:
    """经办人 and 复核人 of this document: of what nobody decided, who recorded it."""
    application = _application_of(certificate)
    if certificate.supersedes_id:
        # Of several corrections each made a document of its own.
        made = [row for row in decisions if row.act == CORRECT and row.recorded_at == certificate.issued_at]
        recorder = certificate.issued_by
    else:
        made = [row for row in decisions if row.act in MADE_BY]
        recorder = certificate.certification.recorded_by
    proposal = next((row.proposal for row in made if row.proposal is not None), None)
    if proposal is None and application is not None and not certificate.supersedes_id:
        proposal = lists.get(application.pk)
    return _both(proposal) if proposal is not None else (str(recorder or ""), "")


def _application_of(certificate: Certificate) -> RoundApplication | None:
    return getattr(certificate.certification, "application", None)


def _both(proposal: Proposal) -> tuple[str, str]:
    return str(proposal.proposed_by), str(proposal.decided_by or "")


def said_of(
    certificate: Certificate,
    decisions: Collection[Decision],
    lists: Mapping[int, Proposal],
    remarks: tuple[str, ...],
    *,
    day: date,
    ending: CertificationEnding | None,
) -> dict[str, str]:
    """经办人, 复核人 and 备注. A decision that had moved the end by the day asked says so in the place of ``remarks``.
    ``ending``: what had ended it by then, and the remarks say whose it was."""
    certification = certificate.certification
    maker, checker = maker_and_checker(certificate, decisions, lists)
    extended = extending(decisions, day)
    if extended is not None and extended.effective_until is not None and not certificate.is_altered:
        printed = certification.valid_through.isoformat()
        remarks = (
            f"经决定延期至 {extended.effective_until.isoformat()}，证书所载有效期至 {printed}",
            _who("延期", extended),
        )
    if ending is not None:
        what = ENDED[ending.kind]
        decided = next((_who(what, decision) for decision in decisions if decision.act in ENDED_BY), "")
        remarks = (*remarks, decided or (f"{what}经办人：{ending.recorded_by}" if ending.recorded_by else ""))
    parts = (*remarks, certificate.reason) if certificate.is_altered else (certificate.reason, *remarks)
    return {
        **_from_before(certificate),
        "经办人": maker,
        "复核人": checker,
        "备注": "；".join(part for part in parts if part),
    }


def extending(decisions: Iterable[Decision], day: date) -> Decision | None:
    """The newest decision that had moved the end by a day."""
    extensions = (decision for decision in decisions if decision.act == Decision.Act.EXTEND)
    return next((decision for decision in extensions if decision.effective_from <= day), None)


def ended_by(ending: CertificationEnding, decisions: Iterable[Decision]) -> tuple[str, str]:
    """Who proposed the end and who approved it; of what two people did not decide, who recorded it."""
    proposals = (decision.proposal for decision in decisions if decision.act in ENDED_BY)
    proposal = next((found for found in proposals if found is not None), None)
    return _both(proposal) if proposal is not None else (str(ending.recorded_by or ""), "")


def _who(what: str, decision: Decision) -> str:
    """Who proposed a decision and who approved it, as the remarks say it."""
    if decision.proposal is None:
        return ""
    maker, checker = _both(decision.proposal)
    return f"{what}经办人：{maker}" + (f"，复核人：{checker}" if checker else "")


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
