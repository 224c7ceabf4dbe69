"""Levels that ran out, their grace over, and that nobody has decided about: with the lower level to propose (降级建议)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef
from django.db.models.fields.json import KT
from django.db.models.lookups import LessThan
from django.db.models.query import QuerySet

from academy.dates.sql_dates import DaysAfter
from academy.models import Employment, Proposal, User
from certificates.models import Certification, CertificationTrack
from certificates.models.querysets import CertificationQuerySet
from certificates.rules.judging import InForce, KnownFacts, counted_from, facts_on, in_force_on
from certificates.rules.standing import evaluate
from certificates.validity import last_day_of, moved_ends

# How long a lapse stands in HR's list; the way back is open for longer.
WAITS_DAYS = 365
MOST = 500


@dataclass(frozen=True)
class Lapse:
    """A certification that lapsed, its last valid day, and the next lower level whose renewal is met today; None: none is."""

    certification: Certification
    through: date
    proposed: CertificationTrack | None


def lapsed_certifications(people: QuerySet[User], today: date) -> CertificationQuerySet[Certification]:
    """Of current staff who hold nothing today, the newest of each track that lapsed within a year. Some small queries."""
    rows = Certification.objects.filter(person__in=people, track__active=True, track__renewable=True, ending=None)
    holding = Certification.objects.filter(person__in=people).holding(today)
    # The grace runs from the day to which leave or a decision moved the end.
    moved = moved_ends(rows, today)
    graces = rows.filter(pk__in=moved).values_list("pk", "grace_days")
    in_grace = [pk for pk, days in graces if moved[pk] + timedelta(days=days) >= today]
    working = Employment.objects.current().effective(today).filter(person=OuterRef("person"))
    later = Certification.objects.filter(
        person=OuterRef("person"), track=OuterRef("track"), cycle__gt=OuterRef("cycle")
    )
    higher = Certification.objects.filter(
        person=OuterRef("person"), valid_through__gt=OuterRef("valid_through"), ending=None
    )
    return (
        rows.filter(Exists(working), valid_through__gte=today - timedelta(days=WAITS_DAYS))
        .filter(LessThan(DaysAfter(F("valid_through"), F("grace_days")), today))
        .exclude(pk__in=in_grace)
        .exclude(person__in=holding.values("person"))
        .exclude(Exists(later))
        .exclude(Exists(higher))
    )


def lapses_to_decide(people: QuerySet[User], viewer: User, today: date) -> CertificationQuerySet[Certification]:
    """Those about which the viewer can decide: not the own ones, and none on which a proposal waits for a second person."""
    waiting = Proposal.objects.alias(about=KT("facts__track")).filter(
        state=Proposal.State.WAITING,
        action__startswith="certificates.",
        people=OuterRef("person"),
        about=OuterRef("track__code"),
    )
    return lapsed_certifications(people.exclude(pk=viewer.pk), today).exclude(Exists(waiting))


def lapses(people: QuerySet[User], viewer: User, today: date) -> list[Lapse]:
    """The first 500, the latest lapse first, each judged by what renews the lower levels."""
    found = lapses_to_decide(people, viewer, today).with_extension().select_related("person", "track__level")
    rows = list(found.order_by("-valid_through", "pk")[:MOST])
    tracks = list(CertificationTrack.objects.filter(active=True, renewable=True).select_related("level"))
    facts = facts_on(people=[row.person for row in rows], tracks=tracks, today=today)
    rules = in_force_on(tracks, today)
    waiting = []
    for row in rows:
        through = last_day_of(row, facts.leaves.get(row.person_id, ()), today)
        waiting.append(Lapse(row, through, _proposed(row, through, facts, rules)))
    return waiting


def _proposed(
    row: Certification, through: date, facts: KnownFacts, rules: dict[int, InForce]
) -> CertificationTrack | None:
    """The highest lower level of which everything that renews it is met, counted in the validity that ran out."""
    lower = [track for track in facts.tracks if row.track.level.is_above(track.level) and track.pk in rules]
    for track in sorted(lower, key=lambda track: track.level.sort_key, reverse=True):
        standing = evaluate(
            rules[track.pk].rules.renewal,
            facts.evidence[row.person_id],
            facts.today,
            cycle_from=counted_from(row),
            validity=(row.valid_from, through),
        )
        if standing.met:
            return track
    return None
