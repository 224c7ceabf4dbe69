"""A calibration's sheets laid side by side, in the words of the reader: for HR all of them, for an assessor the own one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.bilingual import pick
from academy.models import User
from quizzes.marking.rubrics import NOT_OBSERVED, judge_observed
from quizzes.models import Calibration, CalibrationSheet
from quizzes.observing.drifting import FEWEST, AssessorDrift, CriterionSpread, Leaning, drift_of, spreads_of

LEANINGS = {
    Leaning.GENEROUS: pgettext_lazy("assessor", "Generous"),
    Leaning.STRICT: pgettext_lazy("assessor", "Strict"),
    Leaning.UNEVEN: pgettext_lazy("assessor", "Uneven"),
}
TENTH = Decimal("0.01")


@dataclass(frozen=True)
class ComparedCriterion:
    """One criterion in words: its levels as (points, text, how many chose it, whether it is the reference, the own)."""

    name: str
    levels: list[dict[str, Any]]
    spread: CriterionSpread

    @property
    def range(self) -> int:
        """How many levels lie between the lowest and the highest chosen."""
        return self.spread.highest - self.spread.lowest


@dataclass(frozen=True)
class ComparedSheet:
    """One assessor beside the others; ``vetoes`` are those that only one of assessor and reference saw. A sheet that says too
    little does not count: it neither passes nor fails."""

    assessor: User
    sheet: CalibrationSheet
    score: Decimal
    passed: bool
    drift: AssessorDrift
    vetoes: list[str]

    @property
    def leaning(self) -> Any:
        return LEANINGS.get(self.drift.leaning, "")

    @property
    def listed(self) -> bool:
        return bool(self.drift.leaning)

    @property
    def verdict(self) -> str:
        """Passed or not, taken alone, in words."""
        if not self.sheet.counts:
            return pgettext("observation", "Does not count")
        return pgettext("observation", "Passed") if self.passed else pgettext("observation", "Not passed")

    def level_of(self, criterion: ComparedCriterion) -> int | None:
        """The place of the level chosen; None where the criterion was not observed."""
        place: int = self.sheet.draft["levels"][criterion.spread.criterion]
        return None if place == NOT_OBSERVED else place

    @property
    def shown(self) -> dict[str, str]:
        """``drift``, ``distance`` and ``from_reference`` to two places, with a sign where they have one."""
        return {
            "drift": signed(self.drift.drift),
            "distance": f"{self.drift.distance.quantize(TENTH)}",
            "from_reference": signed(self.drift.from_reference),
        }


@dataclass(frozen=True)
class Comparison:
    """All that was handed in. ``judged`` is False below five sheets: then nobody's drift is spoken of."""

    sheets: list[ComparedSheet]
    criteria: list[ComparedCriterion]
    reference: Decimal
    reference_passed: bool

    @property
    def judged(self) -> bool:
        return len(self.sheets) >= FEWEST

    @property
    def drifting(self) -> list[ComparedSheet]:
        return [sheet for sheet in self.sheets if sheet.listed]


def compare(calibration: Calibration, *, own: User | None = None) -> Comparison:
    """The comparison of an announced calibration; two queries. ``own`` marks that assessor's levels."""
    terms = calibration.terms
    rubric, mark, limit = terms["rubric"], Decimal(terms["pass_mark"]), Decimal(terms["drift_from"])
    rows = calibration.sheets.filter(handed_in_at__isnull=False).select_related("assessor")
    sheets = list(rows.order_by("assessor__staff_number"))
    reference = calibration.reference
    sizes = {criterion["id"]: len(criterion["levels"]) for criterion in rubric["criteria"]}
    spreads = spreads_of(sizes, [sheet.draft["levels"] for sheet in sheets], reference["levels"])
    fraction, chosen = judge_observed(rubric, levels=reference["levels"], vetoes=frozenset(reference["vetoes"]))
    criteria = {criterion["id"]: criterion for criterion in rubric["criteria"]}
    mine = next((sheet for sheet in sheets if own is not None and sheet.assessor_id == own.pk), None)
    return Comparison(
        sheets=[_sheet(sheet, spreads, rubric, reference, mark, limit, len(sheets)) for sheet in sheets],
        criteria=[_criterion(criteria[spread.criterion], spread, mine) for spread in spreads],
        reference=_score(fraction),
        reference_passed=not chosen["vetoes"] and fraction * 100 >= mark,
    )


def signed(value: Decimal) -> str:
    """+0.50, −0.25 or 0.00."""
    rounded = value.quantize(TENTH)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded)}"


def _sheet(
    sheet: CalibrationSheet,
    spreads: list[CriterionSpread],
    rubric: Mapping[str, Any],
    reference: Mapping[str, Any],
    mark: Decimal,
    limit: Decimal,
    count: int,
) -> ComparedSheet:
    fraction = sheet.fraction or Decimal(0)
    differing = set(sheet.draft["vetoes"]) ^ set(reference["vetoes"])
    seen = set(sheet.draft["vetoes"])
    vetoes = [
        str((_("only the assessor: %(veto)s") if veto["id"] in seen else _("missed: %(veto)s")) % {"veto": _said(veto)})
        for veto in rubric["vetoes"]
        if veto["id"] in differing
    ]
    return ComparedSheet(
        assessor=sheet.assessor,
        sheet=sheet,
        score=_score(fraction),
        passed=sheet.counts and not sheet.vetoed and fraction * 100 >= mark,
        drift=drift_of(sheet.draft["levels"], spreads, limit=limit, sheets=count),
        vetoes=vetoes,
    )


def _criterion(
    criterion: Mapping[str, Any], spread: CriterionSpread, mine: CalibrationSheet | None
) -> ComparedCriterion:
    own = mine.draft["levels"][criterion["id"]] if mine is not None else None
    levels = [
        {
            "points": level["points"],
            "text": pick(level["text"], get_language() or settings.LANGUAGE_CODE),
            "count": spread.counts[place],
            "reference": spread.reference == place,
            "own": own == place,
        }
        for place, level in enumerate(criterion["levels"])
    ]
    return ComparedCriterion(_said(criterion), levels, spread)


def _said(named: Mapping[str, Any]) -> str:
    return pick(named["name"], get_language() or settings.LANGUAGE_CODE)


def _score(fraction: Decimal) -> Decimal:
    return (fraction * 100).quantize(TENTH)
