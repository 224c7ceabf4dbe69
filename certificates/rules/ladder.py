"""The ladder as one person sees it: held, current with what is missing, later with its conditions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from academy.models import User
from academy.models.levels import by_rank
from academy.requests.kept.answers import shared
from certificates.models import Certification, CertificationTrack, Requirement, TrackAssignee
from certificates.rules.choices import Choice, Point, points_of
from certificates.rules.judging import Judgement, counted_from, has_lapsed, judge_many, rank_held
from certificates.rules.standing import Standing


@dataclass(frozen=True)
class Rung:
    """One rung. ``state`` is held, current or later; ``through`` the last valid day of ``certification``.

    A current one that was held before ran out: ``in_grace`` it is still renewed, once ``lapsed`` it comes back.
    ``purpose`` is what the standing is judged for, see ``judging.purpose_on``.
    """

    track: CertificationTrack
    state: str
    certification: Certification | None
    standing: Standing | None
    through: date | None = None
    purpose: str | None = None
    lapsed: bool = False
    cycle: int = 1
    # The day through which an older version of the rules still counts for the person.
    finishes_by: date | None = None
    # The first day of the renewal window, leave counted in.
    opens: date | None = None
    # A person took it away, and nothing was passed since: it is not said that all is met.
    taken: bool = False
    # Held, and suspended for the holder is on leave: as the register says of its document.
    suspended: bool = False
    # The exams whose paper is being written, where that is known: see ``ladder_exams``.
    written: frozenset[int] = frozenset()

    @property
    def occasion(self) -> str:
        """The ground on which its exams are sat, see ``certificates.receivers``."""
        return f"track:{self.track.code}:{self.cycle}"

    @property
    def points(self) -> list[Point]:
        """What is asked, a choice group as one."""
        return points_of(self.standing.lines) if self.standing else []

    @property
    def lacking(self) -> list[Point]:
        """What of it is not met."""
        return [point for point in self.points if not point.met]

    @property
    def met(self) -> int:
        return self.all - self.missing

    @property
    def all(self) -> int:
        return len(self.points)

    @property
    def missing(self) -> int:
        return len(self.lacking)

    @property
    def renewing(self) -> bool:
        """Held, and its window is open."""
        return self.state == "held" and self.standing is not None

    @property
    def in_grace(self) -> bool:
        return self.state == "current" and self.purpose == "renewal"

    @property
    def last_day(self) -> date | None:
        """Until when it can be renewed, the grace counted in."""
        if self.through is None or self.certification is None:
            return None
        return self.through + timedelta(days=self.certification.grace_days)

    @property
    def counted_from(self) -> date | None:
        """The day from which work counts for the renewal, where that is before its window; else None."""
        first = counted_from(self.certification) if self.certification is not None else None
        return first if first is not None and self.opens is not None and first < self.opens else None

    @property
    def groups(self) -> list[tuple[str, list[Point]]]:
        return [(phase, [point for point in self.points if _phase(point) == phase]) for phase in ("apply", "pass")]


def _phase(point: Point) -> str:
    line = point.members[0] if isinstance(point, Choice) else point
    return line.asked.phase


def ladder_of(person: User, today: date) -> list[Rung]:
    """All rungs in order of rank, then what stands outside the ladder and concerns the person. A constant number of queries."""
    return ladders_of([person], today)[person.pk]


def ladders_of(people: Iterable[User], today: date) -> dict[int, list[Rung]]:
    """The ladder of each person. A constant number of queries, however many they are."""
    people = list(people)
    used = CertificationTrack.objects.filter(active=True).select_related("level").order_by(*by_rank())
    tracks = shared("tracks", lambda: list(used))
    judged = judge_many(people=people, tracks=tracks, today=today)
    parted = {person.pk: _parted([(track, judged[person.pk, track.pk]) for track in tracks]) for person in people}
    beside = [pk for pk, (ladder, outside) in parted.items() if outside and not _is_on(ladder)]
    # Whom somebody assigned a level of the ladder is shown the way to it.
    assigned = TrackAssignee.objects.filter(Q(until=None) | Q(until__gte=today), person__in=beside)
    climbing = set(assigned.values_list("person", flat=True)) if beside else set()
    return {
        pk: [
            *_climbed([] if pk in beside and pk not in climbing else ladder, today),
            *(step for pair in outside for step in _climbed([pair], today)),
        ]
        for pk, (ladder, outside) in parted.items()
    }


type _Pairs = list[tuple[CertificationTrack, Judgement]]


def _parted(pairs: _Pairs) -> tuple[_Pairs, _Pairs]:
    """The tracks of the ladder, and those outside it that concern the person."""
    outside = [pair for pair in pairs if not pair[0].level.on_ladder and _concerns(pair[1], asked_of_all=True)]
    return [pair for pair in pairs if pair[0].level.on_ladder], outside


def _is_on(ladder: _Pairs) -> bool:
    """Who works outside the ladder only is not shown the way of a client manager."""
    return any(_concerns(found, asked_of_all=False) for _track, found in ladder)


def _concerns(found: Judgement, *, asked_of_all: bool) -> bool:
    """Whether a person was ever awarded it, or stands in a post that it names; ``asked_of_all`` where it names none."""
    lines = found.standing.lines if found.standing else ()
    posts = [
        line.met for line in lines if line.asked.kind in (Requirement.Kind.POSTED, Requirement.Kind.MONTHS_IN_POST)
    ]
    return found.current is not None or any(posts) or (asked_of_all and not posts)


def _climbed(pairs: list[tuple[CertificationTrack, Judgement]], today: date) -> list[Rung]:
    held_rank = rank_held(pairs, today)
    # What ran out and can be had again is what the person works for, though a level below it was never held.
    back_rank = max((track.level.rank or 0 for track, found in pairs if _comes_back(found, today)), default=0)
    steps: list[Rung] = []
    current_found = False
    for track, found in pairs:
        mine, rank = found.current, track.level.rank or 0
        held = found.is_held(today)
        if held or rank < held_rank:
            # One that ran out below a held level is contained in it: its own last day says nothing any more.
            renewing = held and found.purpose == "renewal" and rank == held_rank
            # What is contained in a higher level is not suspended beside it.
            suspended = held and found.on_leave and rank == held_rank
            standing = found.standing if renewing else None
            steps.append(_rung(track, "held", found, mine if held else None, standing, suspended=suspended))
        elif rank < back_rank:
            steps.append(Rung(track, "later", mine, None))
        elif not current_found:
            current_found = True
            steps.append(_rung(track, "current", found, mine, found.standing, lapsed=_ran_out(found, today)))
        else:
            steps.append(Rung(track, "later", mine, found.standing))
    return steps


def _rung(
    track: CertificationTrack,
    state: str,
    found: Judgement,
    certification: Certification | None,
    standing: Standing | None,
    *,
    lapsed: bool = False,
    suspended: bool = False,
) -> Rung:
    return Rung(
        track,
        state,
        certification,
        standing,
        found.through,
        found.purpose,
        lapsed,
        found.cycle,
        found.finishes_by,
        found.opens,
        found.rests_on_what_was_ended,
        suspended,
    )


def _comes_back(found: Judgement, today: date) -> bool:
    return found.current is not None and not found.is_held(today) and found.purpose in ("renewal", "return")


def _ran_out(found: Judgement, today: date) -> bool:
    return found.current is not None and found.through is not None and has_lapsed(found.current, found.through, today)


def next_step(steps: list[Rung]) -> Rung | None:
    """The rung that is worked for: a renewal whose window is open before the level above."""
    renewing = next((step for step in steps if step.renewing), None)
    return renewing or next((step for step in steps if step.state == "current"), None)
