"""Levels that ran out, their grace over, and that nobody has decided about: with the lower level to propose (降级建议)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.lookups import LessThan
from django.db.models.query import QuerySet

from academy.calendar.clock import local_day
from academy.dates.sql_dates import DaysAfter
from academy.models import Employment, Proposal, User
from certificates.deciding.ready import ABOUT_LEVELS, AwardState, a_proposal_waits, states_of
from certificates.models import Certification, CertificationTrack
from certificates.models.querysets import CertificationQuerySet
from certificates.rules.judging import InForce, KnownFacts, counted_from, facts_on, in_force_on, judge_by
from certificates.rules.standing import evaluate
from certificates.validity import last_day_of, moved_ends

# How long a lapse stands in HR's list; the way back is open for longer.
WAITS_DAYS = 365
MOST = 500


@dataclass(frozen=True)
class Lapse:
    """A certification that lapsed, its last valid day, and the next lower level whose renewal is met today; None: none is.

    ``ready`` is the highest lower level of which everything for an award is met, where none is renewed. ``proposals`` were
    made about it since it lapsed, the newest first; while one of them ``waits`` nobody decides more.
    """

    certification: Certification
    through: date
    proposed: CertificationTrack | None
    proposals: tuple[Proposal, ...] = ()
    ready: AwardState | None = None

    @property
    def waits(self) -> bool:
        return any(proposal.state == Proposal.State.WAITING for proposal in self.proposals)


def lapsed_certifications(people: QuerySet[User], today: date) -> CertificationQuerySet[Certification]:
    """Of current staff who hold nothing of the ladder today, the newest that lapsed of it within a year; what stands
    outside the ladder is alone. Some small queries."""
    rows = Certification.objects.filter(person__in=people, track__active=True, track__renewable=True, ending=None)
    beside = {"person": OuterRef("person")}
    holding = Certification.objects.filter(person__in=people).holding(today).filter(_of_one_ladder(), **beside)
    # The grace runs from the day to which leave or a decision moved the end.
    moved = moved_ends(rows, today)
    graces = rows.filter(pk__in=moved).values_list("pk", "grace_days")
    in_grace = [pk for pk, days in graces if moved[pk] + timedelta(days=days) >= today]
    working = Employment.objects.current().effective(today).filter(person=OuterRef("person"))
    later = Certification.objects.filter(
        person=OuterRef("person"), track=OuterRef("track"), cycle__gt=OuterRef("cycle")
    )
    # One that nothing renews stands in no list: it stands for none of the others either.
    newer = rows.filter(_of_one_ladder(), valid_through__gt=OuterRef("valid_through"), **beside)
    return (
        rows.filter(Exists(working), valid_through__gte=today - timedelta(days=WAITS_DAYS))
        .filter(LessThan(DaysAfter(F("valid_through"), F("grace_days")), today))
        .exclude(pk__in=in_grace)
        .exclude(Exists(holding))
        .exclude(Exists(later))
        .exclude(Exists(newer))
    )


def _of_one_ladder() -> Q:
    """Rows of the ladder of the outer row's level: both have a rank, or it is the same level."""
    outer = OuterRef("track__level__rank")
    ranked = Q(track__level__rank__gte=outer) | Q(track__level__rank__lt=outer)
    return ranked | Q(track__level=OuterRef("track__level"))


def lapses_to_decide(people: QuerySet[User], viewer: User, today: date) -> CertificationQuerySet[Certification]:
    """Those about which the viewer can decide: not the own ones, and none on which a proposal waits for a second person."""
    return lapsed_certifications(people.exclude(pk=viewer.pk), today).exclude(a_proposal_waits("person", "track__code"))


def lapses(people: QuerySet[User], viewer: User, today: date) -> list[Lapse]:
    """The first 500, the latest lapse first, each judged by what renews the lower levels, with what was proposed about it.
    The viewer's own is left out."""
    found = lapsed_certifications(people.exclude(pk=viewer.pk), today)
    found = found.with_extension().select_related("person", "track__level")
    rows = list(found.order_by("-valid_through", "pk")[:MOST])
    tracks = list(CertificationTrack.objects.filter(active=True).select_related("level"))
    facts = facts_on(people={row.person_id: row.person for row in rows}.values(), tracks=tracks, today=today)
    rules = in_force_on(tracks, today)
    proposals = _proposals_about(rows)
    ready = _ready(facts, rules)
    found_lapses = []
    for row in rows:
        through = last_day_of(row, facts.leaves.get(row.person_id, ()), today)
        since = tuple(
            proposal
            for proposal in proposals[row.person_id, row.track.code]
            if local_day(proposal.proposed_at) > row.valid_through
        )
        proposed = _proposed(row, through, facts, rules)
        lower = [state for state in ready[row.person_id] if row.track.level.is_above(state.track.level)]
        found_lapses.append(Lapse(row, through, proposed, since, lower[-1] if lower and proposed is None else None))
    return found_lapses


def _proposals_about(rows: list[Certification]) -> dict[tuple[int, str], list[Proposal]]:
    """What was proposed about people and tracks, the newest first. Two queries."""
    people = {row.person_id for row in rows}
    found: dict[tuple[int, str], list[Proposal]] = defaultdict(list)
    asked = Proposal.objects.filter(action__startswith=ABOUT_LEVELS, people__in=people).distinct()
    for proposal in asked.prefetch_related(Prefetch("people", User.objects.only("pk"))).order_by("-proposed_at", "-pk"):
        for person in proposal.people.all():
            found[person.pk, str(proposal.facts.get("track", ""))].append(proposal)
    return found


def _proposed(
    row: Certification, through: date, facts: KnownFacts, rules: dict[int, InForce]
) -> CertificationTrack | None:
    """The highest lower level of which everything that renews it is met, counted in the validity that ran out."""
    lower = [track for track in facts.tracks if track.renewable and row.track.level.is_above(track.level)]
    lower = [track for track in lower if track.pk in rules]
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


def _ready(facts: KnownFacts, rules: dict[int, InForce]) -> dict[int, list[AwardState]]:
    """By person, the tracks of the ladder of which everything for an award is met, the lowest first: as the ready list
    says it, which goes by what a first award asks and not by what renews."""
    found: dict[int, list[AwardState]] = defaultdict(list)
    ladder = sorted((track for track in facts.tracks if track.level.on_ladder), key=lambda track: track.level.sort_key)
    for state in states_of(facts.people, ladder, judge_by(facts, rules), facts.today) if facts.people else ():
        if state.standing is not None and state.standing.met:
            found[state.person.pk].append(state)
    return found
