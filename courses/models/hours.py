"""学时: the ledger of continuing training, and how many hours a year asks for."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.models.facts import RecordedFact, span_is_ordered
from courses.models.categories import HourCategory
from courses.models.courses import Course
from courses.models.progress import Enrolment

LEAST, MOST = Decimal("0.1"), Decimal(400)


class HourEntry(RecordedFact):
    """Hours that one person is credited with for one training, from its first day to its last.

    Appended and never rewritten: a mistake is withdrawn with a reason, and a correction stands beside it.
    """

    class Source(models.TextChoices):
        COURSE = "course", _("Course completed")
        CLASSROOM = "classroom", _("Classroom session")
        ENTERED = "entered", _("Entered by HR")
        IMPORTED = "imported", _("Imported from a file")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hour_entries", verbose_name=_("person")
    )
    year = models.PositiveSmallIntegerField(
        _("counts for the year"), validators=[MinValueValidator(1990), MaxValueValidator(2199)]
    )
    hours = models.DecimalField(
        _("hours"),
        max_digits=5,
        decimal_places=1,
        validators=[MinValueValidator(LEAST), MaxValueValidator(MOST)],
        help_text=_("Training hours of 45 minutes."),
    )
    category = models.CharField(_("category"), max_length=20, choices=HourCategory.choices)
    title = models.CharField(_("training"), max_length=200)
    title_en = models.CharField(_("training (English)"), max_length=200, blank=True)
    provider = models.CharField(
        pgettext_lazy("training", "provider"),
        max_length=120,
        blank=True,
        help_text=_("Who held it: a department, an association, a university."),
    )
    evidence = models.CharField(
        _("evidence"),
        max_length=255,
        blank=True,
        help_text=_(
            "What proves it and where it is kept: the number of a certificate, the folder of the sign-in list."
        ),
    )
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, editable=False)
    enrolment = models.ForeignKey(
        Enrolment, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="hour_entries"
    )
    attendance = models.ForeignKey(
        "courses.Attendance",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="hour_entries",
    )
    corrects = models.OneToOneField(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="corrected_by"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_reason = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("hour entry")
        verbose_name_plural = _("hour entries")
        ordering = ["-effective_from", "-pk"]
        constraints = [
            span_is_ordered("hours_span_is_ordered"),
            models.CheckConstraint(condition=Q(effective_until__isnull=False), name="hours_have_a_last_day"),
            models.CheckConstraint(condition=Q(hours__gte=LEAST, hours__lte=MOST), name="hours_are_some"),
            # Withdrawn ones count too: a replay of the facts never brings back what a person took out.
            models.UniqueConstraint(fields=["enrolment"], name="hours_once_a_completion"),
            models.UniqueConstraint(fields=["attendance"], name="hours_once_an_attendance"),
            models.CheckConstraint(
                condition=Q(source="course", enrolment__isnull=False, attendance=None)
                | Q(source="classroom", attendance__isnull=False, enrolment=None)
                | Q(source__in=["entered", "imported"], enrolment=None, attendance=None),
                name="hours_name_their_source",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("recorded_by")), name="hours_reviewed_by_another"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "year"], condition=Q(withdrawn_at=None), name="hours_person_year"),
            models.Index(fields=["source", "-effective_from"], name="hours_register"),
        ]

    def __str__(self) -> str:
        return f"{self.local_title} {self.hours}"

    @property
    def local_title(self) -> str:
        return (self.title_en or self.title) if get_language() == "en" else self.title


class CourseHours(models.Model):
    """A course counts for other hours from a day on; what was completed before counts for what it said ``before``."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="hours_before")
    holds_from = models.DateField(_("holds from"))
    before = models.DecimalField(max_digits=5, decimal_places=1)
    after = models.DecimalField(max_digits=5, decimal_places=1)
    reason = models.CharField(max_length=300, blank=True)
    # Decided for a later day: until that has come the course says what it said, and then this is taken over.
    taken_over = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("changed hours of a course")
        verbose_name_plural = _("changed hours of courses")
        ordering = ["course", "holds_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["course"], condition=Q(taken_over=False), name="one_later_change_of_hours_a_course"
            )
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.holds_from} {self.before} {self.after}"


class HourQuota(models.Model):
    """How many hours a year asks of everybody, from a year on until another row of the same category takes its place."""

    from_year = models.PositiveSmallIntegerField(
        _("from the year"), validators=[MinValueValidator(1990), MaxValueValidator(2199)]
    )
    category = models.CharField(
        _("category"),
        max_length=20,
        choices=HourCategory.choices,
        blank=True,
        help_text=_("Empty: the hours of all categories together."),
    )
    hours = models.DecimalField(
        _("hours a year"),
        max_digits=5,
        decimal_places=1,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(MOST)],
        help_text=_("Leave, and the part of the year before hiring, reduce it in proportion. 0: nothing is required."),
    )

    class Meta:
        verbose_name = _("hours required a year")
        verbose_name_plural = _("hours required a year")
        ordering = ["-from_year", "category"]
        constraints = [models.UniqueConstraint(fields=["from_year", "category"], name="one_quota_a_year_and_category")]

    def __str__(self) -> str:
        return f"{self.from_year} {self.get_category_display()} {self.hours}"
