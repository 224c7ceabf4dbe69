"""Reasons that the house gives where nobody typed one: stored as written then, said in the language of who reads."""

from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language

CHANGED_IN_FORM = gettext_lazy("Changed in its form")
HOUSE_REASONS: list[Any] = [CHANGED_IN_FORM]


def register_reason(text: Any) -> Any:
    """Makes a lazy text known as a reason of the house, and gives it back."""
    HOUSE_REASONS.append(text)
    _spelled.cache_clear()
    return text


@cache
def _spelled() -> dict[str, Any]:
    return {said: reason for reason in HOUSE_REASONS for said in in_every_language(reason).values()}


def reason_facts(reason: str) -> Any:
    """A stored reason as a notice keeps it: the house's own in each language."""
    own = _spelled().get(reason)
    return in_every_language(own) if own is not None else reason


def reason_said(reason: str) -> str:
    """A stored reason for a reader: the house's own in the language of the page or file."""
    return str(_spelled().get(reason, reason))


def reason_given(reason: str) -> str:
    """A stored reason that somebody gave; '' for the house's own, which stands for nobody's."""
    return "" if reason in _spelled() else reason
