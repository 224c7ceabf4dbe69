"""Papers within a band: how hard a drawn paper is expected to be, beside the average of its blueprint. Pure.

What is known of a question is the share that it earned in the largest set of answers to its current version; of one that
few have answered it is what the others of its line earn, so that it moves nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from types import MappingProxyType

# So many papers are drawn at most before the one nearest to the average is taken.
TRIES = 20


@dataclass(frozen=True)
class Line:
    """What a line of the blueprint draws ``count`` of: the versions of each thing it may draw, and the mark of each."""

    count: int
    mark: float
    things: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Band:
    """``width`` in shares of the whole mark; None asks for nothing. ``known`` are the shares that versions earn, ``target``
    is the mark that drawn questions are expected to earn on average, ``worth`` the whole mark of a paper."""

    width: float | None = None
    known: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    target: float = 0.0
    worth: float = 0.0

    @property
    def can_tell(self) -> bool:
        return bool(self.known) and self.worth > 0

    def away(self, drawn: Iterable[tuple[int, float]]) -> float:
        """By which share of the whole mark a paper of these versions and marks is expected to be easier (above 0) or harder."""
        if not self.can_tell:
            return 0.0
        return (sum(self.known.get(version, 0.0) * mark for version, mark in drawn) - self.target) / self.worth


def band_of(*, width: float | None, known: Mapping[int, float | None], lines: Sequence[Line], worth: float) -> Band:
    """The band around the average of these lines; one that can tell nothing where no question of theirs is known."""
    shares: dict[int, float] = {}
    target = 0.0
    told = [share for share in known.values() if share is not None]
    if not told:
        return Band(width)
    average = sum(told) / len(told)
    for line in lines:
        versions = [version for thing in line.things for version in thing]
        there = [share for version in versions if (share := known.get(version)) is not None]
        usual = sum(there) / len(there) if there else average
        for version in versions:
            share = known.get(version)
            shares.setdefault(version, usual if share is None else share)
        if line.things:
            target += line.count * line.mark * sum(shares[version] for version in versions) / len(line.things)
    return Band(width, shares, target, worth)


@dataclass(frozen=True)
class ExpectedSpread:
    """How far trial papers lie from the average, as shares of the whole mark, and how many of them outside the band."""

    papers: int
    lowest: float
    highest: float
    deviation: float
    outside: int


def spread_of(away: Sequence[float], width: float | None) -> ExpectedSpread:
    """Of at least one paper."""
    mean = sum(away) / len(away)
    deviation = sqrt(sum((distance - mean) ** 2 for distance in away) / len(away))
    outside = 0 if width is None else sum(abs(distance) > width for distance in away)
    return ExpectedSpread(len(away), min(away), max(away), deviation, outside)
