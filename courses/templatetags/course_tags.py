from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from courses.drawings.pictures import alternative, picture

register = template.Library()


@register.simple_tag
def drawing(name: str, language: str = "") -> str:
    """A shipped drawing in the page, with its words for those who cannot see it; nothing for an unknown name."""
    language = language or get_language() or "zh-hans"
    svg = picture(name=name, language=language)
    if not svg:
        return ""
    head = format_html('<svg class="drawing" role="img" aria-label="{}" ', alternative(name=name, language=language))
    return SafeString(svg.replace("<svg ", head, 1))  # nosec B703: the program's own file
