"""The edge between the database and the pure rule of the board: facts of given people in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateField, Q, Value
from django.db.models.functions import Cast
from django.db.models.query import QuerySet
from django.utils import timezone

from academy.models import Employment, Posting
from academy.models.levels import contains_level
from academy.requests.kept.answers import shared
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.staff.branches import below_on, parents_on
from academy.staff.leaves import leaves_of
from certificates.board.rule import Ask, BoardPost, Held, Outcome, judge_posts
from certificates.models import AwardCandidate, Certification, Decision, PositionRequirement
from certificates.models.certifications import CERTIFICATIONS
from certificates.validity import Span, last_day_of

# The key and the rank of a level, the day of a decision about it, and the last day in time that it gave.
Extension = tuple[int, int | None, date, date]


def waiting_on(on: date) -> QuerySet[AwardCandidate]:
    """Whose award waited for HR at the end of a day; the board of a past day says nothing of who came to wait later."""
    ended = timezone.make_aware(datetime.combine(on + timedelta(days=1), time()))
    still = Q(closed_at=None) | Q(closed_at__gte=ended)
    return AwardCandidate.objects.filter(still, ready_on__lte=on, track__active=True)


@dataclass(frozen=True)
class Asking:
    """The requirements of a day, with the tree of that day where one is asked of a part of the bank only."""

    requirements: tuple[PositionRequirement, ...]
    below: dict[int, frozenset[int]]

    @property
    def outside(self) -> list[int]:
        """The levels outside the ladder that are asked."""
        return sorted({asked.level_id for asked in self.requirements if not asked.level.on_ladder})

    def reaches(self, requirement: PositionRequirement, branch_id: int) -> bool:
        return requirement.branch_id is None or branch_id in self.below[requirement.branch_id]

    def of(self, posting: Posting) -> tuple[Ask, ...]:
        """What a posting, fetched with its position, is asked."""
        return tuple(
            ask_of(requirement)
            for requirement in self.requirements
            if requirement.position_id in (None, posting.position_id)
            and requirement.line in ("", posting.position.line)
            and self.reaches(requirement, posting.branch_id)
        )


def ask_of(requirement: PositionRequirement) -> Ask:
    return Ask(
        requirement.level_id,
        requirement.level.rank,
        requirement.within_days,
        counts_from=requirement.days_from,
        starts=requirement.effective_from,
    )


def asking_on(on: date, *, level: str = "", line: str = "") -> Asking:
    """What is asked on a day, of every post or narrowed to a level or a line. One query, and one where a branch is named."""
    if level or line:
        return _asking_on(on, level, line)
    return shared(f"asking-{on}", lambda: _asking_on(on, "", ""))


def _asking_on(on: date, level: str, line: str) -> Asking:
    rows = PositionRequirement.objects.current().effective(on).select_related("level", "position", "branch")
    if level:
        rows = rows.filter(level__code=level)
    return asking_of(tuple(row for row in rows if not line or _line_of(row) in ("", line)), on)


def asking_of(requirements: tuple[PositionRequirement, ...], on: date) -> Asking:
    """These requirements alone, in the tree of a day. One query where a branch is named."""
    roots = {requirement.branch_id for requirement in requirements if requirement.branch_id is not None}
    below: dict[int, frozenset[int]] = {}
    if roots:
        parents = parents_on(on)
        below = {root: frozenset(below_on(parents, [root])) for root in roots}
    return Asking(requirements, below)


def _line_of(requirement: PositionRequirement) -> str:
    return requirement.line or (requirement.position.line if requirement.position else "")


@dataclass(frozen=True)
class Certified:
    """A certification of a person with the day until which it holds, leave and endings counted in."""

    certification: Certification
    through: date
    ended: bool


@dataclass(frozen=True)
class Facts:
    """What the rule is handed of one person: posts of the day, certifications until it, leaves of all time."""

    postings: tuple[Posting, ...] = ()
    posts: tuple[BoardPost, ...] = ()
    certified: tuple[Certified, ...] = ()
    leaves: tuple[Span, ...] = ()

    @property
    def held(self) -> tuple[Held, ...]:
        return tuple(
            Held(
                certified.certification.track.level.rank,
                certified.certification.valid_from,
                certified.through,
                0 if certified.ended else certified.certification.grace_days,
                certified.certification.track.grace_counts,
                certified.certification.track.level_id,
            )
            for certified in self.certified
        )

    @property
    def primary(self) -> Posting | None:
        return next((posting for posting in self.postings if posting.primary), None)

    def judged(self, on: date) -> Outcome | None:
        return judge_posts(
            posts=self.posts, held=self.held, leaves=self.leaves, on=on, soon_days=settings.EXPIRING_SOON_DAYS
        )


def facts_of(people: Collection[int], on: date, asking: Asking) -> dict[int, Facts]:
    """Facts of many people on a day. Who is not employed that day has no posts. Four queries."""
    working, extended = _working_and_extended(people, on)
    postings: dict[int, list[Posting]] = defaultdict(list)
    alone = len(people) == 1
    for posting in POSTINGS.rows(people=people, on=on) if alone else _postings(people, on):
        if posting.person_id in working:
            postings[posting.person_id].append(posting)
    leaves = leaves_of(people)
    certified = certified_of(people, on, leaves)
    return {
        person: Facts(
            postings=tuple(postings[person]),
            posts=tuple(
                BoardPost(
                    posting.post_began, tuple(_later(ask, extended.get(person, ())) for ask in asking.of(posting))
                )
                for posting in postings[person]
            ),
            certified=tuple(certified.get(person, ())),
            leaves=tuple(leaves.get(person, ())),
        )
        for person in people
    }


def _postings(people: Collection[int], on: date) -> QuerySet[Posting]:
    rows = Posting.objects.current().effective(on).filter(person__in=people)
    return rows.select_related("position", "branch", "manager").order_by("-primary", "effective_from")


def _employed_and_extended(
    people: Collection[int], on: date
) -> QuerySet[Any, tuple[int, int, int | None, date, date | None]]:
    employed = Employment.objects.current().effective(on).filter(person__in=people)
    decided = Decision.objects.current().filter(person__in=people, act=Decision.Act.EXTEND)
    never = Cast(Value(None), DateField())
    rows = employed.order_by().values_list("person", Value(0), Value(0), never, never)
    about = ("track__level", "track__level__rank", "effective_from", "effective_until")
    moved = decided.order_by().values_list("person", *about)
    return rows.union(moved, all=True).order_by()


# Of one person. Of many each number would have words of its own.
POSTINGS, WORKING = PreparedQuery(_postings), PreparedQuery(_employed_and_extended)


def asks_of_board(person: int, on: date) -> list[BoundQuery[Any] | None]:
    """What ``facts_of`` asks about one person."""
    return [POSTINGS.bound(people=[person], on=on), WORKING.bound(people=[person], on=on)]


def _working_and_extended(people: Collection[int], on: date) -> tuple[set[int], dict[int, list[Extension]]]:
    """Who is employed on a day, and of whom a decision moved the last day in time: the level and its rank, the day of the
    decision and that day. One query."""
    rows = WORKING.rows(people=people, on=on) if len(people) == 1 else _employed_and_extended(people, on)
    working: set[int] = set()
    extended: dict[int, list[Extension]] = defaultdict(list)
    for person, level, rank, decided, until in rows:
        if until is None:
            working.add(person)
        else:
            extended[person].append((level, rank, decided, until))
    return working, extended


def _later(ask: Ask, extended: Collection[Extension]) -> Ask:
    about = [
        (decided, until)
        for level, rank, decided, until in extended
        if contains_level(level, rank, asked=ask.level, asked_rank=ask.rank)
    ]
    return replace(ask, extensions=tuple(about))


def _certifications(people: Collection[int], on: date) -> Iterable[Certification]:
    if len(people) == 1:
        rows = [row for row in CERTIFICATIONS.rows(people=people) if row.valid_from <= on]
        return sorted(rows, key=lambda row: (row.valid_from, row.pk))
    some = Certification.objects.filter(person__in=people, valid_from__lte=on).with_extension(on=on)
    return some.select_related("track__level", "ending").order_by("valid_from", "pk")


def certified_of(people: Collection[int], on: date, leaves: dict[int, list[Span]]) -> dict[int, list[Certified]]:
    """The certifications of people that began on or before a day, the oldest first. One query."""
    found: dict[int, list[Certified]] = defaultdict(list)
    for row in _certifications(people, on):
        through = last_day_of(row, leaves.get(row.person_id, ()), on)
        ending = getattr(row, "ending", None)
        ended = ending is not None and ending.effective_on <= on
        if ending is not None and ended:
            through = min(through, ending.effective_on - timedelta(days=1))
        if through >= row.valid_from:
            found[row.person_id].append(Certified(row, through, ended))
    return found
