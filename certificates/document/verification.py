"""Is this certificate real and valid? Answered to anybody who has the code; the holder's name is confirmed, not told."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from academy.requests.counted import count
from certificates.document.codes import normalised
from certificates.models import Certificate
from certificates.rules.spans import span_of
from certificates.rules.statuses import Status, status_on

PER_MINUTE = 60
COMPOUND = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "宇文",
        "长孙",
        "司徒",
        "司空",
        "夏侯",
        "轩辕",
        "端木",
        "百里",
        "东郭",
        "南宫",
        "西门",
        "独孤",
        "澹台",
        "公冶",
        "宗政",
        "濮阳",
        "淳于",
        "单于",
        "太叔",
        "申屠",
        "仲孙",
        "钟离",
        "闾丘",
        "万俟",
        "赫连",
        "呼延",
        "闻人",
    ]
)


@dataclass(frozen=True)
class Verdict:
    """What the page says; ``newest`` is set when a newer document replaced this one, ``extended`` is the last valid
    day where it is another than the printed one, ``later`` the document of a later cycle that holds by now, ``void_from``
    the day after the last one of a holder who left the bank."""

    certificate: Certificate
    status: Status
    valid: bool
    newest: Certificate | None
    extended: date | None = None
    later: Certificate | None = None
    void_from: date | None = None


def too_many(address: str) -> bool:
    """True when an address asks more often than a person would. Counts this call."""
    return count(f"verify:{address}") > PER_MINUTE


def find_certificate(text: str) -> Certificate | None:
    code = normalised(text)
    if not code:
        return None
    return (
        Certificate.objects.select_related("certification__track__level", "certification__ending", "person")
        .filter(code=code)
        .first()
    )


def verdict_on(certificate: Certificate, day: date) -> Verdict:
    """The document and its certification as they are on a day."""
    span = span_of(certificate.certification, day)
    status = status_on(span, day)
    newest = certificate
    while (following := Certificate.objects.filter(supersedes=newest).first()) is not None:
        newest = following
    extended = None if span.valid_through == certificate.certification.valid_through else span.valid_through
    if newest.pk != certificate.pk:
        return Verdict(certificate, Status.REPLACED, valid=False, newest=newest, extended=extended)
    valid = status in (Status.VALID, Status.DUE, Status.CONTAINED, Status.GRACE)
    later = _later(certificate, day) if status in (Status.RENEWED, Status.EXPIRED) else None
    return Verdict(certificate, status, valid, None, extended, later, span.void_from(status))


def _later(certificate: Certificate, day: date) -> Certificate | None:
    """The standing document of the newest cycle after that of ``certificate`` that has begun and was not ended."""
    held = certificate.certification
    return (
        Certificate.objects.filter(
            certification__person=held.person_id,
            certification__track=held.track_id,
            certification__cycle__gt=held.cycle,
            certification__valid_from__lte=day,
            certification__ending=None,
            superseded_by=None,
        )
        .select_related("certification")
        .order_by("-certification__cycle")
        .first()
    )


def masked(name: str) -> str:
    """欧阳文澜 → 欧阳**, Maria Lopez → M**** L****: how long the rest is stays hidden."""
    if any(ord(character) > 0x2E80 for character in name):
        family = name[:2] if name[:2] in COMPOUND and len(name) > 2 else name[:1]
        return f"{family}**"
    return " ".join(f"{word[:1]}****" for word in name.split()) or "**"


def confirms(certificate: Certificate, text: str) -> bool:
    """True for the printed full name or staff number, however its spaces and width are typed."""
    if certificate.erased_at is not None:
        return False
    wanted = _plain(text)
    snapshot = certificate.snapshot
    return bool(wanted) and wanted in (_plain(snapshot["holder_name"]), _plain(snapshot["staff_number"]))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text[:200]).casefold().replace("•", "·").split())
