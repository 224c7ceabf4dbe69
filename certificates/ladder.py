"""The ladder as one person sees it: held, current with what is missing, later with its conditions."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from academy.models import User
from certificates.awarding import purpose_on
from certificates.evidence import asked_by, evidence_for, rules_on
from certificates.models import Certification, CertificationTrack
from certificates.standing import Judged, Standing, evaluate


@dataclass(frozen=True)
class Step:
    """One rung. ``state`` is held, current or later."""

    track: CertificationTrack
    state: str
    certification: Certification | None
    standing: Standing | None

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


def ladder_of(person: User, today: date) -> list[Step]:
    """All rungs in order of rank. A constant number of queries."""
    tracks = list(CertificationTrack.objects.filter(active=True).select_related("level").order_by("level__rank"))
    versions = rules_on(tracks, today)
    evidence = evidence_for([person], today)[person.pk]
    newest: dict[int, Certification] = {}
    for one in Certification.objects.filter(person=person, ending=None).select_related("track").order_by("cycle"):
        newest[one.track_id] = one
    ranks = {track.pk: track.level.rank for track in tracks}
    held_rank = max(
        (ranks[pk] for pk, one in newest.items() if pk in ranks and one.valid_from <= today <= one.valid_through),
        default=0,
    )
    steps: list[Step] = []
    current_found = False
    for track in tracks:
        mine = newest.get(track.pk)
        held = mine is not None and mine.valid_from <= today <= mine.valid_through
        version = versions.get(track.pk)
        purpose = purpose_on(mine, today)
        renewing = held and purpose == "renewal" and track.level.rank == held_rank
        standing = None
        if version is not None and purpose is not None:
            cycle_from = mine.renew_from if mine is not None and renewing else None
            standing = evaluate(asked_by(version, purpose), evidence, today, cycle_from=cycle_from)
        if held or track.level.rank < held_rank:
            steps.append(Step(track, "held", mine, standing if renewing else None))
        elif not current_found:
            current_found = True
            steps.append(Step(track, "current", mine, standing))
        else:
            steps.append(Step(track, "later", mine, standing))
    return steps


def missing_sentence(steps: list[Step]) -> dict[str, Any] | None:
    """The next level and how much is missing, for the line under the greeting."""
    step = next((step for step in steps if step.state == "current"), None)
    if step is None or step.standing is None:
        return None
    return {"level": step.track.level, "missing": len(step.standing.missing), "earliest": step.standing.earliest}
