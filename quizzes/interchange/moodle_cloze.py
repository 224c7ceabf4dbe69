"""Moodle's embedded answers: a paragraph with ``{1:SHORTANSWER:=right~%50%half right}`` where a gap stands."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body
from quizzes.types.cloze.markers import LETTERS, PLACE

GAP = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^}\\])*)\}", re.DOTALL)
TYPED = {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"}
CHOSEN = {"MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH", "MULTICHOICE_S", "MCS"}
SHARE = re.compile(r"%(-?\d{1,3}(?:\.\d{1,5})?)%")
SPECIAL = re.compile(r"([\\~=#}%])")


class CannotBeRead(Exception):
    """This question, or a gap of it, has no place in ours; the first argument says why."""


def read_gaps(text: str, language: str) -> tuple[str, list[dict[str, Any]]]:
    """The paragraph with ``[[g1]]`` for its gaps, and the gaps. Raises ``CannotBeRead``."""
    found = list(GAP.finditer(text))
    if len({one[1] or "1" for one in found}) > 1:
        raise CannotBeRead(_("Its gaps weigh differently; here each gap has the same share."))
    gaps = [_gap(one, number, language) for number, one in enumerate(found, 1)]
    numbers = iter(range(1, len(found) + 1))
    return GAP.sub(lambda _match: f"[[g{next(numbers)}]]", text), gaps


def _gap(found: re.Match[str], number: int, language: str) -> dict[str, Any]:
    if found[2] not in TYPED | CHOSEN:
        raise CannotBeRead(_("A gap of this kind has no place here: %(kind)s") % {"kind": found[2][:40]})
    answers = []
    for place, part in enumerate(_split(found[3], "~")[: len(LETTERS)]):
        part = _split(part.strip(), "#")[0]
        share, weight = Decimal(0), SHARE.match(part)
        if part.startswith("="):
            share, part = Decimal(1), part[1:]
        elif weight:
            share, part = Decimal(weight[1]) / 100, part[weight.end() :]
        text = re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL).strip()
        answers.append({"id": LETTERS[place], "text": {language: text}, "fraction": f"{share.normalize():f}"})
    return {"id": f"g{number}", "kind": "text" if found[2] in TYPED else "choice", "answers": answers}


def _split(text: str, mark: str) -> list[str]:
    """The parts between marks; one behind a backslash parts nothing, one behind an escaped backslash does."""
    parts = [""]
    for piece in re.findall(r"\\.|.", text, re.DOTALL):
        if piece == mark:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def write_gaps(body: Body, language: str) -> str:
    """``read_gaps`` undone: the paragraph of a language with its gaps embedded."""
    gaps = {gap["id"]: gap for gap in body["gaps"]}
    return PLACE.sub(lambda match: _written(gaps[match[1]], language), body["stem"][language])


def _written(gap: dict[str, Any], language: str) -> str:
    parts = []
    for row in gap["answers"]:
        share, text = Decimal(row["fraction"]), SPECIAL.sub(r"\\\1", row["text"].get(language, ""))
        sign = "=" if share == 1 else f"%{(share * 100).normalize():f}%" if share else ""
        parts.append(f"{sign}{text}")
    return f"{{1:{'SHORTANSWER' if gap['kind'] == 'text' else 'MULTICHOICE'}:{'~'.join(parts)}}}"
