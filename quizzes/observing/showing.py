"""A rubric and its sheets in the words of the reader's language."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from academy.bilingual import pick
from quizzes.marking.rubrics import NOT_OBSERVED
from quizzes.models import ScoreSheet


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


def weighed_words(
    fraction: Decimal, chosen: Mapping[str, Any], rubric: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``score`` of 100, ``criteria`` (name, points, text) and ``vetoes`` of a sheet, in words; which criteria are
    ``unobserved``, of which vetoes one is ``unsure``, and whether it ``counts``. ``rubric``: the points say the most that there are, too."""
    most = {
        criterion["id"]: max((level["points"] for level in criterion["levels"]), key=Decimal)
        for criterion in (rubric or {}).get("criteria", ())
    }
    vetoes = {veto["id"] for veto in (rubric or {}).get("vetoes", ())}
    missing = chosen.get("unobserved", [])
    return {
        "score": (fraction * 100).quantize(Decimal("0.01")).normalize(),
        "criteria": [
            (_said(criterion["name"]), _points(criterion, most), _said(criterion["text"]))
            for criterion in chosen["criteria"]
        ],
        "vetoes": [_said(veto["name"]) for veto in chosen["vetoes"]],
        "unobserved": [_said(part["name"]) for part in missing if part["id"] not in vetoes],
        "unsure": [_said(part["name"]) for part in missing if part["id"] in vetoes],
        "counts": chosen.get("counts", True),
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
