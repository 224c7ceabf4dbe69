"""What somebody signed here, by its day: recommendations for a level."""

from collections.abc import Collection
from datetime import date

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from academy.doors import Deed
from certificates.models import Recommendation

_subject = lazy(lambda row: f"{row.person} · {row.track.local_name}", str)


def deeds_of_recommending(people: Collection[int], first: date, last: date) -> list[Deed]:
    """One query."""
    signed = Recommendation.objects.filter(made_by__in=people, made_on__range=(first, last), withdrawn_at=None)
    return [
        Deed(row.made_by_id, row.made_on, _("Recommendation signed"), _subject(row))
        for row in signed.select_related("person", "track")
    ]
