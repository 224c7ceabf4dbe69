"""Which questions a person may practise: of what they learn or hold, in banks that are open for practice, and what
course quizzes ask once the review of a paper has shown its answer."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models.query import QuerySet

from academy.doors import PracticeSource, practice_sources
from academy.models import User
from quizzes.keys import key_refusals
from quizzes.models import Question
from quizzes.uses import LEFT_OUT, Use, for_practice, uses_of


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

    None for no question, otherwise four queries, another where papers are open, four or five where quizzes ask.
    """
    if not questions:
        return set()
    found = dict(_answerable().filter(pk__in=questions).values_list("pk", "bank__open_for_practice"))
    uses = uses_of(list(found))
    wanted = [pk for pk, bank_open in found.items() if uses[pk] == Use.QUIZ or (uses[pk] == Use.PRACTICE and bank_open)]
    return set(wanted) - set(key_refusals(person=person, questions=wanted, now=now))


def _answerable() -> QuerySet[Question]:
    """Published, and answered in a minute."""
    return Question.objects.filter(live=True, retired_at=None, current_version__isnull=False).exclude(type__in=LEFT_OUT)
