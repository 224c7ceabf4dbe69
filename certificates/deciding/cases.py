"""Where people stand on a track before something is decided about them: read for all of them at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from academy.models import Employment, User
from academy.models.levels import contains_level
from academy.staff.leaves import leaves_of
from certificates.board.facts import asking_on, facts_of
from certificates.board.rule import Demand
from certificates.models import Certification, CertificationEnding, CertificationTrack, Decision
from certificates.rules.judging import Judgement, judge_many
from certificates.validity import last_day_of


@dataclass(frozen=True)
class DecisionCase:
    """One person on one track. ``rows`` are the certifications of the track, the oldest first, ``lasts`` their last valid
    days by key, ``posting_rows`` those of any track that run from the posting; ``demand`` is what the post asks."""

    person: User
    judged: Judgement
    employed: bool
    rows: tuple[Certification, ...] = ()
    lasts: dict[int, date] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    demand: Demand | None = None
    posting_rows: tuple[Certification, ...] = ()

    @property
    def newest(self) -> Certification | None:
        return self.rows[-1] if self.rows else None

    @property
    def was_revoked(self) -> bool:
        """Whether the last one of the track was taken away."""
        ending = ending_of(self.newest) if self.newest else None
        return ending is not None and ending.kind == CertificationEnding.Kind.REVOKED

    def holding(self, day: date) -> list[Certification]:
        """Those without an end by a decision that reach the day, or begin after it."""
        return [row for row in self.rows if ending_of(row) is None and self.lasts[row.pk] >= day]

    @property
    def state(self) -> dict[str, Any]:
        """What the journal keeps of it before and after."""
        missing = self.judged.standing.missing if self.judged.standing else ()
        return {
            "through": self.judged.through,
            "missing": [str(line.asked.label) for line in missing],
            "certifications": len(self.rows),
        }


def ending_of(certification: Certification) -> CertificationEnding | None:
    return getattr(certification, "ending", None)


def cases_of(people: Sequence[User], track: CertificationTrack, today: date) -> dict[int, DecisionCase]:
    """By the key of the person. A constant number of queries, however many they are."""
    keys = [person.pk for person in people]
    judged = judge_many(people=people, tracks=[track], today=today)
    working = set(
        Employment.objects.current().effective(today).filter(person__in=keys).values_list("person", flat=True)
    )
    rows, posting = _certifications(keys, track)
    leaves = leaves_of(keys)
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for decision in Decision.objects.current().filter(person__in=keys, track=track):
        decisions[decision.person_id].append(decision)
    demands = _demands(keys, track, today)
    return {
        person.pk: DecisionCase(
            person=person,
            judged=judged[person.pk, track.pk],
            employed=person.pk in working,
            rows=tuple(rows[person.pk]),
            lasts={
                row.pk: last_day_of(row, leaves.get(person.pk, ()), today)
                for row in [*rows[person.pk], *posting[person.pk]]
            },
            decisions=tuple(decisions[person.pk]),
            demand=demands.get(person.pk),
            posting_rows=tuple(posting[person.pk]),
        )
        for person in people
    }


type ByPerson = defaultdict[int, list[Certification]]


def _certifications(people: Collection[int], track: CertificationTrack) -> tuple[ByPerson, ByPerson]:
    """Those of the track, and those of other tracks that run from the posting."""
    by_person: ByPerson = defaultdict(list)
    posting: ByPerson = defaultdict(list)
    asked = Certification.objects.filter(person__in=people).with_extension()
    for certification in asked.select_related("track__level", "ending", "rule_version").order_by("cycle"):
        if certification.track_id == track.pk:
            by_person[certification.person_id].append(certification)
        elif certification.track.mode == CertificationTrack.Mode.POSTING and ending_of(certification) is None:
            posting[certification.person_id].append(certification)
    return by_person, posting


def _demands(people: Collection[int], track: CertificationTrack, today: date) -> dict[int, Demand]:
    """What the posts of people ask at the track's level, where it is not held."""
    found = {}
    for person, facts in facts_of(people, today, asking_on(today)).items():
        outcome = facts.judged(today)
        for demand in outcome.lacking if outcome else ():
            asked = {"asked": demand.level, "asked_rank": demand.rank}
            if contains_level(track.level.pk, track.level.rank, **asked) and person not in found:
                found[person] = demand
    return found
