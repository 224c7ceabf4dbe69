"""Questions to many certifications, named for the screens they serve."""

from datetime import date, datetime

from django.db import models
from django.db.models import Q


class CertificationQuerySet(models.QuerySet):
    """Certifications as of a day and as known at a moment."""

    def known(self, at: datetime | None) -> "CertificationQuerySet":
        """What was recorded at ``at``; ``None`` means now."""
        return self if at is None else self.filter(recorded_at__lte=at)

    def not_ended(self, on: date, known: datetime | None = None) -> "CertificationQuerySet":
        """Leaves out what a person ended on or before ``on``, as known at ``known``."""
        ended = Q(ending__effective_on__lte=on)
        if known is not None:
            ended &= Q(ending__recorded_at__lte=known)
        return self.exclude(ended)

    def holding(self, on: date, known: datetime | None = None) -> "CertificationQuerySet":
        """Certifications that are valid on ``on`` by their own dates and endings."""
        return self.known(known).not_ended(on, known).filter(valid_from__lte=on, valid_through__gte=on)
