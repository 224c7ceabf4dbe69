"""How a trainer writes a paragraph with gaps: ``[[right|wrong|wrong]]`` to choose, ``[[&50%:right|50%:right|wrong]]`` to
choose several, ``[[=answer|answer]]`` to type.

A share of the mark may stand before an answer (``50%:``), a gap's identifier before all (``g1:``); ``\\|``, ``\\[`` and
``\\]`` stand for themselves. In a body the paragraph holds ``[[g1]]`` and the gaps stand beside it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from html import escape
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body
from quizzes.types.checking import decimal_or_none
from quizzes.types.rich import html_to_plain, is_rich

MARKER = re.compile(r"\[\[((?:\\.|[^\\\]]|\](?!\]))*)\]\]")
PLACE = re.compile(r"\[\[([A-Za-z0-9_-]{1,20})\]\]")
# No name is the scheme of an address or the drive of a path; a sign that stands for itself may follow one.
NAME = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,19}):(?!/|\\[^|\[\]=])")
SHARE = re.compile(r"(-?\d{1,3}(?:\.\d{1,5})?)%:")
# What stands before the answers of a gap that is no choice of one.
SIGNS = {"=": "text", "&": "several"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Unwritten(Exception):
    """What is wrong with the markers of a language."""

    def __init__(self, language: str, message: Any) -> None:
        super().__init__(str(message))
        self.language, self.message = language, message


@dataclass(frozen=True)
class Gap:
    """A marker as written: answers with their share of the mark, ``None`` where nothing is said."""

    name: str
    kind: str
    answers: tuple[tuple[str, Decimal | None], ...]


def read_markers(texts: dict[str, str], known: list[str]) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The paragraph of each language with ``[[id]]`` for its gaps, and the gaps of both joined by identifier or place.

    ``known`` are the identifiers that stand already; a new gap gets one that is free. Raises ``Unwritten``.
    """
    paragraphs: dict[str, str] = {}
    found: dict[str, list[Gap]] = {}
    for language, text in texts.items():
        if text.strip():
            _refuse_unclosed(text, language)
            read = html_to_plain if is_rich(text) else str
            found[language] = [_read(read(match[1]), language) for match in MARKER.finditer(text)]
    names = _names(found, known)
    gaps: dict[str, dict[str, Any]] = {}
    for language, written in found.items():
        own = names[language]
        if len(set(own)) != len(own):
            raise Unwritten(language, _("Two gaps carry the same name."))
        paragraphs[language] = MARKER.sub(partial(_place, iter(own)), texts[language])
        for name, gap in zip(own, written, strict=True):
            gaps[name] = _joined(gaps.get(name), name, gap, language)
    if len({frozenset(own) for own in names.values()}) > 1:
        raise Unwritten("en", _("The Chinese and the English paragraph do not hold the same gaps."))
    first = next(iter(names.values()), [])
    return paragraphs, [gaps[name] for name in first]


def _refuse_unclosed(text: str, language: str) -> None:
    """A gap without its end would stand in the exam as it is written, its key with it, or swallow the text to the next."""
    swallowing = next((match[1] for match in MARKER.finditer(text) if "[[" in match[1]), None)
    _before, left, after = MARKER.sub("", text).partition("[[")
    if swallowing is None and not left:
        return
    begun = (after if swallowing is None else swallowing).split("[[")[0]
    begun = html_to_plain(begun) if is_rich(text) else begun.strip()
    raise Unwritten(language, _("A gap is not closed with “]]”: “%(gap)s”.") % {"gap": f"[[{begun[:40]}"})


def _read(inside: str, language: str) -> Gap:
    name = ""
    match = NAME.match(inside)
    if match:
        name, inside = match[1], inside[match.end() :]
    kind = SIGNS.get(inside[:1], "choice")
    answers = []
    for part in re.split(r"(?<!\\)\|", inside if kind == "choice" else inside[1:]):
        share = SHARE.match(part.strip())
        text = part.strip()[share.end() :] if share else part
        text = re.sub(r"\\([|\[\]\\=])", r"\1", text).strip()
        if not text:
            raise Unwritten(language, _("A gap holds an empty answer: “%(gap)s”.") % {"gap": inside[:40]})
        answers.append((text, Decimal(share[1]) / 100 if share else None))
    if kind != "text" and len(answers) < 2:
        raise Unwritten(
            language,
            _("A gap to choose from needs two answers or more, a typed one begins with “=”: “%(gap)s”.")
            % {"gap": inside[:40]},
        )
    return Gap(name, kind, tuple(answers))


def _names(found: dict[str, list[Gap]], known: list[str]) -> dict[str, list[str]]:
    """An identifier for every gap: as written, else that of the gap at the same place of the other language, else new."""
    taken = {gap.name for gaps in found.values() for gap in gaps if gap.name} | set(known)
    most = max((len(gaps) for gaps in found.values()), default=0)
    names: dict[str, list[str]] = {language: [] for language in found}
    number = 1
    for place in range(most):
        here = [gaps[place].name for gaps in found.values() if place < len(gaps) and gaps[place].name]
        spare = here[0] if here else ""
        if not spare:
            while f"g{number}" in taken:
                number += 1
            spare = f"g{number}"
            taken.add(spare)
        for language, gaps in found.items():
            if place < len(gaps):
                names[language].append(gaps[place].name or spare)
    return names


def _place(names: Iterator[str], _marker: re.Match[str]) -> str:
    """What stands in the text for a gap."""
    return f"[[{next(names)}]]"


def _joined(gap: dict[str, Any] | None, name: str, written: Gap, language: str) -> dict[str, Any]:
    """A gap with one more language."""
    if gap is None:
        rows = [
            {"id": LETTERS[number], "text": {language: text}, "fraction": _share(share, number, written.kind)}
            for number, (text, share) in enumerate(written.answers[: len(LETTERS)])
        ]
        return {"id": name, "kind": written.kind, "answers": rows}
    if gap["kind"] != written.kind or (written.kind != "text" and len(gap["answers"]) != len(written.answers)):
        raise Unwritten(language, _("Gap “%(name)s” differs between the languages.") % {"name": name})
    for number, (text, share) in enumerate(written.answers[: len(LETTERS)]):
        if number < len(gap["answers"]):
            gap["answers"][number]["text"][language] = text
        else:
            row = {"id": LETTERS[number], "text": {language: text}, "fraction": _share(share, number, written.kind)}
            gap["answers"].append(row)
    return gap


def _share(share: Decimal | None, number: int, kind: str) -> str:
    """The first of a choice is right, and every typed answer, unless a share is written; of several none."""
    if share is None:
        share = Decimal(1) if kind == "text" or (kind == "choice" and number == 0) else Decimal(0)
    return f"{share.normalize():f}"


def write_markers(body: Body, language: str) -> str:
    """The paragraph of a language as a trainer writes it; ``read_markers`` gives the same gaps back."""
    gaps = {gap["id"]: gap for gap in body.get("gaps", [])}
    text = (body.get("stem") or {}).get(language, "")
    written = partial(escape, quote=False) if is_rich(text) else str

    def marker(match: re.Match[str]) -> str:
        gap = gaps.get(match[1])
        return written(_written(gap, language)) if gap else match[0]

    return PLACE.sub(marker, text)


def _written(gap: dict[str, Any], language: str) -> str:
    kind, sign = gap["kind"], next((sign for sign, kind in SIGNS.items() if kind == gap["kind"]), "")
    parts = []
    for number, row in enumerate(gap["answers"]):
        text = row["text"].get(language)
        if text is None:
            # A typed answer may stand in one language only; a choice has a text in both.
            continue
        share = decimal_or_none(row["fraction"]) or Decimal(0)
        usual = decimal_or_none(_share(None, number, kind))
        text = re.sub(r"([|\[\]\\])", r"\\\1", text)
        # A first word that looks like a sign has its share before it.
        alike = number == 0 and not sign and text[:1] in SIGNS
        parts.append(text if share == usual and not alike else f"{(share * 100).normalize():f}%:{text}")
    return f"[[{gap['id']}:{sign}{'|'.join(parts)}]]"


def in_words(text: str) -> str:
    """The paragraph without its tags: what stands in one of them is no gap."""
    return re.sub(r"<[^<>]*>", "", text) if is_rich(text) else text


def places(text: str) -> list[str]:
    """The gaps of a paragraph in their order."""
    return PLACE.findall(text)


def blanked(text: str) -> str:
    """The paragraph with a line for each gap, for lists and reviews."""
    return PLACE.sub("____", text)
