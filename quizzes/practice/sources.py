"""Which questions a person may practise: of what they learn or hold, in banks that are open for practice."""

from collections.abc import Iterable

from django.db.models import Q
from django.db.models.query import QuerySet

from academy.doors import PracticeSource, practice_sources
from academy.models import User
from quizzes.keys import asked_by
from quizzes.models import Question, Quiz

# Not answered in a minute between two clients: read only, marked by a person, played.
LEFT_OUT = frozenset({"information", "essay", "dialogue"})


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
    return Question.objects.filter(
        Q(category=None) | Q(category__kept_for_exams=False),
        ~asked_by(Quiz.Kind.COURSE, Quiz.Kind.EXAM),
        bank__in=list(banks),
        bank__open_for_practice=True,
        live=True,
        retired_at=None,
        current_version__isnull=False,
    ).exclude(type__in=LEFT_OUT)


def may_be_practised(question: Question) -> bool:
    """The same for one question whose bank and category are at hand."""
    return (
        question.bank.open_for_practice
        and (question.category is None or not question.category.kept_for_exams)
        and question.retired_at is None
        and question.type not in LEFT_OUT
    )
