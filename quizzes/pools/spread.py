"""How far the papers of a quiz lie apart in difficulty, tried before anybody sits it: in words, with and without a band."""

import random
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from quizzes.grading.banding import Band, ExpectedSpread, spread_of
from quizzes.grading.papers import Plan, away_of, pick_versions, plan_of
from quizzes.models import Quiz

TRIAL_PAPERS = 60


@dataclass(frozen=True)
class SpreadWords:
    """``plain`` as papers are drawn without a band, ``banded`` with it, ``warning`` where it cannot always be held."""

    plain: str
    banded: str = ""
    warning: str = ""


def spread_words(quiz: Quiz) -> SpreadWords | None:
    """By trial papers of the slots as they stand in ``quiz``; None where all papers are the same or cannot be drawn. One
    query for the pool; nothing is stored."""
    slots = list(quiz.slots.all())
    if not any(slot.category_id for slot in slots):
        return None
    plan = plan_of(quiz, slots, telling=True)
    if not plan.band.can_tell:
        unknown = _(
            "How hard the papers are cannot be estimated yet: no question has thirty answers to its current version."
        )
        return SpreadWords(unknown) if quiz.expected_band else None
    try:
        plain = _tried(replace(plan, band=replace(plan.band, width=None)))
        banded = _tried(plan) if plan.band.width is not None else None
    except ValueError:
        return None
    return SpreadWords(_said(plain), _said_of_band(banded, plan.band) if banded else "", _warning(banded))


def _tried(plan: Plan) -> ExpectedSpread:
    source = random.Random(plan.code)  # noqa: S311 - trials that are the same at each look
    away = [away_of(plan, pick_versions(plan, source)) for _number in range(TRIAL_PAPERS)]
    return spread_of(away, plan.band.width)


def _said(spread: ExpectedSpread) -> str:
    return _(
        "In %(papers)s papers drawn as a trial, the expected scores are %(low)s to %(high)s points from the average."
    ) % (_facts(spread))


def _said_of_band(spread: ExpectedSpread, band: Band) -> str:
    text = _("Within ± %(points)s points: %(low)s to %(high)s points from the average.")
    return text % {**_facts(spread), "points": round((band.width or 0) * 100)}


def _warning(spread: ExpectedSpread | None) -> str:
    if spread is None or not spread.outside:
        return ""
    return _(
        "The band cannot always be held: %(outside)s of %(papers)s papers lie outside it, the nearest that "
        "twenty tries gave. Widen it, or let lines draw from questions of more similar difficulty."
    ) % {"outside": spread.outside, "papers": spread.papers}


def _facts(spread: ExpectedSpread) -> dict[str, object]:
    return {"papers": spread.papers, "low": f"{spread.lowest * 100:+.1f}", "high": f"{spread.highest * 100:+.1f}"}
