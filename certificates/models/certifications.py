"""Facts: who was certified when, by which rules, and what ended it. Whether it is valid is computed."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from academy.requests.prepared import PreparedQuery
from certificates.models.querysets import CertificationQuerySet
from certificates.models.tracks import CertificationTrack, RuleVersion


class Certification(models.Model):
    """资格: one person, one track, one cycle."""

    class Kind(models.TextChoices):
        """取得方式."""

        FIRST = "first", _("First award")
        PROMOTION = "promotion", _("Promotion")
        RENEWAL = "renewal", _("Renewal")
        HISTORY = "history", _("Imported history")
        BY_HAND = "by_hand", _("By a decision")
        REINSTATED = "reinstated", _("Reinstatement")
        LOWERED = "lowered", _("Downgrade")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certifications", verbose_name=_("person")
    )
    track = models.ForeignKey(
        CertificationTrack, on_delete=models.PROTECT, related_name="certifications", verbose_name=_("track")
    )
    cycle = models.PositiveSmallIntegerField(_("cycle"))
    kind = models.CharField(_("awarded by"), max_length=12, choices=Kind.choices)
    awarded_on = models.DateField(_("awarded on"))
    valid_from = models.DateField(_("valid from"))
    valid_through = models.DateField(_("valid through"), help_text=_("Last valid day, inclusive."))
    renew_from = models.DateField(_("renew from"), null=True, blank=True)
    # The day of the month the periods are counted from, so that 31 August stays 31 August.
    anchor = models.DateField()
    grace_days = models.PositiveSmallIntegerField(default=0)
    rule_version = models.ForeignKey(RuleVersion, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=list)
    document_number = models.CharField(_("document number"), max_length=80, blank=True)
    branch = models.ForeignKey(
        "academy.Branch", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch at award")
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects = CertificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("certification")
        verbose_name_plural = _("certifications")
        ordering = ["-awarded_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "track", "cycle"], name="one_certification_a_cycle"),
            models.CheckConstraint(
                condition=Q(valid_through__gte=models.F("valid_from")), name="certification_span_is_ordered"
            ),
        ]
        indexes = [
            models.Index(fields=["track", "valid_through"], name="certification_by_end"),
            models.Index(fields=["valid_through", "valid_from"], name="certification_by_span"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.track_id} {self.cycle}"

    @cached_property
    def extended(self) -> date | None:
        """The last valid day to which a person's decision moved the end, or None. ``with_extension`` fetches it along."""
        found: date | None = vars(Certification.objects.with_extension().get(pk=self.pk))["extended"]
        return found


# Of people all that they were ever awarded, with what ended or extended it: evidence, board and award read the same.
CERTIFICATIONS = PreparedQuery(
    lambda people: (
        Certification.objects.filter(person__in=people).with_extension().select_related("track__level", "ending")
    )
)


class AwardCandidate(models.Model):
    """Somebody stands ready on a track that waits for HR. Whether it is still so is judged again at the award."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="candidacies")
    track = models.ForeignKey(CertificationTrack, on_delete=models.PROTECT, related_name="candidates")
    cycle = models.PositiveSmallIntegerField()
    ready_on = models.DateField(_("ready since"))
    recorded_at = models.DateTimeField(default=timezone.now)
    # Set when it was awarded, or when a requirement is met no more.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["ready_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "track", "cycle"], name="one_candidacy_a_person_track_cycle")
        ]
        indexes = [
            models.Index(fields=["track", "ready_on"], condition=Q(closed_at=None), name="candidate_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.track_id} {self.cycle}"

    @staticmethod
    def use_in_words(count: int) -> str:
        return ngettext("%(count)s person waits for HR", "%(count)s people wait for HR", count) % {"count": count}


class CertificationEnding(models.Model):
    """A person's decision that a certification ends before its last day."""

    class Kind(models.TextChoices):
        REVOKED = "revoked", _("Revoked")
        LOWERED = "lowered", _("Ended by downgrade")
        ENDED = "ended", _("Ended by a decision")

    certification = models.OneToOneField(Certification, on_delete=models.PROTECT, related_name="ending")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.REVOKED)
    effective_on = models.DateField(
        pgettext_lazy("first day", "from"), help_text=_("The first day it no longer holds.")
    )
    reason = models.TextField(_("reason"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.certification_id} {self.kind} {self.effective_on}"
