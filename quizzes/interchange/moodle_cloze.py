"""Moodle's embedded answers: a paragraph with ``{1:SHORTANSWER:=right~%50%half right}`` where a gap stands.

The number before it is the weight of the gap, ``_C`` looks at capitals, ``#`` begins what is said to an answer.
"""

import re
from decimal import Decimal
from html import escape
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body
from quizzes.types.cloze.markers import LETTERS, PLACE
from quizzes.types.rich import html_to_plain, is_rich

GAP = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^}\\])*)\}", re.DOTALL)
TYPED = {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"}
SENSITIVE = {"SHORTANSWER_C", "SAC", "MWC"}
NUMBERS = {"NUMERICAL", "NM"}
CHOSEN = {"MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH", "MULTICHOICE_S", "MCS"}
SEVERAL = {f"{name}{layout}" for name in ("MULTIRESPONSE", "MR") for layout in ("", "_H", "_S", "_HS", "H", "S", "HS")}
SHARE = re.compile(r"%(-?\d{1,3}(?:[.,]\d{1,7})?)%")
SPECIAL = re.compile(r"([\\~=#}%])")


class CannotBeRead(Exception):
    """This question, or a gap of it, has no place in ours; the first argument says why."""


def read_gaps(text: str, language: str) -> tuple[str, list[dict[str, Any]]]:
    """The paragraph with ``[[g1]]`` for its gaps, and the gaps. Raises ``CannotBeRead``."""
    found = list(GAP.finditer(text))
    read = html_to_plain if is_rich(text) else str
    gaps = [_gap((match[1], match[2], read(match[3])), number, language) for number, match in enumerate(found, 1)]
    numbers = iter(range(1, len(found) + 1))
    return GAP.sub(lambda _match: f"[[g{next(numbers)}]]", text), gaps


def _gap(found: tuple[str, str, str], number: int, language: str) -> dict[str, Any]:
    weight, code, inside = found
    if code not in TYPED | CHOSEN | NUMBERS | SEVERAL:
        raise CannotBeRead(_("This kind of gap is not supported: %(kind)s") % {"kind": code[:40]})
    parts = [part for part in _split(inside, "~") if part.strip()][: len(LETTERS)]
    answers = [_answer(part, LETTERS[place], language) for place, part in enumerate(parts)]
    if code in NUMBERS:
        answers = [_number(row, language) for row in answers]
    if code in SEVERAL:
        answers = _shared_out(answers, written=any(_share_before(part.strip()) for part in parts))
    kind = "choice" if code in CHOSEN else "several" if code in SEVERAL else "text"
    gap: dict[str, Any] = {"id": f"g{number}", "kind": kind, "answers": answers}
    if code in SENSITIVE:
        gap["case_sensitive"] = True
    if int(weight or "1") > 1:
        gap["weight"] = str(int(weight))
    return gap


def _answer(part: str, letter: str, language: str) -> dict[str, Any]:
    part, *said = _split(part.strip(), "#")
    share, weight = Decimal(0), SHARE.match(part)
    if part.startswith("="):
        share, part = Decimal(1), part[1:]
    elif weight:
        share, part = _share_before(part), part[weight.end() :]
    row = {"id": letter, "text": {language: _bare(part)}, "fraction": f"{share.normalize():f}"}
    feedback = _bare("#".join(said))
    return {**row, "feedback": {language: feedback}} if feedback else row


def _share_before(part: str) -> Decimal:
    """The share of the mark that is written before an answer; 0 where none is."""
    found = SHARE.match(part)
    return Decimal(found[1].replace(",", ".")) / 100 if found else Decimal(0)


def _shared_out(answers: list[dict[str, Any]], *, written: bool) -> list[dict[str, Any]]:
    """As Moodle shares out the mark of several: what is right makes one whole; where no share is written, a wrong answer
    takes away what a right one gives."""
    shares = [Decimal(answer["fraction"]) for answer in answers]
    whole = sum((share for share in shares if share > 0), Decimal(0))
    if not whole:
        return answers
    taken = Decimal(0) if written else -1 / whole
    new = [share / whole if share > 0 else share or taken for share in shares]
    return [
        {**answer, "fraction": f"{share.quantize(Decimal('0.00001')).normalize():f}"}
        for answer, share in zip(answers, new, strict=True)
    ]


def _bare(part: str) -> str:
    return re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL).strip()


def _number(row: dict[str, Any], language: str) -> dict[str, Any]:
    """A number and what it may be off by."""
    value, _colon, tolerance = row["text"][language].partition(":")
    return {**row, "text": {language: value.strip()}, "value": value.strip(), "tolerance": tolerance.strip() or "0"}


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
    stem = body["stem"][language]
    if not is_rich(stem):
        return PLACE.sub(lambda match: _written(gaps[match[1]], language), stem)
    return PLACE.sub(lambda match: escape(_written(gaps[match[1]], language), quote=False), stem)


def _written(gap: dict[str, Any], language: str) -> str:
    parts = []
    for row in gap["answers"]:
        share, text = Decimal(row["fraction"]), SPECIAL.sub(r"\\\1", row["text"].get(language, ""))
        if "value" in row:
            text = f"{row['value']}:{row.get('tolerance', '0')}"
        # Of several a share that is written keeps those of the others as they are.
        sign = "=" if share == 1 and gap["kind"] != "several" else f"%{(share * 100).normalize():f}%" if share else ""
        said = (row.get("feedback") or {}).get(language, "")
        parts.append(f"{sign}{text}{'#' + SPECIAL.sub(r'\\\1', said) if said else ''}")
    kind = "MULTIRESPONSE" if gap["kind"] == "several" else "MULTICHOICE"
    if gap["kind"] == "text":
        numbers = any("value" in row for row in gap["answers"])
        kind = "NUMERICAL" if numbers else "SHORTANSWER_C" if gap.get("case_sensitive") else "SHORTANSWER"
    return f"{{{gap.get('weight', '1')}:{kind}:{'~'.join(parts)}}}"
