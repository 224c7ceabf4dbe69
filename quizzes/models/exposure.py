"""Who was shown which question, and with its key: what a draw avoids, and what tells that an exam's pool is worn out."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from quizzes.models.bank import Question


class Exposure(models.Model):
    """One person and one question. The key counts as seen from the moment at which it was open to the person."""

    # The constraint's own index begins with it.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exposures", db_index=False
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="exposures")
    # Papers begun and practice that held it.
    times = models.PositiveIntegerField(_("times shown"), default=0)
    first_at = models.DateTimeField(_("first shown"))
    last_at = models.DateTimeField(_("last shown"))
    answered_at = models.DateTimeField(_("last answered"), null=True, blank=True)
    key_first_at = models.DateTimeField(_("first shown with its answer"), null=True, blank=True)
    key_last_at = models.DateTimeField(_("last shown with its answer"), null=True, blank=True)

    class Meta:
        ordering = ["person", "question"]
        constraints = [
            models.UniqueConstraint(fields=["person", "question"], name="one_exposure_a_person_and_question")
        ]
        indexes = [
            models.Index(fields=["question"], condition=Q(key_first_at__isnull=False), name="exposure_with_key"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.question_id} {self.times}"

    @staticmethod
    def use_in_words(count: int) -> str:
        return ngettext("shown to %(count)s person", "shown to %(count)s people", count) % {"count": count}
