"""The rows of each version become one again, so that reading a sum stays reading a few rows. No version changes by it."""

from django.db import transaction
from django.db.models import Count

from academy.models import FactsVersion

# Fewer are not worth a statement.
MANY, BATCH = 8, 2000


def fold_versions() -> int:
    """Sums up what has gathered. Who commits meanwhile adds rows beside. Returns how many rows went."""
    gone = 0
    many = FactsVersion.objects.values("subject").annotate(rows=Count("pk")).filter(rows__gt=MANY)
    for subject in list(many.values_list("subject", flat=True)[:BATCH]):
        gone += _fold(subject)
    return gone


@transaction.atomic
def _fold(subject: int) -> int:
    rows = FactsVersion.objects.select_for_update().filter(subject=subject)
    stamps = dict(rows.values_list("pk", "stamp"))
    FactsVersion.objects.filter(pk__in=list(stamps)).delete()
    FactsVersion.objects.create(subject=subject, stamp=sum(stamps.values()))
    return len(stamps) - 1
