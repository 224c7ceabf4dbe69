"""Filters for papers."""

from django import template

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
