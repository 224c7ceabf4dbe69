"""经办 / 复核: what one person proposed and another decides."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.models.people import User


class Proposal(models.Model):
    """One act with its facts, its people and its reason. It takes effect when another person approves it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a second person")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Not approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        ALONE = "alone", _("In force without a second person")

    action = models.CharField(_("action"), max_length=60, db_index=True)
    people = models.ManyToManyField(User, related_name="proposals_about", verbose_name=_("people concerned"))
    facts = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("proposed by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )
    note = models.CharField(_("note of the decision"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, decided_by=None)
                | (
                    Q(state__in=["approved", "rejected", "withdrawn"])
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                )
                | Q(state="alone", decided_at__isnull=False, decided_by=None),
                name="a_decided_proposal_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "rejected"]) | ~Q(decided_by=F("proposed_by")),
                name="nobody_decides_their_own_proposal",
            ),
        ]
        indexes = [models.Index(fields=["proposed_at"], condition=Q(state="waiting"), name="proposal_waiting")]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"


class ProposalObject(models.Model):
    """A thing that a proposal concerns, as the journal names it (``quizzes.question:7``): one act may concern many."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="objects_concerned")
    reference = models.CharField(max_length=80, db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "reference"], name="a_proposal_names_a_thing_once"),
        ]

    def __str__(self) -> str:
        return self.reference


class FourEyesSwitch(models.Model):
    """HR's word for one action. Without a row a second person decides wherever there is one."""

    action = models.CharField(_("action"), max_length=60, unique=True)
    demanded = models.BooleanField(_("a second person decides"))

    class Meta:
        ordering = ["action"]

    def __str__(self) -> str:
        return f"{self.action} {self.demanded}"
