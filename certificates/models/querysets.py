"""Questions to many certifications, named for the screens they serve."""

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.lookups import GreaterThanOrEqual

from academy.dates.sql_dates import DaysAfter
from academy.models import Employment
from certificates.validity import moved_ends


class CertificationQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Certifications as of a day and as known at a moment."""

    def known(self, at: datetime | None) -> Self:
        """What was recorded at ``at``; ``None`` means now."""
        return self if at is None else self.filter(recorded_at__lte=at)

    def not_ended(self, on: date, known: datetime | None = None) -> Self:
        """Leaves out what a person ended on or before ``on``, as known at ``known``."""
        ended = Q(ending__effective_on__lte=on)
        if known is not None:
            ended &= Q(ending__recorded_at__lte=known)
        return self.exclude(ended)

    def with_extension(self, known: datetime | None = None, on: date | None = None) -> Self:
        """Each with ``extended``: the last valid day to which a decision moved its end, None where none did. ``on`` a day
        only what had been decided by then."""
        return self.annotate(extended=extension_of(self.model, "pk", known, on))

    def of_staff(self, on: date, known: datetime | None = None) -> Self:
        """Leaves out those of who had left the bank by ``on``: a certification is void from the day after the last one."""
        jobs = Employment.objects.known(known).filter(person=OuterRef("person"))
        return self.exclude(Exists(jobs.filter(effective_until__lt=on)) & ~Exists(jobs.effective(on)))

    def holding(self, on: date, known: datetime | None = None) -> Self:
        """Certifications that hold on ``on``: by their own dates, or by those that leave or a decision moved; are not
        ended, and their holders did not leave the bank.

        Narrow to the people before, not after: what was moved is looked up here. Two small queries at most.
        """
        standing = self.known(known).not_ended(on, known).filter(valid_from__lte=on)
        kept = [pk for pk, through in moved_ends(standing, on, known=known).items() if through >= on]
        return standing.filter(Q(valid_through__gte=on) | Q(pk__in=kept)).of_staff(on, known)

    def covering_posts(self, on: date) -> Self:
        """Those that cover on ``on`` what a post asks for: held, or in a grace that counts for it. Queries as ``holding``."""
        standing = self.not_ended(on).filter(valid_from__lte=on)
        in_grace = Q(GreaterThanOrEqual(DaysAfter(F("valid_through"), F("grace_days")), on))
        moved = moved_ends(standing, on)
        graces = self.model._default_manager.filter(pk__in=moved, track__grace_counts=True)
        kept = {pk for pk, through in moved.items() if through >= on}
        kept |= {pk for pk, days in graces.values_list("pk", "grace_days") if moved[pk] + timedelta(days=days) >= on}
        counts = Q(track__grace_counts=True) & in_grace
        return standing.filter(Q(valid_through__gte=on) | Q(pk__in=kept) | counts)


def extension_of(certification: Any, reference: str, known: datetime | None = None, on: date | None = None) -> Subquery:
    """The newest extension of the certification that ``reference`` leads to, as known at ``known`` and in force on ``on``."""
    decisions = certification._meta.get_field("decisions").related_model.objects.known(known)
    found = decisions.filter(certification=OuterRef(reference), act="extend")
    if on is not None:
        found = found.filter(effective_from__lte=on)
    found = found.order_by("-recorded_at", "-pk")
    return Subquery(found.values("effective_until")[:1])
