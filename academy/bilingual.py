"""Texts in two languages, one of which may be absent, and texts as a search compares them."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import pgettext


def pick(text: Mapping[str, str] | None, language: str) -> str:
    """The text in ``language``, else in the other, else ''."""
    if not text:
        return ""
    return text.get(language) or next((value for value in text.values() if value), "")


def listed(names: Iterable[Any]) -> str:
    """Names in a sentence, with the comma of the reader's language; templates have the filter of the same name."""
    return pgettext("between names", ", ").join(str(name) for name in names)


def in_every_language(text: Any) -> dict[str, str]:
    """A lazy text, or what a function says, in each language of the site: for facts that are put into words when read."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = str(text() if callable(text) else text)
    return found


def as_proposed(words: str, proposal: Any) -> str | dict[str, str]:
    """What others read of words that stood ready in a field: left as they stood, in each language; else as they were typed."""
    known = in_every_language(proposal)
    return known if words.strip() in known.values() else words


def fold(character: str) -> str:
    """Full and half width alike, one case."""
    return unicodedata.normalize("NFKC", character).casefold()


def folded(text: str) -> str:
    """A text as a search compares it."""
    return "".join(fold(character) for character in text)
