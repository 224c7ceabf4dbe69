"""``statuses.status_on`` said in SQL, so that the database pages through a filtered register.

The pure function is the rule; this only chooses rows, and a test holds the two together case by case.
"""

from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.query import QuerySet

from academy.models import Employment
from certificates.models import Certification
from certificates.statuses import Status


def with_status(certificates: QuerySet, day: date, known: datetime | None) -> QuerySet:
    """Certificates with ``status`` on a day, as known at a moment. One small query beside."""
    standing = Certification.objects.known(known).not_ended(day, known).filter(person=OuterRef("person"))
    later = standing.filter(
        track=OuterRef("certification__track"), cycle__gt=OuterRef("certification__cycle"), valid_from__lte=day
    )
    higher = standing.filter(
        track__level__rank__gt=OuterRef("certification__track__level__rank"),
        valid_from__lte=day,
        valid_through__gte=day,
    )
    jobs = Employment.objects.known(known).filter(person=OuterRef("person"))
    ended = Q(certification__ending__effective_on__lte=day)
    if known is not None:
        ended &= Q(certification__ending__recorded_at__lte=known)
    replaced = Q(superseded_by__isnull=False)
    if known is not None:
        replaced &= Q(superseded_by__issued_at__lte=known)
    return certificates.annotate(
        status=Case(
            When(replaced, then=Value(Status.REPLACED.value)),
            When(ended, then=Value(Status.REVOKED.value)),
            When(
                Q(Exists(jobs.filter(effective_until__lt=day))) & ~Q(Exists(jobs.effective(day))),
                then=Value(Status.LEFT.value),
            ),
            When(certification__valid_from__gt=day, then=Value(Status.UPCOMING.value)),
            When(Exists(later), then=Value(Status.RENEWED.value)),
            When(
                Q(certification__valid_through__lt=day) & _in_grace(day),
                then=Value(Status.GRACE.value),
            ),
            When(certification__valid_through__lt=day, then=Value(Status.EXPIRED.value)),
            When(Exists(higher), then=Value(Status.CONTAINED.value)),
            When(
                Q(certification__renew_from__lte=day)
                & Q(certification__renew_from__lte=F("certification__valid_through")),
                then=Value(Status.DUE.value),
            ),
            default=Value(Status.VALID.value),
            output_field=CharField(),
        )
    )


def _in_grace(day: date) -> Q:
    """The grace of each track differs, and adding days to a date differs between databases: a case per length."""
    lengths = Certification.objects.order_by("grace_days").values_list("grace_days", flat=True).distinct()
    condition = Q(pk__in=[])
    for days in lengths:
        condition |= Q(certification__grace_days=days, certification__valid_through__gte=day - timedelta(days=days))
    return condition
