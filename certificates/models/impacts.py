"""影响测算: what a change of the rules would do, by name and branch, before anybody saves it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.models import Branch, JobRow
from certificates.models.tracks import RuleVersion


class ImpactPreview(JobRow):
    """One draft of a change and what it would do on a day. It speaks of that draft over those rules and of nothing else.

    ``draft`` is the change whole, ``subject`` the reference of what would be changed; ``digest`` covers both and what holds
    now. ``counts`` are numbers of people by effect, for the bank and by branch. Once saved the version keeps it.
    """

    class Change(models.TextChoices):
        RULES = "rules", _("Requirements of a level")

    change = models.CharField(_("change"), max_length=10, choices=Change.choices)
    subject = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    draft = models.JSONField()
    judged_on = models.DateField(_("judged on"))
    counts = models.JSONField(default=dict)
    rule_version = models.ForeignKey(
        RuleVersion, null=True, on_delete=models.PROTECT, related_name="impacts", verbose_name=_("version")
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("impact preview")
        verbose_name_plural = _("impact previews")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["digest"], name="impact_by_digest")]

    def __str__(self) -> str:
        return f"{self.change} {self.subject}"


class ImpactRow(models.Model):
    """What it would do to one person. ``before`` and ``after`` are what is missing, ``counts`` what of theirs still counts:
    places in the lists of requirements, by which they are said in words."""

    class Effect(models.TextChoices):
        GAINS = "gains", _("Would have met everything")
        LOSES = "loses", _("Would no longer have met everything")
        DUE = "due", _("Would have more to do")
        HALF_WAY = "half_way", _("Half way")
        FREED = "freed", _("Would have less to do")

    preview = models.ForeignKey(ImpactPreview, on_delete=models.CASCADE, related_name="rows")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    branch = models.ForeignKey(Branch, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch"))
    effect = models.CharField(_("effect"), max_length=10, choices=Effect.choices)
    holds = models.BooleanField(_("holds the level"), default=False)
    by_old_rule = models.BooleanField(_("finishes under the old version"), default=False)
    before = models.JSONField(default=list)
    after = models.JSONField(default=list)
    counting = models.JSONField(default=list)
    lost = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["preview", "person"], name="one_impact_a_preview_and_person")]
        indexes = [models.Index(fields=["preview", "effect"], name="impact_rows_by_effect")]

    def __str__(self) -> str:
        return f"{self.preview_id} {self.person_id} {self.effect}"
