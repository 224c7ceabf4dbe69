"""What of a body is wrong: faults with their place, added to a list. Types put their checks together of these."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from quizzes.types.rich import is_rich, problem_of

LANGUAGES = ("zh-hans", "en")
STEM_LIMIT = 4000
OPTION_LIMIT = 1000
MOST_HINTS = 5
# What is wrong with the shares of all rows together.
FULL_MARK = _("One option must carry the full mark.")
FULL_ANSWER = _("One answer must carry the full mark.")
WHOLE = _("The right options must add up to 100 per cent.")
WHOLE_OR_MORE = _("The right options must add up to 100 per cent or more.")
SHARE_FAULTS = (FULL_MARK, FULL_ANSWER, WHOLE, WHOLE_OR_MORE)
# Within the body of a draft: its fields as they were typed, because nothing can be read out of them yet.
UNFINISHED = "unfinished"
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Lacking(NamedTuple):
    """A problem of what is not there yet: a draft is kept without it, publishing asks for it."""

    place: str
    message: Any


def check_text(
    text: Any,
    place: str,
    limit: int,
    problems: list[tuple[str, Any]],
    *,
    required: bool = False,
    formatted: bool = True,
) -> None:
    """Adds what is wrong with a bilingual text; one that is typed or compared may not be ``formatted``."""
    text = {} if text is None else text
    if not isinstance(text, dict) or any(
        key not in LANGUAGES or not isinstance(value, str) for key, value in text.items()
    ):
        problems.append((place, _("This is not a text in Chinese and English.")))
        return
    if required and not any(value.strip() for value in text.values()):
        problems.append(Lacking(place, _("A text in one language is needed.")))
    for value in text.values():
        if is_rich(value) and not formatted:
            problems.append((place, _("This text holds no formatting.")))
        elif is_rich(value):
            problems += [(place, problem)] if (problem := problem_of(value, limit)) else []
        elif len(value) > limit:
            problems.append((place, _("Longer than %(limit)s characters.") % {"limit": limit}))
        if unprintable(value):
            problems.append((place, _("There is a character that cannot be stored.")))


def check_hints(hints: Any, problems: list[tuple[str, Any]]) -> None:
    """An ordered list of bilingual texts, a few at most."""
    if not isinstance(hints, list):
        problems.append(("hints", _("A list is needed here.")))
        return
    if len(hints) > MOST_HINTS:
        problems.append(("hints", _("At most %(most)s hints.") % {"most": MOST_HINTS}))
    for number, text in enumerate(hints[:MOST_HINTS], 1):
        check_text(text, f"hints.{number}", OPTION_LIMIT, problems, required=True)


def check_fraction(value: Any, place: str, problems: list[tuple[str, Any]]) -> Decimal | None:
    """A decimal text between -1 and 1, or a problem."""
    number = decimal_or_none(value)
    if number is None or not -1 <= number <= 1:
        problems.append((place, _("The share of the mark must lie between -100 and 100 per cent.")))
        return None
    return number


def check_ids(rows: Any, place: str, problems: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """A list of rows with short, different ids."""
    rows = check_list(rows, place, problems)
    ids = [row.get("id") for row in rows]
    if not all(isinstance(identity, str) and 0 < len(identity) <= 20 for identity in ids) or len(set(ids)) != len(ids):
        problems.append((place, _("Two rows carry the same identifier.")))
    return rows


def check_list(rows: Any, place: str, problems: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """A list of rows that nothing refers to."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems.append((place, _("A list is needed here.")))
        return []
    return rows


def check_answers(
    rows: list[dict[str, Any]],
    place: Callable[[int], str],
    problems: list[tuple[str, Any]],
    *,
    worded: bool = True,
    formatted: bool = True,
    more: Callable[[dict[str, Any], str, list[tuple[str, Any]]], None] | None = None,
) -> list[Decimal]:
    """Options and accepted answers: their words, their feedback and their share of the mark; the shares that are numbers.

    ``place`` names the row of a number, ``worded`` ones have a text that may be ``formatted``, ``more`` looks at what a type adds to a row.
    """
    fractions = []
    for number, row in enumerate(rows, 1):
        if worded:
            check_text(row.get("text"), place(number), OPTION_LIMIT, problems, required=True, formatted=formatted)
        check_text(row.get("feedback"), place(number), OPTION_LIMIT, problems)
        if more is not None:
            more(row, place(number), problems)
        fraction = check_fraction(row.get("fraction"), place(number), problems)
        if fraction is not None:
            fractions.append(fraction)
    return fractions


def check_different(rows: list[dict[str, Any]], key: str, place: str, problems: list[tuple[str, Any]]) -> None:
    """No two rows with the same text in a language."""
    for language in LANGUAGES:
        texts = [
            " ".join((row.get(key) or {}).get(language, "").split())
            for row in rows
            if isinstance(row.get(key), dict) and (row.get(key) or {}).get(language)
        ]
        if len(set(texts)) != len(texts):
            problems.append((place, _("Two rows say the same.")))
            return


def decimal_or_none(value: Any) -> Decimal | None:
    """A finite decimal of a text, or None."""
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) <= 40 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def unprintable(text: str) -> bool:
    """NUL, lone surrogates and controls other than tab and line breaks."""
    return UNPRINTABLE.search(text) is not None
