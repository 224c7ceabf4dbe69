"""The demo's documents from elsewhere: one accepted, one that waits for HR, one that was not accepted; all by the rules."""

import io
from datetime import datetime, timedelta

from PIL import Image, ImageDraw, ImageFont

from academy.calendar.clock import local_day
from academy.models import User
from certificates.document import storage
from certificates.models import OutsideDocument, OutsideDocumentKind
from certificates.outside.checking import check
from certificates.outside.handing_in import hand_in


def load_outside_documents(*, people: dict[str, User], crowd: list[User], now: datetime) -> None:
    """Makes them once, for three client managers of Beijing. Idempotent."""
    kinds = {kind.code: kind for kind in OutsideDocumentKind.objects.all()}
    if OutsideDocument.objects.exists() or len(crowd) < 3 or "annual-appraisal" not in kinds:
        return
    hr, before = people["300001"], now - timedelta(days=9)
    made = [
        hand_in(
            kind=kinds[code],
            person=person,
            number=number,
            issuer=issuer,
            issued_on=local_day(before) - timedelta(days=ago),
            valid_through=None,
            scan=(storage.store(_page(), storage.SCANS["jpg"]), "jpg"),
            actor=person,
            now=before,
        )
        for person, code, number, issuer, ago in (
            (crowd[0], "banking-qualification", "P-2024-118203", "中国银行业协会", 400),
            (crowd[1], "annual-appraisal", "", "人力资源部", 20),
            (crowd[2], "annual-appraisal", "", "人力资源部", 380),
        )
    ]
    later = now - timedelta(days=7)
    check(document=made[0], accepted=True, reason="", checker=hr, now=later)
    check(document=made[2], accepted=False, reason="这是上一年度的考核结果，请提交本年度的。", checker=hr, now=later)


def _page() -> bytes:
    """A sheet with a frame and a word that says what it is."""
    sheet = Image.new("RGB", (827, 1169), "white")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((40, 40, 787, 1129), outline="#1f3a5f", width=6)
    draw.text((413, 560), "SAMPLE", fill="#9aa5b1", font=ImageFont.load_default(size=120), anchor="mm")
    written = io.BytesIO()
    sheet.save(written, "JPEG", quality=80)
    return written.getvalue()
