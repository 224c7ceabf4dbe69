"""The names behind the board's numbers: who is what, what is missing, and how late."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import batched

from academy.models import CareerLevel, Posting, User
from certificates.board.facts import Asking, facts_of, waiting_on
from certificates.board.places import Place, places_on
from certificates.board.rule import Cover, Demand, Outcome

BATCH = 500


@dataclass(frozen=True)
class LevelRow:
    """One level that is asked of a person."""

    level: CareerLevel
    demand: Demand
    days_late: int
    # Everything for it is met: HR decides, and nobody is reminded of it.
    waits_for_hr: bool = False

    @property
    def lacks(self) -> bool:
        return self.demand.cover in (Cover.WITHOUT, Cover.MISSING)

    @property
    def cover(self) -> Cover:
        return self.demand.cover


@dataclass(frozen=True)
class Named:
    """One person of the board on the day: the primary post, and each level asked with what is held."""

    person: User
    posting: Posting
    place: Place
    outcome: Outcome
    lines: tuple[LevelRow, ...]

    @property
    def lacking(self) -> tuple[LevelRow, ...]:
        """The levels to be urged: those that are lacking, else those that expire; none that waits for HR's decision."""
        urged = tuple(line for line in self.lines if not line.waits_for_hr)
        found = tuple(line for line in urged if line.lacks)
        return found or tuple(line for line in urged if line.cover == Cover.SOON)


def named(postings: Collection[Posting], asking: Asking, on: date) -> list[Named]:
    """The people of a batch of primary postings, in its order. Seven queries."""
    people = [posting.person_id for posting in postings]
    levels = {requirement.level_id: requirement.level for requirement in asking.requirements}
    users = User.objects.in_bulk(people)
    places = places_on({posting.branch_id for posting in postings}, on)
    candidates = waiting_on(on).filter(person__in=people)
    waiting = set(candidates.values_list("person", "track__level"))
    named_people = []
    for person, facts in facts_of(people, on, asking).items():
        outcome, posting = facts.judged(on), facts.primary
        if outcome is None or posting is None:
            continue
        lines = tuple(
            LevelRow(levels[demand.level], demand, demand.days_late(on), (person, demand.level) in waiting)
            for demand in outcome.demands
        )
        named_people.append(Named(users[person], posting, places[posting.branch_id], outcome, lines))
    return named_people


def all_named(postings: Iterable[Posting], asking: Asking, on: date) -> Iterator[Named]:
    """Every name, so many at a time that memory does not grow with them."""
    for batch in batched(postings, BATCH):
        yield from named(batch, asking, on)
