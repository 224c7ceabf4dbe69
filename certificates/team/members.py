"""The team on a day: each person's duties, next level and what is missing, and the share that is certified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.cache import cache
from django.db.models import Max

from academy.calendar.clock import local_day
from academy.duties.duty import Duty, DutyState, duties_of
from academy.models import Leave, Notice, Posting, User
from academy.staff.access import team_of
from certificates.board.counts import Tally, count_by_branch
from certificates.board.facts import asking_on
from certificates.models import Recommendation
from certificates.rules.ladder import Rung, ladders_of

LIMIT = 400
# The bank's share moves by tenths of a percent a day; a page of one outlet need not count the bank anew each time.
BANK_SHARE_SECONDS = 900
WORST_FIRST = (DutyState.OVERDUE, DutyState.SOON, DutyState.OPEN, DutyState.PAUSED, DutyState.DONE)


@dataclass(frozen=True)
class Member:
    """One person of the team. ``state`` is the worst of the required duties: red, amber, green, or on leave."""

    person: User
    posting: Posting | None
    state: DutyState
    duties: tuple[tuple[Duty, DutyState], ...]
    steps: tuple[Rung, ...]
    on_leave: bool
    nudged_at: datetime | None
    recommended: frozenset[int] = frozenset()

    @property
    def next_step(self) -> Rung | None:
        return next((step for step in self.steps if step.state == "current"), None)

    @property
    def held(self) -> Rung | None:
        """The highest level that is held."""
        return next((step for step in reversed(self.steps) if step.state == "held" and step.certification), None)

    @property
    def due_on(self) -> date | None:
        """The next day by which something is due."""
        return next((duty.due_on for duty, _state in self.duties if duty.due_on), None)

    @property
    def late(self) -> bool:
        return self.state == DutyState.OVERDUE

    @property
    def steps_to_act_on(self) -> list[tuple[Rung, bool, bool]]:
        """(rung, wants the manager's word, wants an observation) of what is being worked for."""
        return [
            (
                step,
                _lacks(step, "recommendation") and step.track.pk not in self.recommended,
                _lacks(step, "observation"),
            )
            for step in self.steps
            if step.standing is not None and step.state != "later"
        ]


def _lacks(step: Rung, kind: str) -> bool:
    return step.standing is not None and any(line.asked.kind == kind for line in step.standing.missing)


@dataclass(frozen=True)
class Team:
    """``more`` people of the team are beyond what one page shows."""

    members: tuple[Member, ...] = ()
    more: int = 0
    own: Tally = field(default_factory=Tally)
    bank: Tally = field(default_factory=Tally)

    def count(self, *states: DutyState) -> int:
        return sum(member.state in states for member in self.members)


def team_on(*, manager: User, now: datetime) -> Team:
    """The team of a manager or a deputy, the most pressing first. A fixed number of queries, however many people."""
    today = local_day(now)
    people = list(team_of(manager, today).order_by("staff_number"))
    shown = people[:LIMIT]
    if not shown:
        return Team()
    members = members_of(shown, today)
    branches = {member.posting.branch_id for member in members if member.posting}
    own, bank = shares(branches, today)
    ordered = sorted(
        members, key=lambda one: (WORST_FIRST.index(one.state), one.due_on or date.max, one.person.staff_number)
    )
    return Team(tuple(ordered), len(people) - len(shown), own, bank)


def members_of(people: Sequence[User], today: date) -> list[Member]:
    ids = [person.pk for person in people]
    duties, ladders = duties_of(people=ids, on=today), ladders_of(people, today)
    postings: dict[int, Posting] = {}
    rows = Posting.objects.current().effective(today).filter(person__in=ids).select_related("branch", "position")
    for posting in rows.order_by("primary"):
        postings[posting.person_id] = posting
    away = set(Leave.objects.current().effective(today).filter(person__in=ids).values_list("person", flat=True))
    nudged = dict(
        Notice.objects.filter(person__in=ids, kind="certificates.nudge")
        .values("person")
        .annotate(last=Max("created_at"))
        .values_list("person", "last")
    )
    given: dict[int, set[int]] = {}
    for pk, track in Recommendation.objects.filter(person__in=ids, withdrawn_at=None).values_list("person", "track"):
        given.setdefault(pk, set()).add(track)
    return [
        Member(
            person=person,
            posting=postings.get(person.pk),
            state=state_of(duties[person.pk], today, on_leave=person.pk in away),
            duties=tuple((duty, duty.state_on(today)) for duty in duties[person.pk] if duty.done_on is None),
            steps=tuple(ladders[person.pk]),
            on_leave=person.pk in away,
            nudged_at=nudged.get(person.pk),
            recommended=frozenset(given.get(person.pk, ())),
        )
        for person in people
    ]


def state_of(duties: Iterable[Duty], day: date, *, on_leave: bool = False) -> DutyState:
    """The worst of the required duties that are open; done when there is none. On leave nothing presses. Pure."""
    if on_leave:
        return DutyState.PAUSED
    states = [duty.state_on(day) for duty in duties if duty.required]
    open_states = [one for one in states if one != DutyState.DONE]
    return min(open_states, key=WORST_FIRST.index, default=DutyState.DONE)


def shares(branches: set[int], today: date) -> tuple[Tally, Tally]:
    """持证率 of the outlets and of the whole bank on a day."""
    asking = asking_on(today)
    own = count_by_branch(asking, today, branches).below(branches)
    key = f"certified-share:{today}"
    bank = cache.get(key)
    if bank is None:
        counted = count_by_branch(asking, today)
        bank = counted.below(counted.by_branch)
        cache.set(key, bank, BANK_SHARE_SECONDS)
    return own, bank
