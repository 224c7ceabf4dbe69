"""Points of a rubric: one level a criterion, and any veto takes all; what was not observed leaves the total. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

# Instead of the place of a level: the marker could not see it. Only where somebody is watched.
NOT_OBSERVED = -1
# Of the criteria, at most this share may be missing from a sheet that counts.
MOST_MISSING = Fraction(1, 3)


class IncompleteRubric(ValueError):
    """Criteria without a level, or a level or veto that is not on the rubric; ``places`` names the criteria."""

    def __init__(self, *places: str) -> None:
        super().__init__(*places)
        self.places = places


def best_points(rubric: Mapping[str, Any]) -> Decimal:
    """The points of one who reaches the best level everywhere."""
    return sum((max(_points(level) for level in criterion["levels"]) for criterion in rubric["criteria"]), Decimal(0))


def judge(
    rubric: Mapping[str, Any], *, levels: Mapping[str, int], vetoes: frozenset[str]
) -> tuple[Decimal, dict[str, Any]]:
    """The fraction of the mark and what was chosen, in the words of now.

    ``levels`` maps criterion to the place of its level. Raises ``IncompleteRubric``.
    """
    return _judged(rubric, rubric["criteria"], levels, vetoes)


def judge_observed(
    rubric: Mapping[str, Any], *, levels: Mapping[str, int], vetoes: frozenset[str]
) -> tuple[Decimal, dict[str, Any]]:
    """As ``judge``, of somebody who was watched: ``levels`` may say of a criterion or a veto that it was not observed.

    What was chosen says so under ``unobserved``, and under ``counts`` whether the sheet says enough: with more than a third of
    the criteria unobserved, or a veto, it does not, unless a veto was seen. Raises ``IncompleteRubric``.
    """
    unseen = {key for key, place in levels.items() if place == NOT_OBSERVED} - vetoes
    seen = [criterion for criterion in rubric["criteria"] if criterion["id"] not in unseen]
    fraction, chosen = _judged(rubric, seen, levels, vetoes)
    missing = [criterion for criterion in rubric["criteria"] if criterion["id"] in unseen]
    unsure = [veto for veto in rubric["vetoes"] if veto["id"] in unseen]
    enough = len(missing) <= MOST_MISSING * len(rubric["criteria"]) and not unsure
    chosen["unobserved"] = [{"id": part["id"], "name": part["name"]} for part in [*missing, *unsure]]
    chosen["counts"] = bool(chosen["vetoes"]) or enough
    return fraction, chosen


def _judged(
    rubric: Mapping[str, Any],
    criteria: Sequence[Mapping[str, Any]],
    levels: Mapping[str, int],
    vetoes: frozenset[str],
) -> tuple[Decimal, dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    missing: list[str] = []
    total = Decimal(0)
    for criterion in criteria:
        place = levels.get(criterion["id"])
        if place is None or not 0 <= place < len(criterion["levels"]):
            missing.append(criterion["id"])
            continue
        level = criterion["levels"][place]
        total += _points(level)
        kept.append({"id": criterion["id"], "name": criterion["name"], **level})
    if missing:
        raise IncompleteRubric(*missing)
    known = {veto["id"]: veto for veto in rubric["vetoes"]}
    if vetoes - set(known):
        raise IncompleteRubric("vetoes")
    best = best_points({"criteria": criteria})
    fraction = Decimal(0) if vetoes or best <= 0 else (total / best).quantize(Decimal("1e-10"))
    return fraction, {
        "rubric": rubric["rubric"],
        "criteria": kept,
        "vetoes": [known[name] for name in known if name in vetoes],
    }


def _points(level: Mapping[str, Any]) -> Decimal:
    return Decimal(level["points"])
