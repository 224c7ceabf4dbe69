"""题目反馈: somebody found a question wrong, in exactly this version of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quizzes.models.attempts import Attempt
from quizzes.models.bank import QuestionVersion


class QuestionReport(models.Model):
    """One person's report of one version, from a paper or from practice, and what trainers answered."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("report", "Open")
        ACCEPTED = "accepted", pgettext_lazy("report", "Accepted")
        DECLINED = "declined", pgettext_lazy("report", "Declined")

    version = models.ForeignKey(
        QuestionVersion, on_delete=models.PROTECT, related_name="reports", verbose_name=_("question")
    )
    # Both empty when it was reported from practice.
    attempt = models.ForeignKey(Attempt, null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="question_reports")
    text = models.TextField(_("what is wrong"))
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("question report")
        verbose_name_plural = _("question reports")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "reporter"], condition=Q(state="open"), name="one_open_report_a_version_and_person"
            ),
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None) | (~Q(state="open") & Q(answered_at__isnull=False)),
                name="an_answered_report_says_when",
            ),
            models.CheckConstraint(
                condition=Q(attempt=None, slot=None) | Q(attempt__isnull=False, slot__isnull=False),
                name="a_report_from_a_paper_names_its_slot",
            ),
        ]
        indexes = [models.Index(fields=["reporter", "created_at"], name="report_of_person_by_time")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.state}"
