"""The ladder as one person sees it: held, current with what is missing, later with its conditions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from academy.models import User
from academy.requests.kept.answers import shared
from certificates.models import Certification, CertificationTrack
from certificates.rules.judging import Judgement, judge_many
from certificates.rules.standing import Judged, Standing


@dataclass(frozen=True)
class Rung:
    """One rung. ``state`` is held, current or later."""

    track: CertificationTrack
    state: str
    certification: Certification | None
    standing: Standing | None
    through: date | None = None

    @property
    def met(self) -> int:
        return sum(line.met for line in self.standing.lines) if self.standing else 0

    @property
    def all(self) -> int:
        return len(self.standing.lines) if self.standing else 0

    @property
    def groups(self) -> list[tuple[str, list[Judged]]]:
        lines = self.standing.lines if self.standing else ()
        return [(phase, [line for line in lines if line.asked.phase == phase]) for phase in ("apply", "pass")]


def ladder_of(person: User, today: date) -> list[Rung]:
    """All rungs in order of rank. A constant number of queries."""
    return ladders_of([person], today)[person.pk]


def ladders_of(people: Iterable[User], today: date) -> dict[int, list[Rung]]:
    """The ladder of each person. A constant number of queries, however many they are."""
    people = list(people)
    used = CertificationTrack.objects.filter(active=True).select_related("level").order_by("level__rank")
    tracks = shared("tracks", lambda: list(used))
    judged = judge_many(people=people, tracks=tracks, today=today)
    return {person.pk: _steps(person, tracks, judged, today) for person in people}


def _steps(
    person: User, tracks: list[CertificationTrack], judged: dict[tuple[int, int], Judgement], today: date
) -> list[Rung]:
    held_rank = max((track.level.rank for track in tracks if _holds(judged[person.pk, track.pk], today)), default=0)
    steps: list[Rung] = []
    current_found = False
    for track in tracks:
        found = judged[person.pk, track.pk]
        mine, standing = found.current, found.standing
        held = _holds(found, today)
        renewing = held and found.purpose == "renewal" and track.level.rank == held_rank
        if held or track.level.rank < held_rank:
            # One that ran out below a held level is contained in it: its own last day says nothing any more.
            steps.append(Rung(track, "held", mine if held else None, standing if renewing else None, found.through))
        elif not current_found:
            current_found = True
            steps.append(Rung(track, "current", mine, standing))
        else:
            steps.append(Rung(track, "later", mine, standing))
    return steps


def _holds(found: Judgement, today: date) -> bool:
    return (
        found.current is not None and found.through is not None and found.current.valid_from <= today <= found.through
    )


def missing_sentence(steps: list[Rung]) -> dict[str, Any] | None:
    """The next level and how much is missing, for the line under the greeting."""
    step = next((step for step in steps if step.state == "current"), None)
    if step is None or step.standing is None:
        return None
    return {"level": step.track.level, "missing": len(step.standing.missing), "earliest": step.standing.earliest}
