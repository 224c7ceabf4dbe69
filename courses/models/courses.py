"""What has no language: the identities that facts and requirements point at."""

import uuid
from decimal import Decimal
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from academy.models.slugs import MadeSlugField, NamesItself
from courses.models.categories import HourCategory
from quizzes.models import Quiz


class Topic(NamesItself, models.Model):
    """A shelf of the catalogue."""

    slug = MadeSlugField(_("short name"), made_from=("name_en", "name"), max_length=40, unique=True)
    name = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    hour_category = models.CharField(
        _("category of its hours"),
        max_length=20,
        choices=HourCategory.choices,
        default=HourCategory.PROFESSION,
        help_text=_("Hours of courses completed from now on are entered under it."),
    )
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["sort_order", "slug"]

    def __str__(self) -> str:
        return (self.name_en or self.name) if get_language() == "en" else self.name


# Its pages have Wagtail's manager, which has no types.
class Course(models.Model):  # type: ignore[django-manager-missing]
    """A course's identity: Chinese and English are one course with one progress and one result."""

    own_history = ("courses.CoursePage", "courses.Lesson")

    code = models.SlugField(_("code"), max_length=80, unique=True)
    translation_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    topic = models.ForeignKey(
        Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="courses", verbose_name=_("topic")
    )
    hours = models.DecimalField(
        _("hours"),
        max_digits=5,
        decimal_places=1,
        # The least; it follows from the minutes as soon as there are some.
        default=Decimal("0.1"),
        validators=[MinValueValidator(Decimal("0.1"))],
        help_text=_("Training hours of 45 minutes that completing the course counts for."),
    )
    hours_reason = models.CharField(
        _("why other hours than its minutes give"),
        max_length=300,
        blank=True,
        help_text=_(
            "Hours follow from the minutes of lessons, dialogues, quizzes and job aids; other hours need a reason."
        ),
    )
    days_needed = models.PositiveSmallIntegerField(
        _("days needed"),
        default=7,
        help_text=_("An assignment gives nobody fewer days than this, unless HR decides otherwise."),
    )
    # The names as last published, so that registers and standing need no page.
    title = models.CharField(max_length=255, blank=True, editable=False)
    title_en = models.CharField(max_length=255, blank=True, editable=False)
    quizzes_after_lessons = models.BooleanField(
        _("quiz only after the lessons"),
        default=True,
        help_text=_("The quiz opens when every lesson is done."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.local_title

    @property
    def titles(self) -> dict[str, str]:
        return {k: v for k, v in (("zh-hans", self.title), ("en", self.title_en)) if v}

    @property
    def local_title(self) -> str:
        first, second = (self.title_en, self.title) if get_language() == "en" else (self.title, self.title_en)
        return first or second or self.code


class CourseQuizQuerySet[Row: models.Model](models.QuerySet[Row]):
    def gating(self) -> Self:
        """Those that must be passed to complete the course; practice never counts."""
        return self.exclude(quiz__kind=Quiz.Kind.PRACTICE)


class CourseQuiz(models.Model):
    """A quiz placed in a course: it must be passed to complete the course, unless it is practice."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="placements")
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="+", verbose_name=_("quiz"))
    sort_order = models.PositiveSmallIntegerField(default=0)

    objects = CourseQuizQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        constraints = [models.UniqueConstraint(fields=["course", "quiz"], name="one_placement_a_course_and_quiz")]

    def __str__(self) -> str:
        return f"{self.course_id} {self.quiz_id}"

    @staticmethod
    def use_in_words(count: int) -> str:
        return ngettext("in %(count)s course", "in %(count)s courses", count) % {"count": count}


# Its pages have Wagtail's manager, which has no types.
class Lesson(models.Model):  # type: ignore[django-manager-missing]
    """A lesson's identity. Its words are in the lesson pages, its place and retirement here."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="lessons")
    translation_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=80)
    sort_order = models.PositiveSmallIntegerField(default=0)
    # Set when no page of the lesson is published any more: it gates nothing, and what was done stays.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        ordering = ["course", "sort_order", "pk"]
        constraints = [models.UniqueConstraint(fields=["course", "code"], name="one_lesson_a_course_and_code")]

    def __str__(self) -> str:
        return f"{self.course_id} {self.code}"
