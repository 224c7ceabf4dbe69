"""Filters for bilingual snapshots."""

from django import template
from django.utils.translation import get_language

from academy.bilingual import pick

register = template.Library()


@register.filter
def local(text: dict[str, str]) -> str:
    """A bilingual text in the language of the page."""
    return pick(text, get_language() or "zh-hans")
