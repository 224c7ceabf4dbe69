"""What results say of a quiz and of each version of its questions, as it was on a day. Reckoned anew, never edited."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from quizzes.models.bank import Question, QuestionVersion
from quizzes.models.quiz import Quiz


class QuizStatistics(models.Model):
    """The figures of whole papers (``quizzes.statistics.figures``), and how alike the papers were in difficulty."""

    quiz = models.OneToOneField(Quiz, on_delete=models.CASCADE, related_name="statistics")
    figures = models.JSONField(default=dict)
    # {"count", "lowest", "highest", "mean", "deviation"}: expected shares of the papers; empty where all are the same.
    spread = models.JSONField(default=dict)
    # By which results it was reckoned: another word says that there are newer ones.
    results = models.CharField(max_length=120, blank=True)
    reckoned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["quiz"]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.reckoned_at:%Y-%m-%d}"


class VersionStatistics(models.Model):
    """One version of a question in one quiz."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="version_statistics")
    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="statistics")
    count = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict)
    # Rows of the distractor table, where there are options; points of the item characteristic.
    options = models.JSONField(default=list)
    characteristic = models.JSONField(default=list)
    # {"count", "lower", "median", "upper"}: seconds on the question; empty where nothing was saved in time.
    times = models.JSONField(default=dict)
    # [{"code", "facts"}]: said in the reader's language.
    notes = models.JSONField(default=list)
    to_look_at = models.BooleanField(default=False)
    suggest_retire = models.BooleanField(default=False)
    reckoned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["quiz", "version"]
        constraints = [models.UniqueConstraint(fields=["quiz", "version"], name="one_statistics_a_quiz_and_version")]
        indexes = [
            models.Index(
                fields=["quiz"], condition=Q(to_look_at=True) | Q(suggest_retire=True), name="version_to_look_at"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.version_id}"


class KeptQuestion(models.Model):
    """Somebody read why a question may go, and kept it."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="keepings")
    # {code: count}: each reason that there was (``quizzes.statistics.worn``), and on how much it rested.
    known = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-kept_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.question_id} {self.kept_at:%Y-%m-%d}"


class RetireReasons(models.Model):
    """Why questions may go, of the whole bank as it was on a day: one row, reckoned anew when its basis is another."""

    # The day and by which statistics it was reckoned.
    basis = models.CharField(max_length=120)
    # {question: [{"code", "count", "facts"}]}
    reasons = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.basis
