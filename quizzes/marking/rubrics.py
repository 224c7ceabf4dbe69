"""Points of a rubric: one level a criterion, and any veto takes all. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


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
    kept: list[dict[str, Any]] = []
    missing: list[str] = []
    total = Decimal(0)
    for criterion in rubric["criteria"]:
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
    best = best_points(rubric)
    fraction = Decimal(0) if vetoes or best <= 0 else (total / best).quantize(Decimal("1e-10"))
    return fraction, {
        "rubric": rubric["rubric"],
        "criteria": kept,
        "vetoes": [known[one] for one in known if one in vetoes],
    }


def _points(level: Mapping[str, Any]) -> Decimal:
    return Decimal(level["points"])
