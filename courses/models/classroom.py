"""面授: sessions that people attend in a room, who was there, and what came of it."""

import uuid
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.models import Branch, JobRow
from academy.models.facts import FactQuerySet
from academy.models.two_languages import SaidInTwoLanguages
from courses.models.categories import HourCategory
from courses.models.courses import Course
from courses.models.hours import LEAST, MOST


class ClassSession(SaidInTwoLanguages, models.Model):
    """One training in one place at one time: of a course, or of a topic of its own."""

    class Form(models.TextChoices):
        CLASSROOM = "classroom", _("In a classroom")
        BLENDED = "blended", _("Classroom and online")
        ONLINE = "online", _("Live online")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.ForeignKey(
        Course,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="class_sessions",
        verbose_name=_("course"),
        help_text=_("Where the session belongs to one; its completion is not touched by it."),
    )
    title = models.CharField(_("topic (Chinese)"), max_length=120, help_text=_("As in the training register."))
    title_en = models.CharField(_("topic (English)"), max_length=120, blank=True)
    form = models.CharField(_("form"), max_length=10, choices=Form.choices, default=Form.CLASSROOM)
    category = models.CharField(
        _("category"), max_length=20, choices=HourCategory.choices, default=HourCategory.PROFESSION
    )
    hours = models.DecimalField(
        _("hours"),
        max_digits=5,
        decimal_places=1,
        validators=[MinValueValidator(LEAST), MaxValueValidator(MOST)],
        help_text=_("Training hours of 45 minutes, credited to those who were there from beginning to end."),
    )
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="class_sessions",
        verbose_name=_("organiser"),
        help_text=_("Whoever answers for this branch looks after the session; its people and those below may sign up."),
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=160)
    lecturer = models.CharField(_("lecturer"), max_length=120)
    taught_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="classes_taught",
        verbose_name=_("lecturer of the bank"),
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"), default=30, validators=[MinValueValidator(1), MaxValueValidator(5000)]
    )
    open_to_all = models.BooleanField(
        _("open for signing up"), default=False, help_text=_("Otherwise only those whom you invite take part.")
    )
    walk_ins = models.BooleanField(
        _("walk-ins may sign in"), default=False, help_text=_("While seats are free, with the code on the screen.")
    )
    late_minutes = models.PositiveSmallIntegerField(
        _("sign-in until (minutes after the start)"), default=15, validators=[MaxValueValidator(240)]
    )
    scored = models.BooleanField(_("ends with a test"), default=False, help_text=_("Then hours need a score as well."))
    pass_score = models.DecimalField(
        _("score to reach"),
        max_digits=5,
        decimal_places=1,
        default=Decimal(60),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text=_("Out of 100."),
    )
    note = models.TextField(_("for those who come (Chinese)"), max_length=1000, blank=True)
    note_en = models.TextField(_("for those who come (English)"), max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    # 经办人: who closed it and so answers for the list; 复核人: another who went through it.
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("classroom session")
        verbose_name_plural = _("classroom sessions")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_class_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(hours__gte=LEAST, hours__lte=MOST), name="class_hours_are_some"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(cancelled_at=None), name="no_class_is_closed_and_cancelled"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("closed_by")), name="class_reviewed_by_another"
            ),
        ]
        indexes = [models.Index(fields=["starts_at"], name="class_starts")]

    def __str__(self) -> str:
        return self.local_title

    @property
    def local_title(self) -> str:
        return self.words("title")

    @property
    def local_note(self) -> str:
        return self.words("note")

    @property
    def note_language(self) -> str:
        return self.language_beside("note")

    def get_absolute_url(self) -> str:
        return reverse("classroom:session", args=[self.uuid])


class AttendeeQuerySet[Row: models.Model](models.QuerySet[Row]):
    def seated(self) -> Self:
        return self.filter(standing=Attendee.Standing.SEATED)

    def coming(self) -> Self:
        """With a seat or waiting for one."""
        return self.exclude(standing=Attendee.Standing.GIVEN_UP)


class Attendee(models.Model):
    """A person on a session's list, as the list stands until the session is closed."""

    class Origin(models.TextChoices):
        INVITED = "invited", _("Invited")
        SIGNED_UP = "signed_up", _("Signed up")
        WALK_IN = "walk_in", _("Walk-in")

    class Standing(models.TextChoices):
        SEATED = "seated", _("Has a seat")
        WAITING = "waiting", _("Waits for a seat")
        GIVEN_UP = "given_up", _("Not coming")

    class How(models.TextChoices):
        CODE = "code", _("Own phone")
        TYPED = "typed", _("Typed by the organiser")

    session = models.ForeignKey(ClassSession, on_delete=models.PROTECT, related_name="attendees")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="classes")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.SEATED)
    # Since when the person is on the list in this standing; who waits longest gets the next seat.
    since = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField(null=True, blank=True)
    signed_in_how = models.CharField(max_length=10, choices=How.choices, blank=True)
    signed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    late = models.BooleanField(default=False)
    left_early_at = models.DateTimeField(null=True, blank=True)
    absence_reason = models.CharField(max_length=300, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)

    objects = AttendeeQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="one_attendee_a_class_and_person"),
            models.CheckConstraint(
                condition=Q(signed_in_at=None, signed_in_how="") | Q(signed_in_at__isnull=False) & ~Q(signed_in_how=""),
                name="a_sign_in_says_how",
            ),
            models.CheckConstraint(
                condition=Q(signed_in_at=None) | Q(standing="seated"), name="who_signed_in_has_a_seat"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="class_score_is_out_of_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.person_id}"


class Attendance(models.Model):
    """What became of one person in a closed session. Appended at closing; a correction withdraws it and appends another."""

    class Recognition(models.TextChoices):
        """Whether the hours count, and if not, why."""

        YES = "yes", _("Recognised")
        ABSENT = "absent", _("Did not sign in")
        LATE = "late", _("Came late")
        LEFT_EARLY = "left_early", _("Left early")
        NO_SCORE = "no_score", _("No score")
        BELOW = "below", _("Score too low")

    session = models.ForeignKey(ClassSession, on_delete=models.PROTECT, related_name="attendances")
    attendee = models.ForeignKey(Attendee, on_delete=models.PROTECT, related_name="attendances")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attendances")
    signed_in_at = models.DateTimeField(null=True, blank=True)
    signed_in_how = models.CharField(max_length=10, choices=Attendee.How.choices, blank=True)
    left_early_at = models.DateTimeField(null=True, blank=True)
    absence_reason = models.CharField(max_length=300, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    recognition = models.CharField(_("hours recognised"), max_length=10, choices=Recognition.choices)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attendee"], condition=Q(withdrawn_at=None), name="one_attendance_an_attendee"
            ),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(withdrawn_at=None), name="attendance_person")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.person_id} {self.recognition}"


class TrainingExport(JobRow):
    """One asked-for training register: what it is asked; how it goes stands in its job."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_exports"
    )
    question = models.JSONField(default=dict)
    requested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("export of the training register")
        verbose_name_plural = _("exports of the training register")
        ordering = ["-requested_at"]

    def __str__(self) -> str:
        return str(self.uuid)
