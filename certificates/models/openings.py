"""An exam that its requirements opened for a person: once open it stays open in that cycle."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.tracks import CertificationTrack
from quizzes.models import Quiz


class ExamOpening(models.Model):
    """Noted when the last fact came in, or by the day when time completed it; never taken back by a rule."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exam_openings", verbose_name=_("person")
    )
    track = models.ForeignKey(CertificationTrack, on_delete=models.PROTECT, related_name="+", verbose_name=_("track"))
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="+", verbose_name=_("quiz or exam"))
    cycle = models.PositiveIntegerField(_("cycle"))
    opened_on = models.DateField(_("opened on"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("opened exam")
        verbose_name_plural = _("opened exams")
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "track", "quiz", "cycle"], name="one_opening_a_person_track_exam_and_cycle"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.quiz_id} {self.opened_on}"
