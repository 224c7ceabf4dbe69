"""Papers drawn ahead for a list of people: a run that a killed worker leaves where it stood, and the clock takes up."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quizzes.models.quiz import Quiz


class DrawRun(models.Model):
    """One press of the button: for whom, and how far it is. ``done`` counts people, in the order of ``people``."""

    class State(models.TextChoices):
        RUNNING = "running", _("Papers are being drawn")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="draw_runs")
    people = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    done = models.PositiveIntegerField(default=0)
    drawn = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.done}/{self.total}"

    @property
    def total(self) -> int:
        return len(self.people)

    @property
    def kept(self) -> int:
        """People who had a paper already, or were writing."""
        return self.done - self.drawn
