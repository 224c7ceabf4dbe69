"""Exam day: sessions with their rooms, candidates and invigilators, and what was done in the hall."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.models import Branch, User
from academy.models.name_keys import HAN
from academy.models.two_languages import SaidInTwoLanguages
from quizzes.models.attempts import Attempt
from quizzes.models.quiz import Quiz


class ExamSession(SaidInTwoLanguages, models.Model):
    """场次: one sitting of an exam in one room. Who sits an exam that has sessions sits it inside their own."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="sessions", verbose_name=_("exam"))
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="exam_sessions",
        verbose_name=_("branch"),
        help_text=_("Whoever answers for this branch looks after the session."),
    )
    name = models.CharField(
        pgettext_lazy("of a session", "name (Chinese)"),
        max_length=80,
        help_text=_("Such as: morning, first sitting."),
    )
    name_en = models.CharField(pgettext_lazy("of a session", "name (English)"), max_length=80, blank=True)
    room = models.CharField(_("room"), max_length=160, help_text=_("Building, floor and room, as on the slip."))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(
        _("ends"), help_text=_("Papers still open are handed in then, except where a person was given minutes.")
    )
    late_minutes = models.PositiveSmallIntegerField(
        _("late entry (minutes)"),
        default=30,
        validators=[MaxValueValidator(480)],
        help_text=_("Whoever comes later than this after the start is not let in."),
    )
    seats = models.PositiveSmallIntegerField(
        _("seats in the room"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text=_("No more candidates than this."),
    )
    note = models.TextField(
        _("for the candidates (Chinese)"),
        max_length=1000,
        blank=True,
        help_text=_("Shown on the slip: what to bring, how to get there."),
    )
    note_en = models.TextField(_("for the candidates (English)"), max_length=1000, blank=True)
    start_code = models.CharField(
        _("start code"),
        max_length=12,
        blank=True,
        help_text=_(
            "Shown on the console; the invigilator gives it out in the room, and nobody can begin without "
            "it. Empty: anyone entered can begin from anywhere."
        ),
    )
    invigilators = models.ManyToManyField(
        User, blank=True, related_name="invigilated_sessions", verbose_name=_("invigilators")
    )
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("exam session")
        verbose_name_plural = _("exam sessions")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_session_ends_after_it_starts"),
        ]
        indexes = [models.Index(fields=["quiz", "starts_at"], name="session_of_quiz")]

    def __str__(self) -> str:
        return self.name

    @property
    def local_name(self) -> str:
        """Where readers of English get a Chinese name, as there is no other, day and time stand before it."""
        if get_language() != "en" or self.name_en or not HAN.search(self.name):
            return self.words("name")
        return f"{date_format(timezone.localtime(self.starts_at), 'SHORT_DATETIME_FORMAT')} · {self.name}"

    @property
    def local_note(self) -> str:
        return self.words("note")

    @property
    def note_language(self) -> str:
        return self.language_beside("note")

    def get_absolute_url(self) -> str:
        return reverse("hall:console", args=[self.uuid])


class Candidate(models.Model):
    """A person in a session, with their seat and the paper they sat there."""

    session = models.ForeignKey(ExamSession, on_delete=models.PROTECT, related_name="candidates")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exam_seats", verbose_name=_("person")
    )
    seat = models.CharField(_("seat"), max_length=8, blank=True)
    attempt = models.OneToOneField(
        Attempt, null=True, blank=True, on_delete=models.PROTECT, related_name="candidate", editable=False
    )
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="one_candidate_a_session_and_person"),
            models.UniqueConstraint(fields=["session", "seat"], condition=~Q(seat=""), name="one_candidate_a_seat"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.person_id}"


class HallAct(models.Model):
    """What was done from the console, once for each form that was shown: a double click finds it done."""

    class Kind(models.TextChoices):
        MINUTES = "minutes", _("Minutes given")
        REOPEN = "reopen", _("Paper reopened")
        END = "end", _("Paper ended")
        ABSENT = "absent", _("Marked absent")
        NOTE = "note", pgettext_lazy("remark", "Note")
        MESSAGE = "message", _("Message sent")
        UNLOCK = "unlock", _("Sign-in unlocked")

    session = models.ForeignKey(ExamSession, on_delete=models.PROTECT, related_name="acts")
    token = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    minutes = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500)
    candidates = models.ManyToManyField(Candidate, related_name="acts")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["session", "token"], name="one_act_a_form")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.kind}"
