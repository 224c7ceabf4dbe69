"""Several assessors, one result. Pure; scores are points of 100."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Sheet:
    """One assessor's word: the share of the best points, whether a veto was seen, and whether enough was observed."""

    fraction: Decimal
    vetoed: bool = False
    counts: bool = True


@dataclass(frozen=True)
class CombinedResult:
    """``further``: the assessors are too far apart, one more is asked before there is a result. ``counts`` False: one of them
    observed too little, there is none."""

    score: Decimal
    passed: bool
    vetoed: bool = False
    further: bool = False
    counts: bool = True


def combine(
    sheets: Sequence[Sheet], *, combining: str, pass_mark: Decimal, spread: int | None, settling: bool = False
) -> CombinedResult:
    """The result of all sheets.

    ``each``: every assessor's score reaches the pass mark. ``mean``: their mean does. Where the lowest and the highest lie
    further apart than ``spread``, one more sheet is asked for; with that one (``settling``) the middle score counts, whichever
    rule it is. One veto of one assessor fails all; without one, a sheet that does not count ends it without a result. Scores are rounded after comparing: 69.996 is no 70.
    """
    scores = sorted(sheet.fraction * 100 for sheet in sheets)
    vetoed = any(sheet.vetoed for sheet in sheets)
    if not vetoed and not all(sheet.counts for sheet in sheets):
        return CombinedResult(Decimal(0), passed=False, counts=False)
    if settling:
        middle = len(scores) // 2
        score = scores[middle] if len(scores) % 2 else (scores[middle - 1] + scores[middle]) / 2
        return CombinedResult(_shown(score, pass_mark), not vetoed and score >= pass_mark, vetoed)
    further = not vetoed and spread is not None and scores[-1] - scores[0] > spread
    mean = sum(scores, Decimal(0)) / len(scores)
    reached = mean >= pass_mark if combining == "mean" else scores[0] >= pass_mark
    return CombinedResult(_shown(mean, pass_mark), reached and not vetoed and not further, vetoed, further)


def _shown(score: Decimal, pass_mark: Decimal) -> Decimal:
    """Rounded half up to hundredths, but never up to a pass mark that was not reached."""
    shown = score.quantize(HUNDREDTH, ROUND_HALF_UP)
    return score.quantize(HUNDREDTH, ROUND_FLOOR) if score < pass_mark <= shown else shown
