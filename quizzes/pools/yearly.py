"""Refreshers whose questions are of a year: when the next year's are asked for, and what is said of those of a year past."""

from datetime import date

from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from quizzes.models import Quiz

# From this month on the questions of the next year are asked for.
ASKED_IN = 12


def pools_due(today: date) -> QuerySet[Quiz]:
    """Published quizzes whose questions are of a year that is over, or ends within a month."""
    wanted = today.year + 1 if today.month >= ASKED_IN else today.year
    return Quiz.objects.filter(live=True, pool_year__lt=wanted)


def year_words(quiz: Quiz, today: date) -> str:
    """What whoever sits it reads: of which year its questions are, where that year is over; else ''."""
    if quiz.pool_year is None or quiz.pool_year >= today.year:
        return ""
    return _("These are still the questions of %(year)s; those of %(now)s are not there yet.") % {
        "year": quiz.pool_year,
        "now": today.year,
    }
