"""``{% rendered_once %}``: a part of a page that says the same to everybody is rendered once a process.

What differs from page to page inside of it, such as a name or an address, is left open: the part is kept with holes, and
each page prints its own values there.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakSet

from django import template
from django.template.base import (
    FilterExpression,
    NodeList,
    Parser,
    Token,
    TokenType,
    Variable,
    render_value_in_context,
    token_kwargs,
)
from django.utils import timezone
from django.utils.functional import LazyObject, Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from academy.requests.kept.unchanging import Unchanging, UnchangingList

register = template.Library()
# Of one part of one template. Options in drawn orders are many; beyond so many it begins anew.
MOST = 4000
NODES: WeakSet[Any] = WeakSet()
# What a person wrote at length is nobody else's and is not kept.
LONGEST = 4000
LANGUAGE = "academy: language"
PLAIN = (str, int, bool, Decimal, date, UUID, type(None))
EXACTLY = frozenset((*PLAIN, SafeString))


# What stands for an open value while its part is rendered: no text of a page has these words.
MARK = f"\x02{secrets.token_hex(8)}:%d\x03"
MARKS = re.compile(MARK.replace("%d", "([0-9]+)"))
# The same for an open UUID, which addresses are made of: its last group is the number.
UUIDS = str(uuid4())[:24]
MARKED_UUIDS = re.compile(UUIDS + "([0-9a-f]{12})")
# The texts of a part, and between two of them the number of the open value that goes there.
type Parts = tuple[SafeString | int, ...]
type Reader = Callable[[template.Context], Any]
# What is looked up in these by a key is nothing but what stands there.
MAPPINGS = frozenset((dict, Unchanging))
# So many and fewer are printed without a sign between thousands in every language.
UNGROUPED = range(-999, 1000)


class RenderedOnce(template.Node):
    """Keeps what its block gives for the same values in the same language; a change of a value is another text.

    The block sees the named values and nothing else, neither the request nor its person: so nothing grows stale, and
    nothing of one person can stand on the page of another who was not given it. Of the values named after ``around`` it
    sees nothing but where they are printed.
    """

    child_nodelists = ("nodelist",)

    def __init__(
        self, values: dict[str, FilterExpression], around: dict[str, FilterExpression], nodelist: NodeList
    ) -> None:
        self.values, self.around, self.nodelist = values, around, nodelist
        self.readers = [_reader(value) for value in values.values()]
        self.readers_around = [_reader(value) for value in around.values()]
        self.kept: dict[Hashable, Parts] = {}
        NODES.add(self)

    def render(self, context: template.Context) -> SafeString:
        values = [read(context) for read in self.readers]
        key = (_language(context), *[_fixed(value) for value in values])
        parts = self.kept.get(key)
        if parts is None:
            parts = self._parts(key, context, dict(zip(self.values, values, strict=True)))
        first = parts[0]
        if len(parts) == 1 and isinstance(first, SafeString):
            return first
        printed = [_printed(read(context), context) for read in self.readers_around]
        return SafeString("".join([printed[part] if isinstance(part, int) else part for part in parts]))

    def _parts(self, key: Hashable, context: template.Context, values: Mapping[str, Any]) -> Parts:
        marks = {
            name: UUID(f"{UUIDS}{number:012x}") if type(value.resolve(context)) is UUID else SafeString(MARK % number)
            for number, (name, value) in enumerate(self.around.items())
        }
        text = self.nodelist.render(context.new({**values, **marks}))
        if marks:
            text = SafeString(MARKED_UUIDS.sub(lambda met: MARK % int(met[1], 16), text))
        # Every other one is a number.
        split = MARKS.split(text) if marks else [text]
        parts = tuple(int(part) if at % 2 else SafeString(part) for at, part in enumerate(split))
        if len(text) <= LONGEST:
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[key] = parts
        return parts


def _reader(expression: FilterExpression) -> Reader:
    """What ``expression.resolve`` gives. A name, and keys in plain mappings, are looked up at once; Django asks of each
    what else it might be."""
    variable = expression.var
    names = variable.lookups if isinstance(variable, Variable) and not variable.translate else None
    if expression.filters or not names:
        return expression.resolve
    first, keys = names[0], names[1:]

    def read(context: template.Context) -> Any:
        try:
            value = context[first]
            for key in keys:
                if type(value) not in MAPPINGS:
                    return expression.resolve(context)
                value = value[key]
        except KeyError:
            return expression.resolve(context)
        return expression.resolve(context) if callable(value) else value

    return read


def _printed(value: Any, context: template.Context) -> str:
    """As ``{{ value }}`` prints it."""
    kind = type(value)
    if kind is SafeString:
        return value
    if kind is int and value in UNGROUPED:
        return str(value)
    if kind is str and context.autoescape:
        return escape(value)
    return render_value_in_context(value, context)


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
    if kind is Unchanging or kind is UnchangingList:
        return (kind, value.key)
    if kind is dict:
        return tuple([(name, _fixed(part)) for name, part in value.items()])
    if kind is list or kind is tuple:
        return tuple([_fixed(part) for part in value])
    if isinstance(value, LazyObject):
        # What it stands for once it was asked, and not what it was made of, which may be a request.
        bool(value)
        return _fixed(vars(value)["_wrapped"])
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, PLAIN):
        return (kind, value)
    if isinstance(value, Mapping):
        return tuple((name, _fixed(part)) for name, part in value.items())
    if isinstance(value, Iterable) and not hasattr(value, "_meta"):
        return tuple(_fixed(part) for part in value)
    raise TypeError(f"{type(value).__name__} is no value that a rendered part can be kept for")


@register.simple_tag
def this_minute() -> datetime:
    """Now, at the bank, without its seconds: what says when a page was made says it for a minute."""
    return timezone.localtime().replace(second=0, microsecond=0)


@register.filter
def as_field(token: Any) -> SafeString:
    """``{{ csrf_token|as_field }}``: what ``{% csrf_token %}`` gives, for a part that leaves it open."""
    text = "" if token is None else str(token)
    if text in ("", "NOTPROVIDED"):
        return SafeString("")
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', text)


@register.tag
def rendered_once(parser: Parser, token: Token) -> RenderedOnce:
    """``{% rendered_once option=option around number=forloop.counter %}…{% endrendered_once %}``; without a value it is the
    same in every request of its language. What is named after ``around`` is printed in the block as ``{{ number }}`` and
    decides nothing there: no filter may have it, and no tag but ``{% url %}`` a UUID. A line that is full goes on in ``{% also … %}`` below it."""
    words = token.split_contents()[1:]
    while (more := _continuation(parser)) is not None:
        words += more.split_contents()[1:]
    at = words.index("around") if "around" in words else len(words)
    named, left_open = words[:at], words[at + 1 :]
    values, around = token_kwargs(named, parser), token_kwargs(left_open, parser)
    if named or left_open:
        raise template.TemplateSyntaxError("rendered_once names each value that its block sees: name=value")
    _check_around(parser, around)
    nodelist = parser.parse(("endrendered_once",))
    parser.delete_first_token()
    return RenderedOnce(values, around, nodelist)


def _continuation(parser: Parser) -> Token | None:
    """The next tag where it is ``{% also %}``, taken together with the space before it."""
    # The stubs have them as text.
    ahead: Any = parser.tokens[-2:][::-1]
    if len(ahead) == 2 and ahead[0].token_type == TokenType.TEXT and not ahead[0].contents.strip():
        ahead.pop(0)
    if not ahead or ahead[0].token_type != TokenType.BLOCK or ahead[0].contents.split()[0] != "also":
        return None
    while parser.next_token() is not ahead[0]:
        pass
    return ahead[0]


def _check_around(parser: Parser, around: Iterable[str]) -> None:
    """Raises ``TemplateSyntaxError`` where the block does more with such a value than print it."""
    names, depth = re.compile(rf"(?<![.\w])({'|'.join(around)})(?!\w)"), 1
    # The next one stands last. The stubs have them as text.
    tokens: Any = parser.tokens[::-1] if around else ()
    for token in tokens:
        words = token.contents.split()
        if token.token_type == TokenType.BLOCK:
            depth += (words[0] == "rendered_once") - (words[0] == "endrendered_once")
            if depth == 0:
                return
        in_tag = (token.token_type == TokenType.BLOCK and words[0] != "url") or (
            token.token_type == TokenType.VAR and len(words) + words[0].count("|") > 1
        )
        if in_tag and names.search(re.sub(r"\"[^\"]*\"|'[^']*'", "", token.contents)):
            raise template.TemplateSyntaxError(f"what is named after around is only printed: {token.contents}")


def forget_parts() -> None:
    """Everything kept is rendered anew: for tests, in which another database has other rows under the same keys."""
    for node in NODES:
        node.kept.clear()
