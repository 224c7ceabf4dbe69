"""Special arrangements: other rules of a quiz for a person, or for a list of people."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quizzes.models.quiz import Quiz


class QuizOverride(models.Model):
    """What differs, field by field; empty is as in the quiz. A person's own wins over those of lists."""

    # How many people stand in the list, where a listing counted them.
    listed: int

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="overrides", verbose_name=_("quiz"))
    name = models.CharField(
        _("for whom or why"), max_length=120, help_text=_("Such as: extra time on medical grounds; night shift.")
    )
    # Set for one person's own arrangement; a list's people stand in ``people``.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="quiz_overrides",
        verbose_name=_("person"),
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="listed_quiz_overrides", verbose_name=_("people")
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True, help_text=_("Empty: as in the quiz."))
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True, help_text=_("Empty: as in the quiz."))
    never_closes = models.BooleanField(_("never closes for them"), default=False)
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit (minutes)"), null=True, blank=True, help_text=_("Empty: as in the quiz. 0: no limit.")
    )
    time_factor = models.DecimalField(
        _("or times the quiz's limit"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text=_("1.25 is a quarter more."),
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts"), null=True, blank=True, help_text=_("Empty: as in the quiz. 0: as often as they like.")
    )
    password = models.CharField(max_length=128, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("special arrangement")
        verbose_name_plural = _("special arrangements")
        ordering = ["quiz", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "person"], condition=Q(person__isnull=False), name="one_own_override_a_quiz"
            ),
            models.CheckConstraint(
                condition=Q(time_limit_minutes=None) | Q(time_factor=None), name="an_override_has_minutes_or_a_factor"
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(never_closes=False), name="an_override_closes_or_never_does"
            ),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="an_override_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz} · {self.name}"
