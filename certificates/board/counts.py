"""The board's numbers: the pure rule said in SQL for the many, and asked itself for the few it is not said for.

SQL knows a person's primary post and the certifications' own dates. Who stands in a second post that asks for
something, or does not hold by those dates and was ever on leave or was given more time, is judged one by one by ``rule.judge_posts``. A test
holds the two together, so that numbers, names and duties are one answer.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db import connections
from django.db.models import Case, CharField, Exists, F, Max, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.db.models.query import QuerySet
from django.utils import timezone

from academy.dates.sql_dates import DaysAfter
from academy.models import Employment, Leave, Posting
from academy.models.levels import LADDER
from academy.requests.kept.answers import kept_answer, read_versions
from academy.requests.kept.watching import BANKS_FIGURES
from certificates.board.facts import Asking, facts_of, waiting_on
from certificates.board.rule import Cover
from certificates.models import Decision, PositionRequirement

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

MINE = "person__certifications"


@dataclass
class Tally:
    """Numbers of one branch with everything below it. Held (已持证) holds the expiring ones (临期) too."""

    without: int = 0
    missing: int = 0
    soon: int = 0
    safe: int = 0

    def add(self, cover: str, count: int) -> None:
        name = "safe" if cover == Cover.HELD else str(Cover(cover).value)
        setattr(self, name, getattr(self, name) + count)

    def plus(self, other: "Tally") -> None:
        for cover in Cover:
            self.add(cover, other.of(cover))

    def of(self, cover: str) -> int:
        return int(self.safe if cover == Cover.HELD else getattr(self, str(Cover(cover).value)))

    @property
    def held(self) -> int:
        return self.safe + self.soon

    @property
    def required(self) -> int:
        return self.held + self.missing + self.without

    @property
    def share(self) -> float | None:
        """持证率 in percent; None where nobody must hold anything."""
        return 100 * self.held / self.required if self.required else None


@dataclass(frozen=True)
class Counted:
    """The answer for a day: numbers by branch, and the people who were judged one by one."""

    by_branch: dict[int, Tally] = field(default_factory=dict)
    particular: dict[int, tuple[int, Cover]] = field(default_factory=dict)

    def below(self, branches: Iterable[int]) -> Tally:
        total = Tally()
        for branch in branches:
            if branch in self.by_branch:
                total.plus(self.by_branch[branch])
        return total


def counted_bank(asking: Asking, on: date, *, level: str, line: str) -> Counted:
    """The whole bank's numbers of a day, kept until a fact under them changes: counted once for everybody who looks. One
    query where they stand; a day's numbers are as known now."""
    return kept_answer(
        f"board-{on}-{level}-{line}",
        lambda: count_by_branch(asking, on),
        person=BANKS_FIGURES,
        under=read_versions(BANKS_FIGURES),
        now=timezone.now(),
    )


def count_by_branch(asking: Asking, on: date, branches: Collection[int] | None = None) -> Counted:
    """Numbers of a day by the branch of the primary post, of some branches or (None) of all. Six queries at most."""
    if not asking.requirements:
        return Counted()
    counted = Counted()
    rows = asked_postings(asking, on)
    if branches is not None:
        rows = rows.filter(branch__in=branches)
    compiled, values = rows.values("branch_id", "person_id", "cover", "particular").query.sql_with_params()
    # Django cannot group a grouped query again; both halves are its own or fixed text.
    statement = (
        "SELECT branch_id, cover, CASE WHEN particular = 1 THEN person_id END AS one, COUNT(*) "  # noqa: S608
        f"FROM ({compiled}) AS asked GROUP BY branch_id, cover, one"  # nosec B608
    )
    particular: set[int] = set()
    with connections[rows.db].cursor() as cursor:
        cursor.execute(statement, values)
        for branch, cover, person, count in cursor.fetchall():
            if person is None:
                counted.by_branch.setdefault(branch, Tally()).add(cover, count)
            else:
                particular.add(person)
    particular.update(_in_second_posts(asking, on).values_list("person", flat=True))
    inside = None if branches is None else set(branches)
    for person, facts in facts_of(particular, on, asking).items():
        outcome, primary = facts.judged(on), facts.primary
        if outcome is None or primary is None or (inside is not None and primary.branch_id not in inside):
            continue
        counted.particular[person] = (primary.branch_id, outcome.cover)
        counted.by_branch.setdefault(primary.branch_id, Tally()).add(outcome.cover, 1)
    return counted


class CoverOfPost(TypedDict):
    """What the database says of each posting."""

    cover: str
    particular: int


def asked_postings(asking: Asking, on: date) -> "QuerySet[WithAnnotations[Posting, CoverOfPost]]":
    """Primary postings of a day that ask for a level, with ``cover`` by the certifications' own dates and
    ``particular`` (1 or 0) for those of which that is not the last word."""
    standing = Q(**{f"{MINE}__valid_from__lte": on}) & (
        Q(**{f"{MINE}__ending": None}) | Q(**{f"{MINE}__ending__effective_on__gt": on})
    )
    soon = on + timedelta(days=settings.EXPIRING_SOON_DAYS)
    grace = Q(GreaterThanOrEqual(DaysAfter(F(f"{MINE}__valid_through"), F(f"{MINE}__grace_days")), on))
    counting = Q(**{f"{MINE}__track__grace_counts": True}) & grace
    rows = _working(Posting.objects.current().effective(on).filter(primary=True), on).filter(_reach_of_any(asking))
    conditions = {
        "holds": standing & (Q(**{f"{MINE}__valid_through__gte": on}) | counting),
        "keeps": standing & Q(**{f"{MINE}__valid_through__gt": soon}),
        "spared": standing & grace,
    }
    rows = rows.annotate(
        **{
            _name(held, level): _highest(condition, level)
            for held, condition in conditions.items()
            for level in (LADDER, *asking.outside)
        },
        began=Coalesce("in_post_since", "effective_from"),
    )
    rows = rows.annotate(
        cover=Case(
            When(_any(asking, lambda asked: _lacks(asked) & _late(asked, on)), then=Value(Cover.WITHOUT.value)),
            When(_any(asking, _lacks), then=Value(Cover.MISSING.value)),
            When(_any(asking, lambda asked: _below("keeps", asked)), then=Value(Cover.SOON.value)),
            default=Value(Cover.HELD.value),
            output_field=CharField(),
        )
    )
    leaves = Leave.objects.current().values("person")
    extended = Decision.objects.current().filter(act=Decision.Act.EXTEND).values("person")
    return rows.annotate(
        particular=Case(
            When(Q(person__in=_in_second_posts(asking, on).values("person")), then=Value(1)),
            When(
                ~Q(cover=Cover.HELD.value) & (Q(person__in=leaves) | Q(person__in=extended)),
                then=Value(1),
            ),
            default=Value(0),
        )
    )


def with_cover(asking: Asking, counted: Counted, on: date, covers: Collection[str]) -> QuerySet[Posting]:
    """The primary postings of whom ``counted`` counted under one of ``covers``: the names behind a number."""
    chosen = [person for person, (_branch, cover) in counted.particular.items() if cover in covers]
    rows = asked_postings(asking, on).filter(Q(particular=0, cover__in=covers))
    if not chosen:
        return rows
    named = Posting.objects.current().effective(on).filter(primary=True, person__in=chosen)
    return Posting.objects.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=named.values("pk")))


def waiting_for_hr(asking: Asking, on: date) -> QuerySet[Posting]:
    """Of the primary postings those whose people have met everything of each level that they lack or that expires, and wait
    for HR's decision: they are urged for nothing. Who is judged one by one is left out, and so urged."""
    rows = asked_postings(asking, on).filter(particular=0).exclude(cover=Cover.HELD.value)
    return rows.exclude(_any(asking, lambda asked: _urges(asked, on)))


def urged_without(asking: Asking, counted: Counted, on: date) -> QuerySet[Posting]:
    """Of the primary postings those whose people work without a level for which they do not wait for HR's decision."""
    chosen = {person for person, (_branch, cover) in counted.particular.items() if cover == Cover.WITHOUT}
    awaited: dict[int, set[int]] = {}
    waiting = waiting_on(on).filter(person__in=chosen)
    for person, level in waiting.values_list("person", "track__level"):
        awaited.setdefault(person, set()).add(level)
    for person, facts in facts_of(awaited, on, asking).items() if awaited else ():
        outcome = facts.judged(on)
        without = {demand.level for demand in outcome.demands if demand.cover == Cover.WITHOUT} if outcome else set()
        if without <= awaited[person]:
            chosen.discard(person)
    rows = asked_postings(asking, on).filter(
        _any(asking, lambda asked: _lacks(asked) & _late(asked, on) & ~Q(_awaits(asked, on))), particular=0
    )
    named = Posting.objects.current().effective(on).filter(primary=True, person__in=chosen)
    return Posting.objects.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=named.values("pk")))


def _urges(requirement: PositionRequirement, on: date) -> Q:
    lacks_or_expires = _lacks(requirement) | _below("keeps", requirement)
    return lacks_or_expires & ~Q(_awaits(requirement, on))


def _awaits(requirement: PositionRequirement, on: date) -> Exists:
    waiting = waiting_on(on).filter(track__level=requirement.level_id)
    return Exists(waiting.filter(person=OuterRef("person")))


def _name(held: str, ladder: int) -> str:
    return held if ladder == LADDER else f"{held}_{ladder}"


def _highest(condition: Q, ladder: int) -> Coalesce:
    """The highest rank among a person's certifications of a kind, 0 where there is none; of a level outside the ladder
    its own key."""
    if ladder == LADDER:
        return Coalesce(Max(f"{MINE}__track__level__rank", filter=condition), 0)
    return Coalesce(Max(f"{MINE}__track__level", filter=condition & Q(**{f"{MINE}__track__level": ladder})), 0)


def _below(held: str, requirement: PositionRequirement) -> Q:
    """The level that is asked is not among what is held in such a way."""
    level = requirement.level
    return Q(**{f"{_name(held, level.ladder)}__lt": level.pk if level.rank is None else level.rank})


def _any(asking: Asking, condition) -> Q:
    found = Q(pk__in=[])
    for requirement in asking.requirements:
        found |= _reach(requirement, asking) & condition(requirement)
    return found


def _reach_of_any(asking: Asking) -> Q:
    return _any(asking, lambda asked: Q())


def _reach(requirement: PositionRequirement, asking: Asking) -> Q:
    condition = Q()
    if requirement.position_id is not None:
        condition &= Q(position=requirement.position_id)
    if requirement.line:
        condition &= Q(position__line=requirement.line)
    if requirement.branch_id is not None:
        condition &= Q(branch__in=asking.below[requirement.branch_id])
    return condition


def _lacks(requirement: PositionRequirement) -> Q:
    return _below("holds", requirement)


def _late(requirement: PositionRequirement, on: date) -> Q:
    last_start = on - timedelta(days=requirement.within_days)
    if requirement.days_from >= last_start or requirement.effective_from >= on:
        return Q(pk__in=[])
    return Q(began__lt=last_start) & _below("spared", requirement)


def _in_second_posts(asking: Asking, on: date) -> QuerySet[Posting]:
    return Posting.objects.current().effective(on).filter(primary=False).filter(_reach_of_any(asking))


def _working(postings: QuerySet[Posting], on: date) -> QuerySet[Posting]:
    return postings.filter(Exists(Employment.objects.current().effective(on).filter(person=OuterRef("person"))))
