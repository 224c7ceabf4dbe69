"""Django's own ``{% extends %}``, ``{% include %}`` and ``{% url %}``, which find out once a process what Django finds out on
each page: the blocks of a template that stands for itself, what a name includes, and the addresses of names."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from django import template
from django.template.base import Node, NodeList, Parser, Template, TextNode, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.template.engine import Engine
from django.template.loader_tags import (
    BLOCK_CONTEXT_KEY,
    BlockContext,
    BlockNode,
    ExtendsNode,
    IncludeNode,
    do_extends,
    do_include,
)
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from academy.requests.reversing import address_of

register = template.Library()
# What every context begins with.
BUILTINS = {"True": True, "False": False, "None": None}
_blocks: WeakKeyDictionary[Template, dict[str, BlockNode]] = WeakKeyDictionary()


class KeptExtendsNode(ExtendsNode):
    """Renders what ``ExtendsNode.render`` does. A page whose templates are named plainly is laid out once a process: the
    texts and nodes of the outermost template, with those of its blocks in their places."""

    layout: "_Layout | None" = None
    is_laid_out = False

    def render(self, context: Any) -> SafeString:
        blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
        if blocks is None and not self.is_laid_out:
            self.layout, self.is_laid_out = _layout(self, context.template.engine), True
        if blocks is None and self.layout is not None:
            with context.render_context.push_state(self.layout.outermost, isolated_context=False):
                return SafeString(_rendered(self.layout.steps, context))
        parent = self.get_parent(context)
        if blocks is None:
            blocks = context.render_context[BLOCK_CONTEXT_KEY] = BlockContext()
        blocks.add_blocks(self.blocks)
        if not _extends(parent):
            if parent not in _blocks:
                _blocks[parent] = {node.name: node for node in _nodes_of(parent.nodelist, BlockNode)}
            blocks.add_blocks(_blocks[parent])
        with context.render_context.push_state(parent, isolated_context=False):
            rendered: SafeString = cast(Any, parent)._render(context)  # noqa: SLF001 - as Django's own does
            return rendered


# A text, a node, or the steps of a block, whose names go when it ends.
type Steps = list[str | Node | Steps]


class _Layout(NamedTuple):
    outermost: Template
    steps: Steps


def _layout(node: ExtendsNode, engine: Engine) -> _Layout | None:
    """None where only rendering can tell: a name that is a variable, ``block.super``, a block inside of another tag, and a
    template that stands in front of another of its own name."""
    blocks: dict[str, BlockNode] = {}
    origins = [node.origin]
    while True:
        # The stubs take it for a node.
        expression: Any = node.parent_name
        named = expression.var
        if not isinstance(named, str) or not named or expression.filters:
            return None
        blocks = {**node.blocks, **blocks}
        parent = engine.get_template(named)
        if parent.origin in origins:
            return None
        origins.append(parent.origin)
        if not _extends(parent):
            break
        node = next(inner for inner in parent.nodelist if isinstance(inner, ExtendsNode))
    blocks = {**{block.name: block for block in _nodes_of(parent.nodelist, BlockNode)}, **blocks}
    try:
        return _Layout(parent, _steps(parent.nodelist, blocks))
    except _OnlyRendering:
        return None


class _OnlyRendering(Exception):
    pass


def _steps(nodelist: NodeList, blocks: Mapping[str, BlockNode]) -> Steps:
    steps: Steps = []
    for node in nodelist:
        if isinstance(node, BlockNode):
            steps.append(_steps(blocks[node.name].nodelist, blocks))
            continue
        inner = _nodes_of(NodeList([node]), Node)
        if any(isinstance(some, BlockNode) or "block.super" in some.token.contents for some in inner if some.token):
            raise _OnlyRendering
        text = node.s if type(node) is TextNode else None
        if text is not None and steps and isinstance(steps[-1], str):
            steps[-1] += text
        else:
            steps.append(node if text is None else text)
    return steps


def _rendered(steps: Steps, context: Any) -> str:
    parts: list[Any] = []
    for step in steps:
        if isinstance(step, str):
            parts.append(step)
        elif isinstance(step, list):
            with context.push():
                parts.append(_rendered(step, context))
        else:
            parts.append(step.render_annotated(context))
    return "".join(parts)


def _nodes_of(nodelist: NodeList, kind: type[Node]) -> list[Any]:
    # The stubs know nothing of what kind the nodes of a type are.
    found: Any = nodelist.get_nodes_by_type(kind)
    return found


def _extends(parent: Template) -> bool:
    """The tag has to be the first that is no text."""
    first = next((node for node in parent.nodelist if not isinstance(node, TextNode)), None)
    return isinstance(first, ExtendsNode)


class KeptIncludeNode(IncludeNode):
    """Renders what ``IncludeNode.render`` does. A part that is named in the template, and that sees ``only`` what it is
    given, is found once, and is rendered in the page's own context, whose values are put aside meanwhile."""

    found: Template | None = None

    def render(self, context: Any) -> SafeString:
        named = self.template.var
        if not self.isolated_context or not isinstance(named, str) or self.template.filters:
            rendered: SafeString = super().render(context)
            return rendered
        if self.found is None:
            self.found = context.template.engine.get_template(named)
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        aside, context.dicts = context.dicts, [BUILTINS, values]
        try:
            with context.render_context.push_state(self.found):
                return cast(Any, self.found)._render(context)  # noqa: SLF001 - as Django's own does
        finally:
            context.dicts = aside


class KeptURLNode(URLNode):
    """Renders what ``URLNode.render`` does."""

    def render(self, context: Any) -> str:
        args = [arg.resolve(context) for arg in self.args]
        if self.kwargs or not all(type(arg) is UUID for arg in args):
            return super().render(context)
        request = getattr(context, "request", None)
        match = getattr(request, "resolver_match", None)
        current_app = getattr(request, "current_app", None) or (match.namespace if match is not None else None)
        try:
            address = address_of(self.view_name.resolve(context), *args, current_app=current_app)
        except NoReverseMatch:
            return super().render(context)
        if self.asvar:
            context[self.asvar] = address
            return ""
        return conditional_escape(address) if context.autoescape else address


@register.tag
def include(parser: Parser, token: Token) -> IncludeNode:
    node = do_include(parser, token)
    node.__class__ = KeptIncludeNode
    return node


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    node = django_url(parser, token)
    node.__class__ = KeptURLNode
    return node


@register.tag
def extends(parser: Parser, token: Token) -> ExtendsNode:
    node = do_extends(parser, token)
    node.__class__ = KeptExtendsNode
    return node
