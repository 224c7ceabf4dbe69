"""One person's paper and what they answered. Nothing typed is lost, nothing handed in changes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quizzes.models.bank import QuestionVersion
from quizzes.models.quiz import Quiz


class Attempt(models.Model):
    """答卷. The paper (version ids, order, option order, marks) is drawn once at the start."""

    class State(models.TextChoices):
        IN_PROGRESS = "in_progress", _("In progress")
        FINISHED = "finished", _("Handed in")

    class ClosedBy(models.TextChoices):
        LEARNER = "learner", _("Handed in")
        TIME = "time", _("Timed out, handed in for you")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attempts")
    # An opaque key given by the ground (an enrolment, a round): limits and waits count inside one occasion.
    occasion = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.IN_PROGRESS)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    # [{"slot": 1, "version": id, "mark": "1.00", "order": {...}}], see quizzes.papers
    paper = models.JSONField()
    pass_mark = models.DecimalField(max_digits=5, decimal_places=2)
    started_at = models.DateTimeField(default=timezone.now)
    deadline = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=10, choices=ClosedBy.choices, blank=True)
    mark = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    max_mark = models.DecimalField(max_digits=9, decimal_places=4)
    passed = models.BooleanField(null=True, blank=True)
    # Empty while what follows from the result (course completion, award) has not gone through; tick repeats it.
    followed_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "learner"], condition=Q(state="in_progress"), name="one_open_attempt_a_quiz"
            ),
            models.UniqueConstraint(
                fields=["quiz", "learner", "occasion", "number"], name="one_attempt_a_number_and_occasion"
            ),
            models.CheckConstraint(
                condition=Q(state="in_progress", finished_at=None, passed=None)
                | Q(state="finished", finished_at__isnull=False, mark__isnull=False, passed__isnull=False),
                name="a_finished_attempt_is_graded",
            ),
        ]
        indexes = [
            models.Index(fields=["deadline"], condition=Q(state="in_progress"), name="attempt_open_deadline"),
            models.Index(
                fields=["finished_at"], condition=Q(state="finished", followed_up_at=None), name="attempt_to_follow_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.learner_id} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("quizzes:attempt", args=[self.uuid])


class Answer(models.Model):
    """What stands in one slot: one row, written by a conditional upsert, marked when the attempt closes."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers")
    slot = models.PositiveSmallIntegerField()
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="answers")
    # The tab's own counter orders answers inside one tab; between tabs the time of arrival does.
    tab = models.CharField(max_length=36, blank=True)
    sequence = models.BigIntegerField(default=0)
    saved_at = models.DateTimeField(default=timezone.now)
    response = models.JSONField(null=True, blank=True)
    flagged = models.BooleanField(default=False)
    fraction = models.DecimalField(max_digits=12, decimal_places=10, null=True, blank=True)
    mark = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["attempt", "slot"]
        constraints = [models.UniqueConstraint(fields=["attempt", "slot"], name="one_answer_a_slot")]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.slot}"


class KeptAnswer(models.Model):
    """An answer that did not count, kept so that nothing typed is lost: too late, or older than the stored one."""

    class Why(models.TextChoices):
        LATE = "late", _("Arrived after the deadline")
        OLDER = "older", _("Older than the stored answer")

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="kept_answers")
    slot = models.PositiveSmallIntegerField()
    response = models.JSONField(null=True)
    why = models.CharField(max_length=10, choices=Why.choices)
    tab = models.CharField(max_length=36, blank=True)
    sequence = models.BigIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["attempt", "slot", "received_at"]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.slot} {self.why}"
