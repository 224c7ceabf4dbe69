"""What a programme's page asks of its parts."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def may_tick(shown: Any, planned: Any) -> bool:
    """Whether the reader may tick this task, or take its tick back."""
    return bool(shown.may_tick(planned))


@register.filter
def tick_of(shown: Any, planned: Any) -> Any:
    """The tick that stands of a task, with who ticked and what they saw."""
    return shown.tick_of(planned)


@register.filter
def path_to(own: Any, step: Any) -> str:
    """Where the person of a programme does a step."""
    return str(own.path_to(step))
