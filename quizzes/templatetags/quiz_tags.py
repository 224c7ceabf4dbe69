"""Filters for papers."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from academy.operations.one_page import paragraphs
from quizzes.grading.marks import percent
from quizzes.models import Attempt

register = template.Library()


@register.filter
def score(attempt: Attempt) -> str:
    """Out of 100, without needless zeros."""
    return (
        f"{percent(attempt.mark, attempt.max_mark, attempt.pass_mark).normalize():f}"
        if attempt.mark is not None
        else ""
    )


@register.filter
def in_lines(text: str) -> SafeString:
    """A role card or a case: each line apart, what begins with a point as a list."""
    return mark_safe(paragraphs(text))  # noqa: S308  # nosec B308 B703 - each line is escaped
