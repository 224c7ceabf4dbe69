"""What markers gave, who holds which answer just now, and repaired keys."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models import JobRow
from quizzes.models.attempts import Answer
from quizzes.models.bank import Question, QuestionVersion
from quizzes.models.quiz import Quiz


class Marking(models.Model):
    """One marker's mark of one answer, never changed; ``number`` says whether first, second or settling."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="markings")
    number = models.PositiveSmallIntegerField()
    marker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="markings")
    fraction = models.DecimalField(max_digits=12, decimal_places=10)
    # The rubric as it stood with what was chosen: {"criteria": [{"name", "points", "text"}], "vetoes": [...]}.
    chosen = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = pgettext_lazy("answer", "marking")
        verbose_name_plural = _("markings")
        ordering = ["answer", "number"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "number"], name="one_marking_a_number"),
            models.UniqueConstraint(fields=["answer", "marker"], name="nobody_marks_an_answer_twice"),
            models.CheckConstraint(
                condition=models.Q(fraction__gte=0, fraction__lte=1), name="a_marking_lies_between_0_and_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.number}"


class MarkingLease(models.Model):
    """An answer in a marker's hands until a moment; one answer is in one person's hands only."""

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="lease")
    marker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        ordering = ["until"]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.marker_id}"


class RegradeRun(JobRow):
    """Papers marked anew after a question was repaired: asked for, approved by a second person, run with progress."""

    class Mode(models.TextChoices):
        KEY = "key", _("By the repaired key")
        FULL = "full", _("Everybody gets the whole mark")
        DROP = "drop", _("The question does not count")
        BACK = "back", _("Taken back: by the key again")
        MARK = "mark", _("Another mark for the question")
        UNDO = "undo", _("Undone: as before the last repair")

    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.KEY)
    # The last answer that had its turn.
    cursor = models.BigIntegerField(default=0)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="regrades")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    # The run that this one undoes. Those from before papers remembered what stood there cannot be undone.
    undoes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undoings")
    can_be_undone = models.BooleanField(default=False)
    # Where it gives the question another mark: which, and on the papers of which quiz.
    worth = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    quiz = models.ForeignKey(Quiz, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Papers of people whose level it would touch and of whom it was decided that they stay as they are: [attempt].
    stays = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unfit = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("regrading")
        verbose_name_plural = _("regradings")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.question_id} {self.done}/{self.total}"

    @property
    def state_label(self) -> Any:
        return super().state_label if self.job is not None else _("Waits for a second person")


class RepairRequest(models.Model):
    """A repair that a trainer hands to head office's HR: what is to be done and why. Settled by a run, or declined in words."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="repair_requests")
    mode = models.CharField(max_length=4, choices=RegradeRun.Mode.choices)
    # Where it asks for another mark of the question: which, and on the papers of which quiz.
    worth = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    quiz = models.ForeignKey(Quiz, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    run = models.ForeignKey(RegradeRun, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    # What HR says where nothing is done.
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("repair handed to HR")
        verbose_name_plural = _("repairs handed to HR")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question"], condition=models.Q(settled_at=None), name="one_open_repair_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question_id} {self.mode}"
