"""``{% rendered_once %}``: a part of a page that says the same to everybody is rendered once a process."""

from collections.abc import Hashable, Iterable, Mapping
from copy import copy
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.utils.functional import LazyObject, Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from academy.requests.kept.unchanging import Unchanging

register = template.Library()
# Of one part of one template. Options in drawn orders are many; beyond so many it begins anew.
MOST = 4000
# What a person wrote at length is nobody else's and is not kept.
LONGEST = 4000
LANGUAGE = "academy: language"
PLAIN = (str, int, bool, Decimal, date, UUID, type(None))
EXACTLY = frozenset((*PLAIN, SafeString))


class RenderedOnce(template.Node):
    """Keeps what its block gives for the same values in the same language; a change of a value is another text.

    The block sees the named values and nothing else, neither the request nor its person: so nothing grows stale, and
    nothing of one person can stand on the page of another who was not given it.
    """

    child_nodelists = ("nodelist",)

    def __init__(self, values: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.values, self.nodelist = values, nodelist
        self.kept: dict[Hashable, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        values = {name: value.resolve(context) for name, value in self.values.items()}
        key = (_language(context), *[_fixed(value) for value in values.values()])
        text = self.kept.get(key)
        if text is None:
            text = self.nodelist.render(context.new(values))
            if len(text) <= LONGEST:
                if len(self.kept) >= MOST:
                    self.kept.clear()
                self.kept[key] = text
        return text


def _language(context: template.Context) -> str | None:
    """Asked for once in each rendering of a template; none of ours changes it on the way (a test holds that)."""
    held = context.render_context.dicts[0]
    if LANGUAGE not in held:
        held[LANGUAGE] = get_language()
    language: str | None = held[LANGUAGE]
    return language


def _fixed(value: Any) -> Hashable:
    """A value as a key. Raises ``TypeError`` for what may change while it stays the same, such as a row."""
    kind = type(value)
    if kind in EXACTLY:
        # ``1`` and ``True`` are one key and two texts; so are a word that is escaped and one that is not.
        return (kind, value)
    if kind is Unchanging:
        return (kind, value.key)
    if kind is dict:
        return tuple([(name, _fixed(one)) for name, one in value.items()])
    if kind is list or kind is tuple:
        return tuple([_fixed(one) for one in value])
    if isinstance(value, LazyObject):
        # What it stands for once it was asked, and not what it was made of, which may be a request.
        bool(value)
        return _fixed(copy(value))
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, PLAIN):
        return (kind, value)
    if isinstance(value, Mapping):
        return tuple((name, _fixed(one)) for name, one in value.items())
    if isinstance(value, Iterable) and not hasattr(value, "_meta"):
        return tuple(_fixed(one) for one in value)
    raise TypeError(f"{type(value).__name__} is no value that a rendered part can be kept for")


@register.tag
def rendered_once(parser: Parser, token: Token) -> RenderedOnce:
    """``{% rendered_once option=option number=forloop.counter %}…{% endrendered_once %}``; without a value it is the same
    in every request of its language."""
    _name, *words = token.split_contents()
    values = token_kwargs(words, parser)
    if words:
        raise template.TemplateSyntaxError("rendered_once names each value that its block sees: name=value")
    nodelist = parser.parse(("endrendered_once",))
    parser.delete_first_token()
    return RenderedOnce(values, nodelist)
