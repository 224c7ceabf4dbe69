"""The scan of an outside document: a PDF, or a picture without what the camera wrote into it."""

import io
from datetime import date
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from academy.errors.refusals import RuleViolation
from academy.viewsets.file_kinds import kind_of, words_for
from certificates.document import storage
from certificates.models import OutsideDocument

LARGEST = 15 * 1024 * 1024
# Pixels of a picture; more is a bomb and no page.
MOST_PIXELS, LONGEST_SIDE = 60_000_000, 2400
CONTENT_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg"}


def stored_scan(upload: UploadedFile) -> tuple[str, str]:
    """Stores a scan; returns its SHA-256 and whether it is a ``pdf`` or a ``jpg``. Raises ``RuleViolation``."""
    if not upload.size:
        raise RuleViolation(_("The file is empty."))
    if upload.size > LARGEST:
        raise RuleViolation(_("The file is larger than %(size)s MB.") % {"size": LARGEST // 1024 // 1024})
    kind = kind_of(upload)
    upload.seek(0)
    if kind == "pdf":
        return storage.store(upload.read(), storage.SCANS["pdf"]), "pdf"
    if kind in ("jpeg", "png", "webp"):
        return storage.store(_picture(upload), storage.SCANS["jpg"]), "jpg"
    raise RuleViolation(_("A scan is a PDF, JPEG, PNG or WebP. This is %(kind)s.") % {"kind": words_for(kind)})


def _picture(upload: Any) -> bytes:
    """The picture upright, at most 2400 pixels long, without place, camera and time."""
    try:
        with Image.open(upload) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise RuleViolation(_("The picture has too many pixels."))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise RuleViolation(_("The picture is damaged and cannot be opened.")) from fault
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = io.BytesIO()
    upright.save(written, "JPEG", quality=85, optimize=True)
    return written.getvalue()


def forget_scan(digest: str, kind: str) -> None:
    """Removes a scan that no document refers to, once the transaction has ended well."""
    if not OutsideDocument.objects.filter(scan_digest=digest).exclude(scan_kind="").exists():
        path = storage.path_of(digest, storage.SCANS[kind])
        transaction.on_commit(partial(path.unlink, missing_ok=True))


def name_of_scan(staff_number: str, code: str, issued_on: date, kind: str) -> str:
    """What the file is called once it is saved."""
    return f"{staff_number}-{code}-{issued_on.isoformat()}.{kind}"
