"""Words for days in templates."""

from datetime import date

from django import template

register = template.Library()


@register.filter
def days_from(day: date, today: date) -> int:
    """How many days lie between today and the day; negative when it is past."""
    return (day - today).days
