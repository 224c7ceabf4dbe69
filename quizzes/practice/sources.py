"""Which questions a person may practise: of what they learn or hold, in banks that are open for practice, and what
course quizzes ask once the review of a paper has shown its answer."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q
from django.db.models.query import QuerySet

from academy.doors import PracticeSource, practice_sources
from academy.models import User
from quizzes.models import Question, Quiz
from quizzes.pools.uses import LEFT_OUT, asked_by, for_practice, never_for_exams, uses_of
from quizzes.rules.keys import key_refusals


def sources_of(learner: User) -> list[PracticeSource]:
    """What every floor names, joined by key, in order of first naming."""
    found: dict[str, PracticeSource] = {}
    for source in practice_sources(learner):
        standing = found.get(source.key)
        if standing is not None:
            source = PracticeSource(
                source.key, standing.label, source.banks | standing.banks, source.quizzes | standing.quizzes
            )
        found[source.key] = source
    return list(found.values())


def practicable(banks: Iterable[int]) -> QuerySet[Question]:
    """Published questions of these banks that are for check and practice only: no course quiz and no exam asks them."""
    return _answerable().filter(for_practice(), bank__in=list(banks), bank__open_for_practice=True)


def practisable(*, person: User, questions: Collection[int], now: datetime) -> set[int]:
    """Those of the questions that the person may practise now: an exam's never, a course quiz's once the review of one
    of the person's papers shows its answer, none while an open paper holds it, and of the others those of open banks.

    No query for no question, otherwise two, another where papers are open, four where quizzes ask.
    """
    open_or_asked = Q(bank__open_for_practice=True) | Q(asked_by(Quiz.Kind.COURSE))
    uses = uses_of(questions, among=_answerable().filter(never_for_exams(), open_or_asked))
    return set(uses) - set(key_refusals(person=person, questions=list(uses), now=now, uses=uses))


def _answerable() -> QuerySet[Question]:
    """Published, not held, and answered in a minute: no part of a case, whose text takes longer to read."""
    published = {"live": True, "retired_at": None, "current_version__isnull": False, "held_at": None}
    questions = Question.objects.filter(case=None, **published)
    return questions.exclude(type__in=LEFT_OUT)
