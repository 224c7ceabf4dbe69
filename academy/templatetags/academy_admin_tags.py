"""Tags of the admin's screens."""

import secrets
from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from academy.decisions.objects import UNPUBLISH
from academy.viewsets.base import change_refusal
from academy.viewsets.columns import exact
from academy.viewsets.open_forms import KEY, TURN, key_of
from academy.viewsets.taking_away import what_goes

register = template.Library()
register.filter(exact)


@register.filter
def in_a_list(value: Any) -> Any:
    """Days and moments as the house writes them; everything else as it is."""
    if not isinstance(value, date):
        return value
    return format_html('<time class="academy-whole" datetime="{}">{}</time>', value.isoformat(), exact(value))


@register.simple_tag(takes_context=True)
def what_goes_offline(context: template.Context, thing: Any) -> list[Any]:
    """What taking it offline does, in words."""
    return what_goes(context["request"], thing, UNPUBLISH)


@register.simple_tag(takes_context=True)
def why_not_changed(context: template.Context, model: Any) -> str | None:
    """Why the viewer reads these rows of the whole bank and does not change them, or None."""
    return change_refusal(model, context["request"].user)


@register.simple_tag(takes_context=True)
def open_form(context: template.Context) -> SafeString:
    """The name under which the form's savings stand in one line; it stays where a saving is answered by the form again."""
    request = context["request"]
    return format_html(
        '<input type="hidden" name="{}" value="{}" autocomplete="off">'
        '<input type="hidden" name="{}" value="{}" autocomplete="off">',
        KEY,
        key_of(request) or secrets.token_hex(16),
        TURN,
        request.POST.get(TURN) or "0",
    )
