"""Finding a question in the bank: by what it says, and by the place that is to ask it."""

from typing import Any

from django.db.models import Q
from django.db.models.query import QuerySet

from academy.bilingual import folded
from quizzes.models import Question, Quiz
from quizzes.pools.uses import KEPT
from quizzes.types import ASKED_BY_LESSONS
from quizzes.types.case import Case
from quizzes.types.checking import LANGUAGES

WORDS_AT_MOST = 8


def saying(questions: QuerySet[Question], typed: str) -> QuerySet[Question]:
    """Those that say every word somewhere, in either language, also inside a run of Chinese."""
    for word in folded(typed).split()[:WORDS_AT_MOST]:
        questions = questions.filter(words__contains=word)
    return questions


def in_language(language: str) -> Q:
    """A condition on questions: they are written in this language."""
    return Q(body__stem__has_key=language)


def in_one_language() -> Q:
    """A condition on questions: they are not written in every language."""
    return ~Q(body__stem__has_keys=list(LANGUAGES))


def offered_at(place: dict[str, Any]) -> Q:
    """A condition on questions: the place takes them. ``{"lesson": "1"}`` is a lesson's, ``{"kind": …}`` a quiz's."""
    # A case is drawn by a line, and its questions with it.
    there = Q(retired_at=None, case=None) & ~Q(type=Case.code)
    if place.get("lesson"):
        return there & Q(type__in=ASKED_BY_LESSONS) & ~KEPT
    if place.get("kind") and place["kind"] != Quiz.Kind.EXAM:
        return there & ~KEPT
    return there
