"""A rubric and its sheets in the words of the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.translation import get_language, gettext

from academy.bilingual import listed, pick
from quizzes.marking.rubrics import MOST_MISSING, NOT_OBSERVED
from quizzes.models import Observation, ObservedPractice, ScoreSheet

# So much is named to practise: what lost most.
PRACTISED = 3


def criteria_of(rubric: Mapping[str, Any], levels: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
    """Criteria as a page shows them: ``id``, ``name``, ``help``, whether ``open``, whether ``unobserved``, and the
    ``levels`` (place, points, text, whether chosen)."""
    chosen = levels or {}
    return [
        {
            "id": criterion["id"],
            "name": _said(criterion["name"]),
            "help": _said(criterion["help"]),
            "open": chosen.get(criterion["id"]) is None,
            "unobserved": chosen.get(criterion["id"]) == NOT_OBSERVED,
            "levels": [
                {
                    "place": place,
                    "points": level["points"],
                    "text": _said(level["text"]),
                    "chosen": chosen.get(criterion["id"]) == place,
                }
                for place, level in enumerate(criterion["levels"])
            ],
        }
        for criterion in rubric["criteria"]
    ]


def sheets_of(sheets: Iterable[ScoreSheet]) -> list[dict[str, Any]]:
    """What each assessor saw: score of 100, the level of each criterion in words, vetoes, comment."""
    return [
        {
            "assessor": sheet.assessor,
            **weighed_words(sheet.fraction, sheet.chosen, sheet.observation.terms["rubric"]),
            "comment": sheet.comment,
            "corrected": bool(sheet.before),
        }
        for sheet in sheets
        if sheet.fraction is not None
    ]


def to_practise(sheets: Iterable[ScoreSheet]) -> list[str]:
    """What lost points after all sheets, the most first, and before it each veto: what to practise for another time."""
    vetoes: dict[str, None] = {}
    lost: dict[str, Decimal] = {}
    for sheet in sheets:
        vetoes.update(dict.fromkeys(_said(veto["name"]) for veto in sheet.chosen.get("vetoes", ())))
        best = _best(sheet.observation.terms["rubric"])
        for criterion in sheet.chosen.get("criteria", ()):
            most = best.get(criterion["id"], Decimal(0))
            if most > Decimal(criterion["points"]):
                name = _said(criterion["name"])
                lost[name] = lost.get(name, Decimal(0)) + 1 - Decimal(criterion["points"]) / most
    return [*vetoes, *sorted(lost, key=lambda name: -lost[name])][:PRACTISED]


def _best(rubric: Mapping[str, Any]) -> dict[str, Decimal]:
    """The most points of each criterion."""
    return {
        criterion["id"]: max(Decimal(level["points"]) for level in criterion["levels"])
        for criterion in rubric.get("criteria", ())
    }


def next_try_words(observation: Observation, sheets: Iterable[ScoreSheet], on: date) -> str:
    """After one that was not passed: from when another is asked for, by whom, and what to practise until then."""
    again, weak = observation.again_on, to_practise(sheets)
    if again is not None and on < again:
        day = {"day": formats.date_format(again, "SHORT_DATE_FORMAT")}
        words = [gettext("You or your line manager can ask for another one from %(day)s.") % day]
    else:
        words = [gettext("You or your line manager can ask for another one now.")]
    if weak:
        words.append(gettext("To practise: %(what)s.") % {"what": listed(weak)})
    return gettext("%(first)s %(then)s") % {"first": words[0], "then": words[1]} if len(words) > 1 else words[0]


def combined_words(observation: Observation, sheets: Sequence[ScoreSheet]) -> str:
    """How the score of the result came about from several sheets, '' where it is plain."""
    if observation.score is not None and any(sheet.vetoed for sheet in sheets):
        return gettext("One veto and it is not passed, whatever the points.")
    if observation.score is None or len(sheets) < 2:
        return ""
    if observation.further:
        return gettext(
            "The first scores lay too far apart, so one more assessor was asked: the middle of all scores counts."
        )
    if observation.terms["combining"] == ObservedPractice.Combining.MEAN:
        return gettext("The mean of all assessors' scores counts.")
    return gettext("Every assessor's score must reach the pass mark; the score shown is their mean.")


def weighed_words(
    fraction: Decimal, chosen: Mapping[str, Any], rubric: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``score`` of 100, ``criteria`` (name, points, text) and ``vetoes`` of a sheet, in words; which criteria are
    ``unobserved``, of which vetoes one is ``unsure``, whether it ``counts``, and whether ``too_few`` criteria were observed. ``rubric``: the points say the most that there are, too."""
    most = {
        criterion["id"]: max((level["points"] for level in criterion["levels"]), key=Decimal)
        for criterion in (rubric or {}).get("criteria", ())
    }
    vetoes = {veto["id"] for veto in (rubric or {}).get("vetoes", ())}
    missing = chosen.get("unobserved", [])
    unseen = [_said(part["name"]) for part in missing if part["id"] not in vetoes]
    return {
        "score": (fraction * 100).quantize(Decimal("0.01")).normalize(),
        "criteria": [
            (_said(criterion["name"]), _points(criterion, most), _said(criterion["text"]))
            for criterion in chosen["criteria"]
        ],
        "vetoes": [_said(veto["name"]) for veto in chosen["vetoes"]],
        "unobserved": unseen,
        "unsure": [_said(part["name"]) for part in missing if part["id"] in vetoes],
        "counts": chosen.get("counts", True),
        "too_few": len(unseen) > MOST_MISSING * (len(unseen) + len(chosen["criteria"])),
    }


def _points(criterion: Mapping[str, Any], most: Mapping[str, Any]) -> str:
    """The points with the most that there are, so that one sees how the score comes about."""
    best = most.get(criterion["id"])
    return f"{criterion['points']}" if best is None else f"{criterion['points']}/{best}"


def vetoes_of(
    rubric: Mapping[str, Any], chosen: Iterable[str] = (), levels: Mapping[str, int] | None = None
) -> list[dict[str, Any]]:
    """Vetoes as a page shows them: ``id``, ``name``, whether ``chosen`` and whether ``unobserved``."""
    chosen, said = set(chosen), levels or {}
    return [
        {
            "id": veto["id"],
            "name": _said(veto["name"]),
            "chosen": veto["id"] in chosen,
            "unobserved": said.get(veto["id"]) == NOT_OBSERVED,
        }
        for veto in rubric["vetoes"]
    ]


def levels_in(form: Mapping[str, Any]) -> dict[str, int]:
    """The levels that a form of a sheet says: a criterion's field is ``level-<id>``, its value the place of the level or
    ``NOT_OBSERVED``, which a veto's field may say, too."""
    said = {name: str(value) for name, value in form.items() if name.startswith("level-")}
    return {
        name.removeprefix("level-"): int(value)
        for name, value in said.items()
        if (value.isascii() and value.isdigit() and len(value) < 3) or value == str(NOT_OBSERVED)
    }


def _said(words: Mapping[str, str]) -> str:
    return pick(words, get_language() or settings.LANGUAGE_CODE)
