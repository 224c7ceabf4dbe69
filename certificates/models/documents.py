"""The document: issued once, frozen, superseded but never changed."""

import hashlib
import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin

from academy.doors import by_name
from academy.models import JobRow
from academy.person_record.naming import NOBODY
from certificates.models.certifications import Certification


class CertificateDesign(PreviewableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """How a certificate looks and what it says. The seal is not part of it: editors do not change the seal."""

    class Style(models.TextChoices):
        GUILLOCHE = "guilloche", _("Woven border, ivory paper")
        PLAIN = "plain", _("White paper, red head")

    class Seal(models.TextChoices):
        NONE = "none", _("A box for the paper seal")
        SAMPLE = "sample", _("Sample seal")

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=80)
    style = models.CharField(_("style"), max_length=20, choices=Style.choices, default=Style.GUILLOCHE)
    seal = models.CharField(_("seal"), max_length=20, choices=Seal.choices, default=Seal.SAMPLE, editable=False)
    academy_name = models.CharField(_("head (Chinese)"), max_length=80, default="客户经理学院")
    academy_name_en = models.CharField(_("head (English)"), max_length=80, default="Client Manager Academy")
    title = models.CharField(_("title (Chinese)"), max_length=80, default="客户经理专业资格等级证书")
    title_en = models.CharField(
        _("title (English)"), max_length=120, default="Client Manager · Certificate of Professional Qualification"
    )
    wording = models.CharField(
        _("wording (Chinese)"),
        max_length=255,
        default="同志（工号 {staff_number}）符合本行客户经理专业资格等级认证条件，取得以下资格，特发此证。",
        help_text=_("Must be true for every kind of award. {staff_number} is filled in."),
    )
    wording_en = models.CharField(
        _("wording (English)"),
        max_length=255,
        default="(staff no. {staff_number}) meets this bank's conditions for the qualification below.",
    )
    issuer = models.CharField(_("issuer (Chinese)"), max_length=80, default="本行人力资源部")
    issuer_en = models.CharField(_("issuer (English)"), max_length=80, default="Human Resources")

    class Meta:
        verbose_name = _("certificate design")
        verbose_name_plural = _("certificate designs")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def serve_preview(self, request, mode_name):
        return by_name("certificates.document.preview.sample_page")(self, timezone.localdate())


class SerialCounter(models.Model):
    """One row a prefix, locked last. A number once given is never given again."""

    prefix = models.CharField(max_length=60, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}{self.last}"


def digest_of_snapshot(snapshot: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(snapshot, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


class Certificate(models.Model):
    """证书: the row exists before its PDF, and a failed rendering never frees a number."""

    class Cause(models.TextChoices):
        AWARD = "award", _("Award")
        CORRECTION = "correction", _("Reissue (correction)")

    certification = models.ForeignKey(Certification, on_delete=models.PROTECT, related_name="certificates")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=24, unique=True, help_text="Without hyphens, Crockford base32.")
    serial = models.CharField(_("serial number"), max_length=80, unique=True)
    prefix = models.CharField(max_length=60)
    sequence = models.PositiveIntegerField()
    cause = models.CharField(max_length=12, choices=Cause.choices, default=Cause.AWARD)
    snapshot = models.JSONField()
    snapshot_digest = models.CharField(max_length=64)
    pdf_digest = models.CharField(max_length=64, blank=True)
    pdf_size = models.PositiveIntegerField(null=True, blank=True)
    rendered_at = models.DateTimeField(null=True, blank=True)
    issued_on = models.DateField(_("issued on"))
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    reason = models.TextField(_("reason"), blank=True)
    # From when the holder's name and the file are gone; number, code, dates and digests stay as the proof.
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["prefix", "sequence"], name="one_certificate_a_number"),
            models.UniqueConstraint(
                fields=["certification"], condition=Q(supersedes=None), name="one_first_certificate_a_certification"
            ),
        ]
        indexes = [
            models.Index(fields=["issued_at"], condition=Q(pdf_digest=""), name="certificate_to_render"),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def is_as_issued(self) -> bool:
        """Whether the snapshot is the one whose digest was frozen at issue; of an erased one the name must be gone."""
        if self.erased_at is not None:
            return self.snapshot["holder_name"] == NOBODY
        return digest_of_snapshot(self.snapshot) == self.snapshot_digest

    @property
    def is_altered(self) -> bool:
        """Whether this row, or the dates of its certification, were changed past the rules: neither ever is after issue."""
        dates = {name: self.snapshot.get(name) for name in ("valid_from", "valid_through")}
        standing = {name: getattr(self.certification, name).isoformat() for name in dates}
        return not self.is_as_issued or dates != standing

    @property
    def grouped_code(self) -> str:
        """The code as printed, in groups of four."""
        return "-".join(self.code[i : i + 4] for i in range(0, len(self.code), 4))

    def get_absolute_url(self) -> str:
        return reverse("certificates:document", args=[self.code])


class CertificateExport(JobRow):
    """One asked-for ZIP: what it is asked; how it goes stands in its job."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    filters = models.JSONField(default=dict)
    as_of = models.DateField()
    known_as_of = models.DateTimeField()
    requested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("certificate export")
        verbose_name_plural = _("certificate exports")
        ordering = ["-requested_at"]

    def __str__(self) -> str:
        return str(self.uuid)
