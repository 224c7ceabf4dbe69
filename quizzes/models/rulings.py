"""What a person decided about a sitting: absent, deferred, irregular, void; and bans."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models import Line, Proposal
from academy.models.facts import RecordedFact
from quizzes.models.attempts import Attempt
from quizzes.models.quiz import Quiz
from quizzes.models.sessions import Candidate


class SpecialResult(models.Model):
    """缺考, 缓考, 违纪, 成绩作废: one current word about a seat or a paper. Taken back, it stays, withdrawn.

    What each does is written down in one place, ``quizzes.hall``.
    """

    class Kind(models.TextChoices):
        ABSENT = "absent", _("Absent")
        DEFERRED = "deferred", _("Deferred")
        IRREGULAR = "irregular", _("Irregular")
        VOID = "void", pgettext_lazy("exam result", "Void")

    kind = models.CharField(_("result"), max_length=10, choices=Kind.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="special_results", verbose_name=_("person")
    )
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="special_results", verbose_name=_("exam"))
    # The ground's key at the time: a sitting that counts as used counts inside one occasion.
    occasion = models.CharField(max_length=80, blank=True)
    candidate = models.ForeignKey(
        Candidate, null=True, blank=True, on_delete=models.PROTECT, related_name="special_results"
    )
    attempt = models.ForeignKey(
        Attempt, null=True, blank=True, on_delete=models.PROTECT, related_name="special_results"
    )
    reason = models.CharField(_("reason"), max_length=500)
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("special result")
        verbose_name_plural = _("special results")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt"],
                condition=Q(withdrawn_at=None, attempt__isnull=False),
                name="one_special_result_a_paper",
            ),
            models.UniqueConstraint(
                fields=["candidate"],
                condition=Q(withdrawn_at=None, candidate__isnull=False),
                name="one_special_result_a_seat",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["absent", "deferred"], attempt=None)
                | Q(kind="void", attempt__isnull=False)
                | (Q(kind="irregular") & (Q(attempt__isnull=False) | Q(candidate__isnull=False))),
                name="a_special_result_fits_what_was_sat",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "quiz"], condition=Q(withdrawn_at=None), name="special_result_of_person")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.quiz_id} {self.kind}"


class Ban(RecordedFact):
    """禁考: no exam may be started, of one line or of all, through a day. Lifted early, it ends the day before."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bans", verbose_name=_("person")
    )
    line = models.CharField(
        _("line"), max_length=20, choices=Line.choices, blank=True, help_text=_("Empty: exams of every line.")
    )
    reason = models.CharField(_("reason"), max_length=500)
    proposal = models.ForeignKey(
        Proposal, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("ban")
        verbose_name_plural = _("bans")
        ordering = ["-effective_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_until__isnull=False, effective_until__gte=F("effective_from")),
                name="a_ban_ends_after_it_begins",
            )
        ]
        indexes = [models.Index(fields=["person"], condition=Q(withdrawn_at=None), name="ban_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.effective_from} – {self.effective_until}"
