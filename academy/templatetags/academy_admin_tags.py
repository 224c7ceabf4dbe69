"""Tags of the admin's screens."""

from typing import Any

from django import template

from academy.viewsets.base import change_refusal
from academy.viewsets.columns import exact

register = template.Library()
register.filter(exact)


@register.simple_tag(takes_context=True)
def why_not_changed(context: template.Context, model: Any) -> str | None:
    """Why the viewer reads these rows of the whole bank and does not change them, or None."""
    return change_refusal(model, context["request"].user)
