"""Filters for bilingual snapshots, and for who reads what is missing."""

from typing import Any

from django import template

from academy.templatetags.academy_tags import local
from certificates.rules.acting import act_for

register = template.Library()
register.filter("local", local)


@register.filter
def act_for_manager(line: Any) -> str:
    """What brings a missing requirement about, as a line manager reads it."""
    return act_for(line, manager=True)
