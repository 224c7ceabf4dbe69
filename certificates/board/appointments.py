"""Holding against appointment (持证 ≠ 上岗): who holds and is not appointed, is appointed without holding, or above it."""

from dataclasses import dataclass
from datetime import date
from itertools import batched

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.models import CareerLevel, Employment, Posting
from academy.models.levels import by_rank
from certificates.board.facts import Asking, facts_of
from certificates.board.places import Place, places_on
from certificates.models import Appointment, Certification

NOT_APPOINTED, WITHOUT, ABOVE = "not_appointed", "without", "above"
REPORTS = {
    NOT_APPOINTED: _("Holding, not appointed"),
    WITHOUT: _("Appointed without holding"),
    ABOVE: _("Appointed above the level held"),
}
BATCH = 500


@dataclass(frozen=True)
class Against:
    """One person: the highest level held and the level appointed to, either may be missing."""

    posting: Posting
    place: Place
    held: CareerLevel | None
    through: date | None
    appointment: Appointment | None


def against_appointment(report: str, on: date, branches: frozenset[int] | None) -> QuerySet[Posting]:
    """The primary postings of those whom a report names on a day, in some branches or (None) in all."""
    # Nobody is appointed at what stands outside the ladder: there holding says nothing of an appointment.
    on_ladder = {"track__level__rank__isnull": False, "person": OuterRef("person")}
    valid = Certification.objects.holding(on).filter(**on_ladder)
    appointed = Appointment.objects.current().effective(on).filter(person=OuterRef("person"))
    rows = Posting.objects.current().effective(on).filter(primary=True)
    rows = rows.filter(Exists(Employment.objects.current().effective(on).filter(person=OuterRef("person"))))
    if branches is not None:
        rows = rows.filter(branch__in=branches)
    if report == NOT_APPOINTED:
        rows = rows.filter(Exists(valid), ~Exists(appointed))
    else:
        rank = appointed.exclude(level__rank=None).order_by("-level__rank").values("level__rank")[:1]
        rows = rows.filter(Exists(appointed))
        if report == WITHOUT:
            covering = Certification.objects.covering_posts(on).filter(**on_ladder)
            rows = rows.filter(~Exists(covering))
        else:
            held = valid.order_by("-track__level__rank").values("track__level__rank")[:1]
            ranked = rows.annotate(appointed_rank=Subquery(rank), held_rank=Subquery(held))
            return ranked.filter(appointed_rank__gt=F("held_rank")).order_by("person__staff_number")
    return rows.order_by("person__staff_number")


def described(postings: QuerySet[Posting], on: date) -> list[Against]:
    """A batch of those postings with what is held and appointed. Six queries."""
    rows = list(postings.select_related("person", "branch", "position", "manager"))
    people = [row.person_id for row in rows]
    places = places_on({row.branch_id for row in rows}, on)
    facts = facts_of(people, on, Asking((), {}))
    appointments: dict[int, Appointment] = {}
    found = Appointment.objects.current().effective(on).filter(person__in=people).select_related("level", "branch")
    for appointment in found.order_by(*by_rank()):
        appointments[appointment.person_id] = appointment
    answer = []
    for posting in rows:
        holding = [
            certified
            for certified in facts[posting.person_id].certified
            if certified.through >= on and certified.certification.track.level.on_ladder
        ]
        best = max(holding, key=lambda certified: certified.certification.track.level.sort_key, default=None)
        answer.append(
            Against(
                posting,
                places[posting.branch_id],
                best.certification.track.level if best else None,
                best.through if best else None,
                appointments.get(posting.person_id),
            )
        )
    return answer


def all_described(postings: QuerySet[Posting], on: date):
    """Every row of a report, so many at a time."""
    for batch in batched(postings.values_list("pk", flat=True), BATCH):
        yield from described(Posting.objects.filter(pk__in=batch).order_by("person__staff_number"), on)
