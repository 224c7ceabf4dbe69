"""What the journal proves of this floor: certifications, what ended them, the rules they were awarded by, the documents.

Reasons, labels and names are left out: an erasure may empty them, and they stand in the entry's own payload.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.journal import Fact, register_action, register_fact
from academy.journal.saying import register_choices, register_field
from academy.journal.words import OUTCOMES, register_names, register_things
from certificates.models import (
    Certificate,
    Certification,
    CertificationEnding,
    Decision,
    OutsideDocument,
    Requirement,
    RoundApplication,
    RuleVersion,
)
from certificates.models.documents import digest_of_snapshot
from certificates.rules.statuses import Status

register_things("certificates.certificate", lambda row: row.serial)


def _named_certification(row: Certification) -> str:
    """By its level and the number it was first issued under: one that a correction gave it was not known before that."""
    serials = [
        certificate.serial for certificate in sorted(row.certificates.all(), key=lambda certificate: certificate.pk)
    ]
    return " · ".join([str(row.track.level), *serials[:1]])


register_things("certificates.certification", _named_certification, "track__level", rows=("certificates",))
register_names(
    {
        "certificates.certificationending": pgettext_lazy("journal", "ending of a certification"),
        "certificates.decision": pgettext_lazy("journal", "decision about a level"),
        "decided": pgettext_lazy("journal", "decided"),
        "certifications": pgettext_lazy("journal", "certifications"),
        "track": pgettext_lazy("journal", "track"),
        "serial": pgettext_lazy("journal", "serial number"),
        "standing": pgettext_lazy("journal", "standing"),
        "impact": pgettext_lazy("journal", "impact"),
    }
)
register_choices(
    "certificates.decision", "about", lambda code: dict(Requirement.Kind.choices).get(code.partition(":")[0])
)
register_field("certificates.certificationround", "state", RoundApplication._meta.get_field("ending"))
OUTCOMES.update({status.value: status.label for status in Status})
RULES = register_action("certificates.change_rules", _("Requirements changed"))
ASKED = (
    "kind",
    "active",
    "phase",
    "purpose",
    "group",
    "group_needs",
    "course_id",
    "quiz_id",
    "score",
    "level_id",
    "amount",
    "lasts",
    "lasts_months",
    "sort_order",
)


def _certification(row: Certification) -> dict[str, Any]:
    names = (
        "person_id",
        "track_id",
        "cycle",
        "kind",
        "awarded_on",
        "valid_from",
        "valid_through",
        "renew_from",
        "anchor",
        "grace_days",
        "rule_version_id",
        "document_number",
        "branch_id",
        "recorded_at",
        "recorded_by_id",
    )
    return {
        **{name: getattr(row, name) for name in names},
        "evidence": [[item.get("requirement"), item.get("kind"), item.get("on")] for item in row.evidence],
    }


def _ending(row: CertificationEnding) -> dict[str, Any]:
    return {
        name: getattr(row, name)
        for name in ("certification_id", "kind", "effective_on", "recorded_at", "recorded_by_id")
    }


def _decision(row: Decision) -> dict[str, Any]:
    names = (
        "person_id",
        "track_id",
        "act",
        "requirement_id",
        "about",
        "cycle",
        "certification_id",
        "effective_from",
        "effective_until",
        "document_number",
        "proposal_id",
        "recorded_at",
        "recorded_by_id",
        "withdrawn_at",
    )
    return {name: getattr(row, name) for name in names}


def _outside_document(row: OutsideDocument) -> dict[str, Any]:
    names = (
        "kind_id",
        "person_id",
        "issued_on",
        "valid_through",
        "scan_digest",
        "state",
        "checked_at",
        "checked_by_id",
    )
    return {name: getattr(row, name) for name in names}


def _rule(row: RuleVersion) -> dict[str, Any]:
    only = [
        [asked.pk, sorted(place.pk for place in asked.only_positions.all())]
        for asked in sorted(row.requirements.all(), key=lambda requirement: requirement.pk)
        if asked.only_positions.all()
    ]
    return {
        "track": row.track_id,
        "number": row.number,
        "effective_from": row.effective_from,
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by_id,
        "requirements": [
            [
                asked.pk,
                *(getattr(asked, name) for name in ASKED),
                sorted(place.pk for place in asked.positions.all()),
                sorted(practice.pk for practice in asked.practices.all()),
                *([sorted(kind.pk for kind in documents)] if (documents := asked.documents.all()) else []),
            ]
            for asked in sorted(row.requirements.all(), key=lambda requirement: requirement.pk)
        ],
        "transition_until": row.transition_until,
        "openings": [
            [asked.pk, asked.mark, asked.opens_after]
            for asked in sorted(row.requirements.all(), key=lambda requirement: requirement.pk)
            if asked.mark or asked.opens_after
        ],
        # Absent where everything is asked of everybody, as it was before requirements were asked of some posts only.
        **({"only_positions": only} if only else {}),
    }


def _rule_without_openings(row: RuleVersion) -> dict[str, Any]:
    """What entries from before exams were opened by requirements, and versions had a transition, speak of."""
    return {name: value for name, value in _rule(row).items() if name not in ("transition_until", "openings")}


def _rule_before(row: RuleVersion) -> dict[str, Any]:
    """What entries from before observed practices were named speak of."""
    told = _rule_without_openings(row)
    length = len(ASKED) + 2
    return {**told, "requirements": [asked[:length] for asked in told["requirements"]]}


def _certificate(row: Certificate) -> dict[str, Any]:
    names = (
        "certification_id",
        "person_id",
        "code",
        "serial",
        "prefix",
        "sequence",
        "cause",
        "snapshot_digest",
        "pdf_digest",
        "issued_on",
        "issued_at",
        "issued_by_id",
        "supersedes_id",
    )
    told = {name: getattr(row, name) for name in names}
    # What stands in the snapshot and not what is said of it. An erasure changes the text and keeps the digest.
    return told if row.is_as_issued else {**told, "snapshot_digest": digest_of_snapshot(row.snapshot)}


register_fact(Fact(Certification, rows=Certification.objects.all, told=_certification, since="recorded_at"))
register_fact(Fact(CertificationEnding, rows=CertificationEnding.objects.all, told=_ending, since="recorded_at"))
register_fact(Fact(Decision, rows=Decision.objects.all, told=_decision, since="recorded_at"))
register_fact(Fact(Certificate, rows=Certificate.objects.all, told=_certificate, since="issued_at"))
register_fact(
    Fact(
        OutsideDocument,
        rows=OutsideDocument.objects.all,
        told=_outside_document,
        since="checked_at",
        standing=lambda rows: rows.filter(checked_at__isnull=False),
    )
)
register_fact(
    Fact(
        RuleVersion,
        rows=lambda: RuleVersion.objects.prefetch_related(
            "requirements__positions",
            "requirements__only_positions",
            "requirements__practices",
            "requirements__documents",
        ),
        told=_rule,
        since="recorded_at",
        told_before=(_rule_without_openings, _rule_before),
    )
)
