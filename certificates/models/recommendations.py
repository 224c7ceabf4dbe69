"""推荐: a line manager's word that a person is ready for a level. Evidence where a track asks for it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from certificates.models.tracks import CertificationTrack


class Recommendation(models.Model):
    """Made by the manager of the day or a deputy; taken back by setting ``withdrawn_at``, never deleted."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recommendations", verbose_name=_("person")
    )
    track = models.ForeignKey(
        CertificationTrack, on_delete=models.PROTECT, related_name="recommendations", verbose_name=_("track")
    )
    made_on = models.DateField(_("made on"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    words = models.CharField(_("why"), max_length=500)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["-made_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "track", "made_on"],
                condition=models.Q(withdrawn_at=None),
                name="one_recommendation_a_person_track_and_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.track_id} {self.made_on}"

    def may_be_undone(self) -> bool:
        """On its own day it is undone with a press; later it takes a reason."""
        return self.made_on == local_day(timezone.now())
