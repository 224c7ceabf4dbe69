"""Papers drawn ahead for a list of people: a run that a killed worker leaves where it stood, and the clock takes up."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import ngettext

from academy.models import JobRow
from quizzes.models.quiz import Quiz


class DrawRun(JobRow):
    """One press of the button: for whom, and how far it is. ``done`` counts people, in the order of ``people``."""

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="draw_runs")
    people = models.JSONField()
    # Written in each batch's own transaction, so that no person is counted twice.
    done = models.PositiveIntegerField(default=0)
    drawn = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.done}/{self.total}"

    @staticmethod
    def use_in_words(count: int) -> str:
        return ngettext("drawn ahead %(count)s time", "drawn ahead %(count)s times", count) % {"count": count}

    @property
    def total(self) -> int:
        return len(self.people)

    @property
    def kept(self) -> int:
        """People who had a paper already, or were writing."""
        return self.done - self.drawn
