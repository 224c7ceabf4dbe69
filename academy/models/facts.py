"""Facts with two dates: the days they are effective and the moments they were recorded."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FactQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Rows of a ``RecordedFact``, asked as of a day and as known at a moment."""

    def current(self) -> Self:
        """What is known now."""
        return self.filter(withdrawn_at=None)

    def known(self, at: datetime | None) -> Self:
        """What was known at ``at``; a later correction is not seen."""
        if at is None:
            return self.current()
        return self.filter(recorded_at__lte=at).filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at))

    def effective(self, on: date) -> Self:
        """Rows whose span holds ``on``; both ends are inclusive."""
        return self.filter(Q(effective_from__lte=on), Q(effective_until=None) | Q(effective_until__gte=on))


class RecordedFact(models.Model):
    """A span of days, never rewritten: a correction withdraws the row and appends another."""

    effective_from = models.DateField(pgettext_lazy("first day", "from"))
    effective_until = models.DateField(
        pgettext_lazy("last day", "until"),
        null=True,
        blank=True,
        help_text=_("Last day, inclusive. Empty while it goes on."),
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def last_day(self) -> date:
        """Of a kind whose every span has an end."""
        assert self.effective_until is not None
        return self.effective_until

    def is_effective(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_until is None or on <= self.effective_until)


def span_is_ordered(name: str) -> models.CheckConstraint:
    """The database's word that no span ends before it begins."""
    return models.CheckConstraint(
        condition=Q(effective_until=None) | Q(effective_until__gte=models.F("effective_from")), name=name
    )
