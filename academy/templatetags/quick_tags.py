"""Django's own ``{% extends %}``, ``{% include %}`` and ``{% url %}``, which find out once a process what Django finds out on
each page: the blocks of a template that stands for itself, what a name includes, and the addresses of names."""

from typing import Any, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from django import template
from django.template.base import Parser, Template, TextNode, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
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
    """Renders what ``ExtendsNode.render`` does."""

    def render(self, context: Any) -> SafeString:
        parent = self.get_parent(context)
        blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
        if blocks is None:
            blocks = context.render_context[BLOCK_CONTEXT_KEY] = BlockContext()
        blocks.add_blocks(self.blocks)
        if not _extends(parent):
            if parent not in _blocks:
                # The stubs know nothing of what kind the nodes of a type are, nor of a template's own way to render.
                found: Any = parent.nodelist.get_nodes_by_type(BlockNode)
                _blocks[parent] = {node.name: node for node in found}
            blocks.add_blocks(_blocks[parent])
        with context.render_context.push_state(parent, isolated_context=False):
            rendered: SafeString = cast(Any, parent)._render(context)  # noqa: SLF001 - as Django's own does
            return rendered


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
