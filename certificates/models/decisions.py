"""What people decided about a person and a track: dated facts beside those that were learned, passed and awarded."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models import Proposal
from academy.models.facts import RecordedFact, span_is_ordered
from certificates.models.certifications import Certification
from certificates.models.tracks import CertificationTrack, Requirement


class Decision(RecordedFact):
    """One act about one person and one track, made by ``proposal``. Taken back by another act, which withdraws the row.

    ``about`` says which requirement it is about in whatever version of the rules, see ``rules.decided.subject_of``.
    The days mean by act: of a waiver, while it holds; of accepted or refused evidence the day of that evidence; of an
    extension, ``effective_until`` is the last valid day, or the last day in time; of every other act the day it holds from.
    """

    class Act(models.TextChoices):
        WAIVE = "waive", _("Requirement waived")
        ACCEPT = "accept", _("Earlier evidence accepted")
        REFUSE = "refuse", _("Evidence refused")
        EXTEND = "extend", _("Extended")
        AWARD = "award", _("Awarded by hand")
        REVOKE = "revoke", _("Revoked")
        REINSTATE = "reinstate", _("Reinstated")
        LOWER = "lower", _("Downgraded")
        END = "end", pgettext_lazy("decision", "Ended")
        CORRECT = "correct", _("Reissue (correction)")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("person")
    )
    track = models.ForeignKey(
        CertificationTrack, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("track")
    )
    act = models.CharField(_("decision"), max_length=12, choices=Act.choices)
    requirement = models.ForeignKey(
        Requirement, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("requirement")
    )
    about = models.CharField(max_length=80, blank=True)
    # A waiver for one cycle holds for the award of that number only.
    cycle = models.PositiveSmallIntegerField(_("cycle"), null=True, blank=True)
    certification = models.ForeignKey(
        Certification,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        verbose_name=_("certification"),
    )
    reason = models.TextField(_("reason"), max_length=500)
    document_number = models.CharField(_("document number"), max_length=80, blank=True)
    proposal = models.ForeignKey(
        Proposal, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            span_is_ordered("decision_span_is_ordered"),
            models.CheckConstraint(
                condition=~Q(act__in=["waive", "accept", "refuse"]) | ~Q(about=""), name="decision_names_a_requirement"
            ),
            models.CheckConstraint(
                condition=~Q(act="extend") | Q(effective_until__isnull=False), name="extension_has_a_last_day"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "act"], condition=Q(withdrawn_at=None), name="decision_of_person"),
            models.Index(
                fields=["certification", "-recorded_at"], condition=Q(act="extend"), name="extension_of_certification"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.track_id} {self.act} {self.effective_from}"
