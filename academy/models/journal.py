"""Proof of what was done, and by whom it was looked at."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JournalEntry(models.Model):
    """One act. Never deleted; changed in two ways only: the seal is added once, the payload may be erased.

    Of a payload that named an erased person among others, what is not about that person stays in ``remains``.
    """

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    action = models.CharField(_("action"), max_length=60, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("actor")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="journal_entries",
        verbose_name=_("person concerned"),
    )
    about = models.CharField(_("about"), max_length=120, blank=True, db_index=True)
    payload = models.JSONField(null=True, help_text="Reason, before and after; erased after its term.")
    remains = models.JSONField(
        null=True, help_text="What may still be read of an erased payload; the digest proves the payload, not this."
    )
    payload_digest = models.CharField(max_length=64)
    # The row that the entry wrote, and the digest of what it said then; see ``academy.journal.facts``.
    fact = models.CharField(max_length=80, blank=True, default="", db_default="")
    fact_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    digest = models.CharField(max_length=64)
    # By which the academy knows what it recorded itself; empty for entries from before there were marks.
    mark = models.CharField(max_length=100, blank=True, default="", db_default="")
    number = models.PositiveBigIntegerField(_("number"), null=True, unique=True)
    previous_digest = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)
    # Which of the journal's keys made the seal, and until then the mark; empty for seals from before keys had ids.
    key_id = models.CharField(max_length=12, blank=True, default="", db_default="")
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number=None, seal="") | (models.Q(number__isnull=False) & ~models.Q(seal="")),
                name="a_numbered_entry_is_sealed",
            ),
            models.CheckConstraint(
                condition=models.Q(fact="", fact_digest="") | (~models.Q(fact="") & ~models.Q(fact_digest="")),
                name="a_fact_has_its_digest",
            ),
            models.UniqueConstraint(fields=["mark"], condition=~models.Q(mark=""), name="a_mark_is_used_once"),
        ]
        indexes = [
            models.Index(fields=["fact", "id"], condition=~models.Q(fact=""), name="journal_facts"),
            models.Index(fields=["-sealed_at", "-number"], name="journal_heads"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.about}"

    @property
    def reason(self) -> str:
        """Why it was done, '' where nobody said or the payload is erased."""
        return (self.payload or self.remains or {}).get("reason", "")


class AccessLog(models.Model):
    """Looking that must be known: verification look-ups and an auditor's reading. The one write on a GET."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    kind = models.CharField(max_length=40)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=64, blank=True)
    about = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
