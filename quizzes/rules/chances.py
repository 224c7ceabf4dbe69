"""How often a quiz may be sat by one person, by the rules that hold for that person, and when next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.prepared import BoundQuery, PreparedQuery
from quizzes.entry import RESULTS, Hall
from quizzes.grading.grades import has_passed
from quizzes.models import Attempt, Quiz, QuizOverride, SpecialResult
from quizzes.rules.effective import Rules, effective_rules

State = Attempt.State
# Exam day has nothing to say.
NO_HALL = Hall()


OVERRIDES = PreparedQuery(
    lambda learner, quizzes: (
        QuizOverride.objects.filter(Q(person=learner) | Q(people=learner), quiz__in=quizzes).distinct().order_by("pk")
    )
)


def asks_of_rules(quiz: Quiz, learner: int) -> list[BoundQuery[Any] | None]:
    """What ``rules_for`` asks."""
    return [OVERRIDES.bound(learner=learner, quizzes=[quiz.pk])]


def rules_for(*, quiz: Quiz, learner: User | int) -> Rules:
    """The rules that hold for one person. One query."""
    return rules_in_several(quizzes=[quiz], learner=learner)[quiz.pk]


def rules_of_attempt(attempt: Attempt) -> Rules:
    """The rules that hold for the person of a paper. One query, none where it is known that nothing was arranged."""
    if attempt.is_arranged is False:
        return effective_rules(attempt.quiz, [])
    return rules_for(quiz=attempt.quiz, learner=attempt.learner_id)


def rules_in_several(*, quizzes: Iterable[Quiz], learner: User | int) -> dict[int, Rules]:
    """The rules that hold for one person, by quiz. One query, however many quizzes."""
    found = {quiz.pk: quiz for quiz in quizzes}
    mine: dict[int, list[QuizOverride]] = {pk: [] for pk in found}
    person = learner if isinstance(learner, int) else learner.pk
    for override in OVERRIDES.rows(learner=person, quizzes=list(found)):
        mine[override.quiz_id].append(override)
    return {pk: effective_rules(quiz, mine[pk]) for pk, quiz in found.items()}


@dataclass(frozen=True)
class Chances:
    """How often a quiz was sat on one ground, and when it may be sat next: from ``next_at``, until ``until``."""

    used: int
    left: int | None
    next_at: datetime | None
    passed: bool
    until: datetime | None = None


def chances(*, quiz: Quiz, rules: Rules, attempts: Sequence[Attempt], occasion: str, hall: Hall = NO_HALL) -> Chances:
    """Counts inside one occasion, absences included. Pure: ``attempts`` are the learner's attempts at the quiz."""
    mine = [attempt for attempt in attempts if attempt.occasion == occasion and attempt.state != State.NOT_STARTED]
    ends = sorted(attempt.finished_at for attempt in mine if attempt.finished_at)
    used = len(mine) + hall.used_without_paper(occasion)
    left = None if rules.attempts is None else max(0, rules.attempts - used)
    wait = rules.wait_before(len(mine) + 1)
    return Chances(
        used=used,
        left=left,
        next_at=ends[-1] + wait if ends and wait else None,
        passed=has_passed(quiz, mine),
        until=_last_moment(ends[0], rules.resit_within_days) if ends and rules.resit_within_days else None,
    )


def used_up_words(quiz: Quiz) -> str:
    """That no attempt is left, and who may give another: see ``arrangement_refusal``. For the person and whoever else
    reads it."""
    if quiz.kind == Quiz.Kind.EXAM:
        return _("All attempts are used. Only a trainer or HR at head office can grant another one.")
    return _("All attempts are used. Only a trainer or HR can grant another one.")


@dataclass(frozen=True)
class Sitting:
    """A quiz on one ground, with the learner's attempts at it."""

    quiz: Quiz
    occasion: str
    attempts: Sequence[Attempt]


def chances_in_several(
    *, learner: User, sittings: Sequence[Sitting], rules: dict[int, Rules] | None = None
) -> list[Chances]:
    """What lists of quizzes say of each: the same as its start page. One query unless ``rules`` are at hand, another
    where an exam is among them."""
    if rules is None:
        rules = rules_in_several(quizzes=[sitting.quiz for sitting in sittings], learner=learner)
    exams = [sitting.quiz.pk for sitting in sittings if sitting.quiz.kind == Quiz.Kind.EXAM]
    absences = RESULTS.rows(quizzes=exams, person=learner.pk)
    results: dict[int, list[SpecialResult]] = {}
    for result in absences:
        results.setdefault(result.quiz_id, []).append(result)
    return [
        chances(
            quiz=sitting.quiz,
            rules=rules[sitting.quiz.pk],
            attempts=sitting.attempts,
            occasion=sitting.occasion,
            hall=Hall(results=tuple(results.get(sitting.quiz.pk, ()))),
        )
        for sitting in sittings
    ]


def _last_moment(first_end: datetime, days: int) -> datetime:
    """The end of the last bank-local day, that many days after the first sitting."""
    day = local_day(first_end) + timedelta(days=days + 1)
    return timezone.make_aware(datetime.combine(day, time())) - timedelta(seconds=1)
