"""What happened in the hall beside the answers: outages with their credits, and facts noticed while somebody wrote."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models import Branch
from quizzes.models.attempts import Attempt
from quizzes.models.quiz import Quiz
from quizzes.models.sessions import ExamSession


class Incident(models.Model):
    """故障: a span in which papers could not be written, for one session, one branch, or everybody at the exam."""

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="incidents", verbose_name=_("exam"))
    session = models.ForeignKey(
        ExamSession,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="incidents",
        verbose_name=pgettext_lazy("exam", "session"),
        help_text=_("Empty: every session of the exam."),
    )
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="incidents",
        verbose_name=_("branch and below"),
        help_text=_("People posted here or below were affected."),
    )
    starts_at = models.DateTimeField(pgettext_lazy("moment", "from"))
    ends_at = models.DateTimeField(pgettext_lazy("moment", "until"))
    reason = models.CharField(_("what happened"), max_length=500)
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="an_outage_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return self.reason


class OutageCredit(models.Model):
    """故障补时: the minutes one paper lost in one outage, given once."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="credits")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="outage_credits")
    # The span that was lost, so that two outages that overlap never give the same minute twice.
    lost_from = models.DateTimeField()
    lost_until = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    reopened = models.BooleanField(default=False)
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "attempt"], name="one_credit_an_outage_and_paper"),
            models.CheckConstraint(
                condition=Q(lost_until__gt=F("lost_from")), name="a_credit_is_for_time_that_was_lost"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.attempt_id} {self.minutes}"


class IntegrityNote(models.Model):
    """A fact noticed while a paper was written. It judges nothing; a person may ask about it."""

    class Kind(models.TextChoices):
        LEFT = "left", _("Left the page")
        PASTE = "paste", _("Pasted text")
        SECOND = "second", _("Opened in a second place")
        ADDRESS = "address", _("Network address changed")

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="integrity_notes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # The server's moment of arrival: the clock of the candidate's device may be wrong.
    at = models.DateTimeField(default=timezone.now)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["attempt", "at", "pk"]
        indexes = [models.Index(fields=["attempt", "kind"], name="note_of_attempt")]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.kind}"


class Presence(models.Model):
    """Where a paper was last open: what the next sign of life is compared with."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="presence")
    # Digests, which name nobody: of the sign-in, of the page as it was loaded, and of the page seen before that one.
    place = models.CharField(max_length=64)
    page = models.CharField(max_length=64, blank=True)
    page_before = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.seen_at}"
