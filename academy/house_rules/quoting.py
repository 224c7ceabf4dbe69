"""Texts quote a house rule as ``{{ rule:code }}``; here the quotes are found and values put in their place. Pure.

``{{ rule:code figure }}`` is the figure alone, without unit and commas: what a number that is typed in is held against.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from html import escape
from typing import Any

from academy.house_rules.formatting import Text

QUOTE = re.compile(r"\{\{(?:\s|&nbsp;)*rule:([a-z0-9-]{1,60})((?:\s|&nbsp;)+figure)?(?:\s|&nbsp;)*\}\}")
# As English prints a value with a figure: "CNY 1,500", "3 hours", "35%".
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
# What a question is tagged with whose key depends on a rule that its words do not print.
TAG = re.compile(r"(?:^|[,\s])rule:([a-z0-9-]{1,60})(?=$|[,\s])")
LANGUAGES = ("zh-hans", "en")
UNKNOWN = {"zh-hans": "【没有这条本行规定：%s】", "en": "[no such house rule: %s]"}

type Values = Mapping[str, Text]


def codes_in(value: Any) -> frozenset[str]:
    """The codes that a text, or all texts of a body, quote."""
    return frozenset(code for text in _strings(value) if "{{" in text for code, _figure in QUOTE.findall(text))


def figures_in(value: Any) -> frozenset[str]:
    """The codes that it quotes as a figure."""
    return frozenset(code for text in _strings(value) if "{{" in text for code, figure in QUOTE.findall(text) if figure)


def codes_of_tags(tags: str) -> frozenset[str]:
    """The codes of tags ``rule:code``."""
    return frozenset(TAG.findall(tags))


def filled_text(text: str, values: Values, language: str) -> str:
    """The text with the values in its quotes; an unknown code leaves a mark that nobody overlooks."""
    return QUOTE.sub(partial(_value, values, language), text) if "{{" in text else text


def is_figure(text: str) -> bool:
    """Whether a text is nothing but the figure of a house rule."""
    quote = QUOTE.fullmatch(text.strip())
    return bool(quote and quote[2])


def filled_html(html: str, values: Values, language: str) -> str:
    """The same for what is HTML already: a value is text and is escaped."""
    return QUOTE.sub(lambda found: escape(_value(values, language, found)), html) if "{{" in html else html


def filled(value: Any, values: Values, language: str = LANGUAGES[0]) -> Any:
    """A body with every quote filled, each in the language of its text; unchanged parts are the same objects."""
    if isinstance(value, str):
        return filled_text(value, values, language)
    if isinstance(value, Mapping):
        return {key: filled(part, values, key if key in LANGUAGES else language) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, values, language) for part in value]
    return value


def _value(values: Values, language: str, found: re.Match[str]) -> str:
    text = values.get(found[1])
    if text is None:
        return UNKNOWN.get(language, UNKNOWN["en"]) % found[1]
    if found[2]:
        figure = FIGURE.search(text.get("en", ""))
        # A time of day or words have none, and what is held against a number must not take one for another.
        return figure[0].replace(",", "") if figure and ":" not in text["en"] else UNKNOWN["en"] % found[1]
    return text.get(language) or next(iter(text.values()), "")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)
