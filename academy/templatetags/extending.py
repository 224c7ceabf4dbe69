"""``{% extends %}`` as Django's, but the blocks of a template that stands for itself are looked for once, not on each page."""

from typing import Any, cast
from weakref import WeakKeyDictionary

from django import template
from django.template.base import Parser, Template, TextNode, Token
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode, do_extends
from django.utils.safestring import SafeString

register = template.Library()
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


@register.tag
def extends(parser: Parser, token: Token) -> ExtendsNode:
    node = do_extends(parser, token)
    node.__class__ = KeptExtendsNode
    return node
