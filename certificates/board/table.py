"""HR's first screen as one answer: a branch of the day with a row for each branch under it, and the way down to it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet

from academy.models import BranchPlacement, Leave, Posting
from academy.staff.branches import below_on, parents_on
from certificates.board.counts import Counted, Tally, counted_bank, urged_without, waiting_for_hr, with_cover
from certificates.board.facts import Asking, asking_on
from certificates.board.picture import Part, parts_of
from certificates.board.places import Place, places_on
from certificates.board.rule import HOLDS, Cover

# What can be asked of the names, and which of them it means.
SELECTIONS: dict[str, tuple[Cover, ...]] = {
    "required": tuple(Cover),
    "holding": HOLDS,
    "without": (Cover.WITHOUT,),
    "missing": (Cover.MISSING,),
    "soon": (Cover.SOON,),
    # 催办名单: everybody with something to do now; who is on leave, or waits for HR, is left in peace.
    "urge": (Cover.WITHOUT, Cover.MISSING, Cover.SOON),
}


@dataclass(frozen=True)
class BoardRow:
    """One row of the table. ``own`` is the branch's own staff beside the branches under it."""

    place: Place
    tally: Tally
    leads_down: bool
    own: bool = False

    @property
    def parts(self) -> list[Part]:
        return parts_of(self.tally)


@dataclass(frozen=True)
class Board:
    """The numbers of a place on a day, and what is needed to name the people behind them."""

    on: date
    place: Place | None
    trail: tuple[Place, ...]
    rows: tuple[BoardRow, ...]
    total: Tally
    asking: Asking
    counted: Counted
    branches: frozenset[int]
    # Every branch of the day is in it.
    whole: bool = False

    @cached_property
    def stands(self) -> bool:
        """False where the viewer's part of the bank had no branch that day."""
        return bool(self.branches)

    def count(self, selection: str) -> int | None:
        """How many that is: the number of the table. None where who has nothing to do must be taken off it."""
        return None if selection == "urge" else sum(self.total.of(cover) for cover in SELECTIONS[selection])

    def people(self, selection: str) -> QuerySet[Posting]:
        """The primary postings behind a number of the total, in the order of staff numbers; those to be urged, who work
        without a level that is theirs to obtain first, and longest in post first."""
        rows = with_cover(self.asking, self.counted, self.on, SELECTIONS[selection]).filter(branch__in=self.branches)
        if selection != "urge":
            return rows.order_by("person__staff_number")
        away = Leave.objects.current().effective(self.on)
        without = urged_without(self.asking, self.counted, self.on)
        awaiting = waiting_for_hr(self.asking, self.on)
        rows = rows.exclude(person__in=away.values("person")).exclude(pk__in=awaiting.values("pk"))
        rows = rows.annotate(turn=Case(When(pk__in=without.values("pk"), then=Value(0)), default=Value(1)))
        return rows.order_by("turn", Coalesce("in_post_since", "effective_from"), "person__staff_number")


def board_of(
    *, roots: Collection[int] | None, on: date, branch: str = "", line: str = "", level: str = ""
) -> Board | None:
    """The board of a viewer who answers for ``roots`` and below (None: the whole bank), in the tree of the day.

    ``branch`` is the code of the branch to look into. None where that is not the viewer's, or did not stand that day.
    The numbers are kept (``counts.counted_bank``): five queries, and where they are counted anew six more, and three
    where people are judged one by one.
    """
    parents = parents_on(on)
    tops = [pk for pk, above in parents.items() if above is None] if roots is None else _topmost(parents, roots)
    scope = below_on(parents, tops)
    at = _branch_of(branch, on) if branch else (tops[0] if len(tops) == 1 else None)
    if branch and at not in scope:
        return None
    below = [pk for pk, above in parents.items() if above == at] if at is not None else tops
    row_of = below_on(parents, below)
    if at is not None:
        row_of[at] = at
    asking = asking_on(on, level=level, line=line)
    counted = counted_bank(asking, on, level=level, line=line)
    trail = _trail(parents, at, scope)
    places = places_on({*row_of.values(), *trail}, on)
    tallies: dict[int, Tally] = {}
    total = Tally()
    for pk, tally in counted.by_branch.items():
        # Who is posted in a branch that did not stand that day stands in no row.
        if pk in row_of:
            tallies.setdefault(row_of[pk], Tally()).plus(tally)
            total.plus(tally)
    above_any = set(parents.values())
    rows = [
        BoardRow(places[pk], tallies.get(pk, Tally()), leads_down=pk != at and pk in above_any, own=pk == at)
        for pk in sorted({*row_of.values()}, key=lambda pk: (pk != at, places[pk].code))
        if pk != at or tallies.get(pk) or len(below) == 0
    ]
    return Board(
        on=on,
        place=places[at] if at is not None else None,
        trail=tuple(places[pk] for pk in trail),
        rows=tuple(rows),
        total=total,
        asking=asking,
        counted=counted,
        branches=frozenset(row_of),
        whole=len(row_of) >= len(parents),
    )


def _topmost(parents: dict[int, int | None], roots: Iterable[int]) -> list[int]:
    """The roots that stood that day and stand under no other of them."""
    standing = [root for root in roots if root in parents]
    return [
        root for root in standing if root not in below_on(parents, [branch for branch in standing if branch != root])
    ]


def _branch_of(code: str, on: date) -> int | None:
    rows = BranchPlacement.objects.current().effective(on).filter(branch__code=code)
    return rows.values_list("branch", flat=True).first()


def _trail(parents: dict[int, int | None], at: int | None, scope: Collection[int]) -> list[int]:
    """From the top of the viewer's part down to the branch, itself left out."""
    chain: list[int] = []
    above = parents.get(at) if at is not None else None
    while above is not None and above in scope and above not in chain:
        chain.append(above)
        above = parents.get(above)
    return chain[::-1]
