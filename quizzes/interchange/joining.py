"""One question in two languages: the second file's texts join the first's by what carries the mark, never by luck.

Shares, keys, numbers, tolerances, pairs, gaps and orders are compared; where they differ, or where two rows cannot be
told apart for certain, the join is refused in words. A question that stands in both languages keeps the other one's
texts beside the rows to which they belong, also where a file moves the rows.
"""

import re
import unicodedata
from collections import Counter
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body, typed_share
from quizzes.types.checking import LANGUAGES, decimal_or_none

Row = dict[str, Any]
# What of a body carries marks, with what a file says that says nothing of it.
USUAL: dict[str, Any] = {
    "scoring": ("partial", "pairs"),
    "case_sensitive": (False,),
    "shuffle": (True,),
    "tolerance_kind": ("absolute",),
}
# Of which lists a person may say which row belongs to which.
ORDERED = ("options", "pairs")
# What a body has of each, as who reads a refusal calls it.
PARTS: dict[str, Any] = {
    "options": _("the options"),
    "answers": _("the accepted answers"),
    "gaps": _("the gaps"),
    "items": _("the items"),
    "pairs": _("the pairs"),
    "distractors": _("the distractors"),
    "hints": _("the hints"),
}
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class NotCertain(Exception):
    """The files cannot be joined; the first argument says why."""


def is_text(value: Any) -> bool:
    """Whether this is a text in one language, in both, or in none."""
    return isinstance(value, dict) and all(key in LANGUAGES for key in value)


def languages_of(body: Body) -> set[str]:
    """The languages in which a question is asked."""
    return {language for language, text in (body.get("stem") or {}).items() if text}


def join_body(standing: Body, arrived: Body, language: str, orders: dict[str, list[int]] | None = None) -> Body:
    """``standing`` with what a file of one language says. What the file is silent about stays: a guide, a unit, hints,
    the other language. ``orders`` says of a list which row of the file each standing one is. Raises ``NotCertain``."""
    if standing.get("type") != arrived.get("type"):
        raise NotCertain(_("it is of another type"))
    if language not in languages_of(standing):
        return _second(standing, arrived, language, orders or {})
    if languages_of(standing) <= {language}:
        return _replaced(standing, arrived)
    if arrived.get("type") in ("dialogue", "case"):
        # A sheet holds both languages itself.
        return arrived
    return _changed(standing, arrived, language)


# -- the second language of a question


def _second(standing: Row, arrived: Row, language: str, orders: dict[str, list[int]]) -> Row:
    joined = dict(standing)
    for key, value in arrived.items():
        before = standing.get(key)
        if key == "id":
            continue
        if is_text(value) and (before is None or is_text(before)):
            joined[key] = {**(before or {}), **value}
        elif isinstance(value, list):
            joined[key] = _second_rows(key, before or [], value, language, orders)
        elif not _same_mark(key, before, value, standing, arrived):
            raise NotCertain(_("what carries the mark differs (%(what)s)") % {"what": key})
        elif before is None and key in ("words_min", "words_max"):
            joined[key] = value
    return {key: value for key, value in joined.items() if value not in ([], {}) or key in standing}


def _same_mark(key: str, before: Any, value: Any, standing: Row, arrived: Row) -> bool:
    if key in ("tolerance", "tolerance_kind"):
        return _tolerance(standing) == _tolerance(arrived)
    if key == "fraction" and before is not None:
        return typed_share(str(before)) == typed_share(str(value))
    if key in USUAL and value in USUAL[key]:
        return True
    if key in ("words_min", "words_max") and before is None:
        return True
    if isinstance(before, str) and isinstance(value, str) and key == "value":
        return decimal_or_none(before) == decimal_or_none(value)
    return bool(before == value)


def _tolerance(row: Row) -> Decimal | None:
    tolerance = decimal_or_none(str(row.get("tolerance", "0")))
    value = decimal_or_none(str(row.get("value", "0")))
    if row.get("tolerance_kind") == "relative" and tolerance is not None and value is not None:
        return abs(value) * tolerance
    return tolerance


def _second_rows(
    key: str, before: list[Row], arrived: list[Row], language: str, orders: dict[str, list[int]]
) -> list[Row]:
    if not before and key in ("hints", "distractors"):
        return arrived if key == "hints" else _refuse_number(key, before, arrived)
    if not arrived and key == "hints":
        return before
    if len(before) != len(arrived):
        _refuse_number(key, before, arrived)
    if key == "hints":
        return [{**first, **two} for first, two in zip(before, arrived, strict=True)]
    if key in ORDERED and _fits(before, arrived, orders.get(key, [])):
        order = orders[key]
    elif key == "items":
        order = _by_place(before, arrived)
    elif key in ("pairs", "distractors"):
        order = _pairs(before, arrived)
    elif key == "gaps":
        order = list(range(len(before)))
    else:
        order = _by_mark(before, arrived)
    return [_second(row, arrived[place], language, {}) for row, place in zip(before, order, strict=True)]


def _fits(before: list[Row], arrived: list[Row], order: list[int]) -> bool:
    """Whether what a person said still holds: each place stands in it once, and no key moves."""
    return sorted(order) == list(range(len(before))) and all(
        mark_of(row) == mark_of(arrived[place]) for row, place in zip(before, order, strict=True)
    )


def _refuse_number(key: str, before: list[Row], arrived: list[Row]) -> list[Row]:
    if len(before) != len(arrived):
        raise NotCertain(
            _("%(what)s differ in number: %(here)s against %(there)s")
            % {"what": PARTS.get(key, key), "here": len(before), "there": len(arrived)}
        )
    return before


def mark_of(row: Row) -> tuple[Any, ...]:
    """What of an option or an answer carries the mark."""
    said = str(row["value"]) if "value" in row else None
    # The figure of a house rule is no number yet: its quote is compared.
    value = said if said is None else decimal_or_none(said) or said
    return (typed_share(str(row.get("fraction", "0"))), value, _tolerance(row) if "value" in row else None)


def anchors_of(row: Row) -> tuple[str, ...]:
    """The numbers that a row's texts hold: they are the same in every language."""
    said = " ".join(" ".join(row[key].values()) for key in ("text", "left", "right") if is_text(row.get(key)))
    return tuple(
        sorted(number.replace(",", "") for number in NUMBER.findall(unicodedata.normalize("NFKC", said)) if number)
    )


def _by_mark(before: list[Row], arrived: list[Row]) -> list[int]:
    """For each standing row the arrived one of the same share; among equals by the numbers they hold, else in order."""
    if Counter(map(mark_of, before)) != Counter(map(mark_of, arrived)):
        raise NotCertain(_("the shares of the mark or the keys differ"))
    order = [-1] * len(before)
    for mark in dict.fromkeys(map(mark_of, before)):
        here = [place for place, row in enumerate(before) if mark_of(row) == mark]
        there = [place for place, row in enumerate(arrived) if mark_of(row) == mark]
        for first, two in zip(here, _like(before, arrived, here, there), strict=True):
            order[first] = two
    _refuse_moved_keys(before, arrived, order)
    return order


def _like(before: list[Row], arrived: list[Row], here: list[int], there: list[int]) -> list[int]:
    """``there`` in the order of ``here``, where every row of both is told by its numbers."""
    known = {anchors_of(arrived[place]): place for place in there}
    said = [anchors_of(before[place]) for place in here]
    told = len(known) == len(there) and () not in known and set(said) == set(known)
    return [known[anchors] for anchors in said] if told else there


def _refuse_moved_keys(before: list[Row], arrived: list[Row], order: list[int]) -> None:
    """The numbers of one row stand in another row, of another share, of the other file: one of the keys is wrong."""
    said = [anchors_of(row) for row in before]
    for place, row in enumerate(before):
        other = arrived[order[place]]
        found = anchors_of(other)
        if not found or not said[place] or found == said[place] or said.count(found) != 1:
            continue
        if mark_of(before[said.index(found)]) != mark_of(row):
            raise NotCertain(_("the numbers in the options say that the keys differ"))


def _by_place(before: list[Row], arrived: list[Row]) -> list[int]:
    """An order is its own key: places must fit, and numbers in the texts must not say otherwise."""
    places = list(range(len(before)))
    if _like(before, arrived, places, places) != places:
        raise NotCertain(_("the numbers in the texts say that the order differs"))
    return places


def _pairs(before: list[Row], arrived: list[Row]) -> list[int]:
    """Pairs by the numbers they hold, else by place; the same of them must share their right side."""
    places = list(range(len(before)))
    order = _like(before, arrived, places, places)
    shares = [(row.get("fraction"), arrived[place].get("fraction")) for row, place in zip(before, order, strict=True)]
    if any(two is not None and first != two for first, two in shares):
        raise NotCertain(_("the shares of the mark or the keys differ"))
    same_here = _shared([row.get("right") for row in before])
    if same_here != _shared([arrived[place].get("right") for place in order]):
        raise NotCertain(_("the pairs do not share their right sides alike"))
    return order


def _shared(rights: list[Any]) -> list[int]:
    return [rights.index(right) for right in rights]


# -- a newer file of a language that stands


def _replaced(standing: Body, arrived: Body) -> Body:
    """The file's question with the identifiers of the rows that stayed, and with what it is silent about."""
    arrived = _telling(arrived, standing)
    joined = {**standing, **arrived}
    for key, rows in arrived.items():
        before = standing.get(key)
        if not isinstance(rows, list) or not isinstance(before, list) or key in ("hints", "gaps"):
            continue
        joined[key] = _renamed(before, rows)
    for key, usual in USUAL.items():
        if key in standing and arrived.get(key) in usual and standing[key] not in usual:
            joined[key] = arrived[key]
    return joined


def _telling(arrived: Row, standing: Row) -> Row:
    """What a file says, without what is usual where the question that stands says nothing either."""
    return {key: value for key, value in arrived.items() if key in standing or not _is_usual(key, value)}


def _is_usual(key: str, value: Any) -> bool:
    return value in ({}, [], "") or (key in USUAL and value in USUAL[key]) or (key == "tolerance" and value == "0")


def _renamed(before: list[Row], rows: list[Row]) -> list[Row]:
    order = _by_text(before, rows)
    for place, standing in enumerate(order):
        # A row whose words were corrected is that row.
        if standing is None and place < len(before) and place not in order:
            order[place] = place
    kept = [before[place]["id"] if place is not None else "" for place in order]
    taken = {text for text in kept if text} | {row["id"] for row in before}
    renamed = []
    for row, name in zip(rows, kept, strict=True):
        new = name or row["id"]
        if not name and new in taken:
            new = next(f"{row['id'][0]}{number}" for number in range(1, 1000) if f"{row['id'][0]}{number}" not in taken)
        taken.add(new)
        found = next((entry for entry in before if entry["id"] == name), None)
        same = found is not None and "value" in row and mark_of(found) == mark_of(row)
        keep = {key: found[key] for key in ("value", "tolerance", "tolerance_kind")} if same and found else {}
        row = _telling(row, found or row)
        renamed.append({**row, **{key: value for key, value in keep.items() if key in row}, "id": new})
    return renamed


def _said(row: Row) -> tuple[Any, ...]:
    """How a row is known again in its own language."""
    texts = tuple(" ".join(sorted(row[key].values())) for key in ("text", "left", "right") if is_text(row.get(key)))
    return texts if any(texts) else mark_of(row)


def _by_text(before: list[Row], rows: list[Row]) -> list[int | None]:
    """For each row of the file the standing one that says the same, each taken once."""
    free = list(range(len(before)))
    order: list[int | None] = []
    for row in rows:
        found = next((place for place in free if _said(before[place]) == _said(row)), None)
        if found is not None:
            free.remove(found)
        order.append(found)
    return order


def _changed(standing: Row, arrived: Row, language: str) -> Row:
    """A bilingual question with what a file says in one of its languages."""
    joined = dict(standing)
    for key, value in _telling(arrived, standing).items():
        before = standing.get(key)
        if key == "id":
            continue
        if is_text(value) and (before is None or is_text(before)):
            others = {code: text for code, text in (before or {}).items() if code != language}
            joined[key] = {**others, **value}
        elif isinstance(value, list) and key == "hints":
            joined[key] = _changed_hints(before or [], value, language)
        elif isinstance(value, list):
            joined[key] = _changed_rows(key, before or [], value, language)
        else:
            joined[key] = value
    return joined


def _changed_hints(before: list[Row], arrived: list[Row], language: str) -> list[Row]:
    if len(before) != len(arrived):
        raise NotCertain(_("its hints in the other language would be left behind"))
    return [
        {**{code: text for code, text in first.items() if code != language}, **two}
        for first, two in zip(before, arrived, strict=True)
    ]


def _changed_rows(key: str, before: list[Row], arrived: list[Row], language: str) -> list[Row]:
    own = [_only(row, language) for row in before]
    if key == "gaps" or (key == "items" and len(own) == len(arrived)):
        order: list[int | None] = list(range(len(before))) if len(before) == len(arrived) else [None]
        moved = _by_text(own, arrived)
        if key == "items" and None not in moved:
            order = moved
    else:
        order = _by_text(own, arrived)
        lost = [place for place in range(len(before)) if place not in order]
        changed = [place for place, found in enumerate(order) if found is None]
        # One row whose words were corrected and whose mark is the same is that row.
        if lost == changed and len(before) == len(arrived) and _all_of_one_mark(before, arrived, lost):
            for place in changed:
                order[place] = place
    if None in order or len(before) != len(arrived):
        raise NotCertain(_("it is in both languages, and the other language's rows would be left behind"))
    return [_changed(before[place or 0], row, language) for place, row in zip(order, arrived, strict=True)]


def _all_of_one_mark(before: list[Row], arrived: list[Row], places: list[int]) -> bool:
    return all(mark_of(before[place]) == mark_of(arrived[place]) for place in places)


def _only(row: Row, language: str) -> Row:
    """The row as it stands in one language."""
    return {
        key: {code: text for code, text in value.items() if code == language} if is_text(value) else value
        for key, value in row.items()
    }
