"""Texts in two languages, one of which may be absent, and texts as a search compares them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Self

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, pgettext


def pick(text: Mapping[str, str] | str | None, language: str) -> str:
    """The text in ``language``, else in the other, else ''. What is no text of two languages stands as it is."""
    if not text:
        return ""
    if isinstance(text, str):
        return text
    return text.get(language) or next((value for value in text.values() if value), "")


def listed(names: Iterable[Any]) -> str:
    """Names in a sentence, with the comma of the reader's language; templates have the filter of the same name."""
    return pgettext("between names", ", ").join(str(name) for name in names)


# A stop before another, where a whole sentence stands inside one; three dots stay.
_DOUBLED = re.compile(r"[。；，](?=[。；，！？])|(?<=[！？])。|(?<!\.)\.(?=;|\.(?!\.))|(?<=[!?])\.(?!\.)")


def with_single_stops(text: str) -> str:
    """A sentence into which others were put that end with a stop of their own: one stop remains of two."""
    return _DOUBLED.sub("", text)


def in_every_language(text: Any) -> dict[str, str]:
    """A lazy text, or what a function says, in each language of the site: for facts that are put into words when read."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = str(text() if callable(text) else text)
    return found


def _in_the_readers(name: str, name_en: str) -> str:
    return name_en if name_en and translation.get_language() == "en" else name


# A name as whoever reads it says it, also where it stands in a sentence that is kept.
named = lazy(_in_the_readers, str)


class Said(str):
    """A sentence that knows its message and its values, so that it is said again in the language of whoever reads it.

    Modules whose sentences are kept take ``said`` and ``said_of`` under the names of ``gettext`` and ``pgettext``.
    """

    __slots__ = ("context", "message", "values")
    context: str
    message: str
    values: Any

    def __new__(cls, message: str, context: str = "", values: Any = None) -> Self:
        text = pgettext(context, message) if context else gettext(message)
        made = super().__new__(cls, text if values is None else text % values)
        made.message, made.context, made.values = message, context, values
        return made

    def __mod__(self, values: Any) -> Self:
        return type(self)(self.message, self.context, values)

    def in_every_language(self) -> dict[str, str]:
        return in_every_language(lambda: "".join(type(self)(self.message, self.context, _again(self.values))))


def _again(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _again(value) for name, value in values.items()}
    return Said(values.message, values.context, _again(values.values)) if isinstance(values, Said) else values


def kept(text: Any) -> str | dict[str, str]:
    """What is stored of a text: in every language where it can be said in each, else as it stands."""
    if isinstance(text, Said):
        return text.in_every_language() if text.values is not None else _of_message(text.message, text.context)
    return in_every_language(text) if isinstance(text, Promise) else str(text)


@cache
def _of_message(message: str, context: str) -> dict[str, str]:
    return Said(message, context).in_every_language()


def said(message: str) -> str:
    """``gettext`` for a sentence that is kept."""
    return Said(message)


def said_of(context: str, message: str) -> str:
    """``pgettext`` for a sentence that is kept."""
    return Said(message, context)


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
