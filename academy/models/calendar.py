"""Days that are not what the week says they are."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

LONGEST = 31


class CalendarException(models.Model):
    """A public holiday, or weekend days that are worked in exchange for one (调休)."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        WORKING = "working", _("Working day in exchange")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.HOLIDAY)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"), help_text=_("Inclusive; the same as the first for a single day."))
    name = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("holiday or exchanged day")
        verbose_name_plural = _("holidays and exchanged days")
        ordering = ["-first_day", "kind"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="calendar_exception_is_ordered"),
            models.UniqueConstraint(fields=["first_day", "kind"], name="one_calendar_exception_a_day_and_kind"),
        ]

    def __str__(self) -> str:
        return (self.name_en or self.name) if get_language() == "en" else self.name

    def clean(self) -> None:
        if self.first_day and self.last_day:
            if self.last_day < self.first_day:
                raise ValidationError({"last_day": _("The last day is before the first.")})
            if (self.last_day - self.first_day).days >= LONGEST:
                raise ValidationError({"last_day": _("A holiday has %(days)s days at most.") % {"days": LONGEST}})
