"""How plays of client dialogues ended: a dated fact beside the answer, which says only what was said."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quizzes.models.attempts import Attempt
from quizzes.models.bank import QuestionVersion


class DialogueEnding(models.Model):
    """One play of a dialogue in practice, noted with its last word and never changed. ``play`` counts from 1; beginning
    anew is another play of the same paper."""

    class Kind(models.TextChoices):
        WON = "won", _("Client won over")
        SCRAPED = "scraped", _("Just about kept")
        LOST = "lost", _("Client lost")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dialogue_endings", verbose_name=_("person")
    )
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="dialogue_endings")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    slot = models.PositiveSmallIntegerField()
    play = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    ended_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    followed_up_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("end of a dialogue")
        verbose_name_plural = _("ends of dialogues")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "slot", "play"], name="one_ending_a_play"),
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(kind="won"), name="dialogues_won"),
            models.Index(
                fields=["recorded_at"], condition=Q(kind="won", followed_up_at=None), name="dialogue_to_follow_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.slot} {self.kind}"
