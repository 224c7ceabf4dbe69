"""``statuses.status_on`` said in SQL, so that the database pages through a filtered register.

The pure function is the rule; this only chooses rows, and a test holds the two together case by case.
"""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Case, CharField, DateField, Exists, F, OuterRef, Q, Value, When
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.db.models.query import QuerySet

from academy.dates.sql_dates import DaysAfter
from academy.models import Employment, Leave, Posting
from academy.models.levels import LADDER
from certificates.award.candidates import posts_by_ladder
from certificates.models import Certification
from certificates.rules.statuses import Status
from certificates.validity import moved_ends, not_open_yet


def replaced_by(day: date, known: datetime | None) -> Q:
    """Certificates in whose place a newer document stood on a day, as known at a moment: until then the old one stands."""
    replaced = Q(superseded_by__issued_on__lte=day)
    return replaced if known is None else replaced & Q(superseded_by__issued_at__lte=known)


def with_status(certificates: QuerySet, day: date, known: datetime | None) -> QuerySet:
    """Certificates with ``status`` on a day, as known at a moment. Small queries beside: which ends and windows were moved."""
    moved = moved_ends(Certification.objects.known(known), day, known=known)
    kept = [pk for pk, through in moved.items() if through >= day]
    shut = not_open_yet(Certification.objects.known(known), day, known=known)
    standing = Certification.objects.known(known).not_ended(day, known).filter(person=OuterRef("person"))
    later = standing.filter(
        track=OuterRef("certification__track"), cycle__gt=OuterRef("certification__cycle"), valid_from__lte=day
    )
    # What begins later than the grace ends renews nothing, see ``spans.span_from``.
    in_time = later.filter(LessThanOrEqual(F("valid_from"), DaysAfter(OuterRef("through"), OuterRef("grace") + 1)))
    higher = standing.filter(
        Q(valid_through__gte=day) | Q(pk__in=kept),
        track__level__rank__gt=OuterRef("certification__track__level__rank"),
        valid_from__lte=day,
    )
    lapsed = Q(certification__valid_through__lt=day) & ~Q(certification__in=kept)
    posted = Posting.objects.known(known).effective(day).filter(person=OuterRef("person"))
    away = Leave.objects.known(known).effective(day).filter(person=OuterRef("person"))
    jobs = Employment.objects.known(known).filter(person=OuterRef("person"))
    # The holder was employed when it had lapsed, grace and all: leaving made nothing void, see ``status_on``.
    lapsed_on = DaysAfter(OuterRef("through"), OuterRef("grace") + 1)
    outlived = jobs.filter(GreaterThanOrEqual(F("effective_until"), lapsed_on), effective_until__lt=day)
    ended = Q(certification__ending__effective_on__lte=day)
    if known is not None:
        ended &= Q(certification__ending__recorded_at__lte=known)
    return certificates.annotate(
        grace=F("certification__grace_days"),
        through=_moved_through(moved),
        status=Case(
            When(replaced_by(day, known), then=Value(Status.REPLACED.value)),
            When(ended, certification__ending__kind="revoked", then=Value(Status.REVOKED.value)),
            When(ended, then=Value(Status.ENDED.value)),
            When(
                Q(Exists(jobs.filter(effective_until__lt=day)))
                & ~Q(Exists(jobs.effective(day)))
                & ~Q(Exists(outlived)),
                then=Value(Status.LEFT.value),
            ),
            When(certification__valid_from__gt=day, then=Value(Status.UPCOMING.value)),
            When(Exists(in_time), then=Value(Status.RENEWED.value)),
            When(
                lapsed & _in_grace(day, moved),
                then=Value(Status.GRACE.value),
            ),
            When(lapsed, then=Value(Status.EXPIRED.value)),
            When(Exists(higher), then=Value(Status.CONTAINED.value)),
            When(Exists(away), then=Value(Status.SUSPENDED.value)),
            When(_out_of_post(posted, posts_by_ladder(day)), then=Value(Status.OUT_OF_POST.value)),
            When(
                Q(certification__renew_from__lte=day)
                & Q(certification__renew_from__lte=F("certification__valid_through"))
                & ~Q(certification__in=shut),
                then=Value(Status.DUE.value),
            ),
            default=Value(Status.VALID.value),
            output_field=CharField(),
        ),
    )


def _out_of_post(posted: QuerySet[Posting], named: dict[int, set[int]]) -> Q:
    """In no post of the ladder of the level, where posts of it are named."""
    found = Q(pk__in=[])
    for ladder, positions in named.items():
        of = {"rank__isnull": False} if ladder == LADDER else {"pk": ladder}
        of_ladder = Q(**{f"certification__track__level__{name}": value for name, value in of.items()})
        found |= of_ladder & ~Q(Exists(posted.filter(position__in=positions)))
    return found


def _moved_through(moved: dict[int, date]) -> Case:
    """The last valid day, those that were moved where they moved to."""
    return Case(
        *(When(certification__in=keys, then=Value(through)) for through, keys in _by_day(moved).items()),
        default=F("certification__valid_through"),
        output_field=DateField(),
    )


def _by_day(moved: dict[int, date]) -> dict[date, list[int]]:
    found: dict[date, list[int]] = defaultdict(list)
    for pk, through in moved.items():
        found[through].append(pk)
    return found


def _in_grace(day: date, moved: dict[int, date]) -> Q:
    """The last day of grace is not past yet, reckoned from where the end was moved to."""
    ends = DaysAfter(F("certification__valid_through"), F("certification__grace_days"))
    condition = Q(GreaterThanOrEqual(ends, day))
    for through, certifications in _by_day(moved).items():
        condition |= Q(certification__in=certifications, certification__grace_days__gte=(day - through).days)
    return condition
