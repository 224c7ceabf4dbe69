"""A page that waits for something reads one part of itself anew, in place: the part with the id ``polled``."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from academy.requests.polling import POLLED

register = template.Library()


@register.simple_tag
def polls(seconds: int) -> SafeString:
    """The attributes of that part while it waits. The part that comes without them is read no more."""
    return format_html(
        'hx-get="" hx-trigger="every {seconds}s" hx-select="#{part}" hx-target="this" hx-swap="outerHTML"',
        seconds=seconds,
        part=POLLED,
    )
