"""Who looked at an exam question: a look is a read, so it goes to the access log; what is done stands in the journal.

An exam question is one that is kept for exams, by what stands or by its newest draft, and one that an exam asks though
it lies in no pool. Every page that shows words of one to staff notes the look: a page of one question about the question,
a paper about the paper, a list about each category of which it showed something.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils import timezone

from academy.journal.facts import reference_to
from academy.models import AccessLog
from academy.requests.looks import note_look
from academy.requests.signed_in import SignedInRequest
from quizzes.models import Question, QuestionCategory
from quizzes.pools.exam_pools import pools
from quizzes.pools.uses import of_exams

LOOKED = "exam_question"
# The admin asks for a page and its preview again and again; within this time it is one look.
ONE_LOOK = timedelta(minutes=5)


def log_look(request: SignedInRequest, about: models.Model, name: str) -> None:
    """Notes that the person was shown exam questions of ``about``, the one thing that a GET writes."""
    now = timezone.now()
    look = {"kind": LOOKED, "about": reference_to(about), "outcome": name[:40]}
    if not AccessLog.objects.filter(**look, person=request.user, at__gt=now - ONE_LOOK).exists():
        note_look(request, **look, now=now)


def exam_questions(shown: Iterable[int]) -> QuerySet[Question]:
    """Those of the questions that belong to exams."""
    drafted = Q(latest_revision__content__category__in=list(pools().values_list("pk", flat=True)))
    return Question.objects.filter(of_exams() | drafted, pk__in=set(shown))


def log_look_at_question(request: SignedInRequest, question: Question, name: str) -> None:
    """The same for a page of one question, where it is an exam's."""
    if exam_questions([question.pk]).exists():
        log_look(request, question, name)


def log_look_at_some(request: SignedInRequest, shown: Iterable[int], about: models.Model, name: str) -> None:
    """The same for a page of many questions of one thing, where one of those that were shown is an exam's."""
    if exam_questions(shown).exists():
        log_look(request, about, name)


def log_look_at_list(request: SignedInRequest, shown: Iterable[int], name: str) -> None:
    """The same for a list: a look for each category of which an exam question was shown."""
    found = exam_questions(shown).order_by().values_list("category", "pk")
    first = {category or -pk: (category, pk) for category, pk in found}
    categories = QuestionCategory.objects.in_bulk([category for category, _pk in first.values() if category])
    for category, pk in first.values():
        log_look(request, categories[category] if category else Question(pk=pk), name)
