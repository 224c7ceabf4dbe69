"""Facts about learning: one time through a course by one person, and what was done in each lesson."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models.courses import Course, Lesson
from quizzes.models import QuestionVersion


class Enrolment(models.Model):
    """选课记录. A renewal opens the next time; the old one stays."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrolments")
    time = models.PositiveSmallIntegerField(default=1)
    opened_at = models.DateTimeField(default=timezone.now)
    last_lesson = models.ForeignKey(Lesson, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["learner", "course", "time"], name="one_enrolment_a_time"),
            models.UniqueConstraint(
                fields=["learner", "course"], condition=Q(completed_at=None), name="one_open_enrolment_a_course"
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None, completed_on=None)
                | Q(completed_at__isnull=False, completed_on__isnull=False),
                name="a_completion_has_day_and_moment",
            ),
        ]
        indexes = [models.Index(fields=["learner", "-last_seen_at"], name="enrolment_resume")]

    def __str__(self) -> str:
        return f"{self.learner_id} {self.course_id} {self.time}"


class LessonProgress(models.Model):
    """What one person did in one lesson during one enrolment."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="lessons")
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="progress")
    opened_at = models.DateTimeField(default=timezone.now)
    # How far it was read, in thousandths of the page, to resume there.
    position = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    # How long the page was open before the reader, by the server's clock, and when that was told last.
    read_seconds = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)
    check_version = models.ForeignKey(
        QuestionVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    check_response = models.JSONField(null=True, blank=True)
    check_right = models.BooleanField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    # How often a wrong answer was explained, and since when the question lets the lesson count.
    check_explained = models.PositiveSmallIntegerField(default=0)
    check_settled_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    # 明天试一试: the person says so, whoever leads them saw it. By itself it counts for nothing.
    tried_at = models.DateTimeField(_("tried at"), null=True, blank=True)
    tried_words = models.CharField(_("how it went"), max_length=300, blank=True)
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["enrolment", "lesson"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "lesson"], name="one_progress_a_lesson"),
            models.CheckConstraint(condition=Q(position__lte=1000), name="position_is_in_thousandths"),
            models.CheckConstraint(
                condition=Q(tried_at=None, tried_words="") | Q(tried_at__isnull=False, done_at__isnull=False),
                name="what_is_tried_is_done",
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None)
                | Q(seen_at__isnull=False, seen_by__isnull=False, tried_at__isnull=False),
                name="what_is_seen_is_tried",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.lesson_id}"


class LeastReading(models.Model):
    """What share of a lesson's stated minutes has to pass on its page before the lesson counts; one row, 0: none."""

    share = models.PositiveSmallIntegerField(
        _("least reading time (percent of the stated minutes)"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "0: off. It holds for lessons that are not done yet, from the moment it is saved; reading is never locked."
        ),
    )

    class Meta:
        verbose_name = _("least reading time")
        verbose_name_plural = _("least reading time")
        constraints = [models.CheckConstraint(condition=Q(share__lte=100), name="least_reading_is_a_share")]

    def __str__(self) -> str:
        return f"{self.share} %"


class StarterRecord(models.Model):
    """What the starter curriculum loaded from which file, so that a trainer's later edit is never overwritten."""

    path = models.CharField(max_length=255, unique=True)
    file_digest = models.CharField(max_length=64)
    content_digest = models.CharField(max_length=64)
    # Of a question: the short name of its bank; identifiers are a bank's own.
    bank = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return self.path
