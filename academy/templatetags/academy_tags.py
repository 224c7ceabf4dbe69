"""Words for days and bilingual texts in templates."""

from datetime import date

from django import template
from django.conf import settings
from django.utils.translation import get_language

from academy.bilingual import pick

register = template.Library()


@register.filter
def days_from(day: date, today: date) -> int:
    """How many days lie between today and the day; negative when it is past."""
    return (day - today).days


@register.filter
def local(text: dict[str, str]) -> str:
    """A bilingual text in the language of the page."""
    return pick(text, get_language() or settings.LANGUAGE_CODE)
