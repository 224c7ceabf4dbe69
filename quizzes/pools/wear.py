"""How worn an exam's pool is: how many of its questions those who may sit it next have seen with their answers."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Count, Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from academy.doors import takers_of
from academy.models import User
from quizzes.grading.papers import drawable
from quizzes.models import Candidate, Exposure, Question, Quiz

# A question is worn out for an exam when more than this share of those who may sit it next have seen its answer.
WORN_OUT = Fraction(1, 5)


@dataclass(frozen=True)
class Wear:
    """Counts of questions: all that the quiz may ask, seen with the answer by somebody of ``takers``, worn out."""

    takers: int
    questions: int
    seen: int
    worn_out: int


def takers(quiz: Quiz, on: date) -> QuerySet[User]:
    """Who may come to sit the quiz next: entered for a session that is still to come, on the way to a level that asks
    for it, or in the middle of a course that places it. Whoever works here."""
    entered = Candidate.objects.filter(
        session__quiz=quiz, session__cancelled_at=None, session__ends_at__date__gte=on, attempt=None
    )
    people = Q(pk__in=entered.values("person"))
    for found in takers_of(quiz, on):
        people |= Q(pk__in=found.values("pk"))
    return User.objects.filter(people, is_active=True)


def asked_questions(quiz: Quiz) -> QuerySet[Question]:
    """The published questions that a paper of the quiz may hold."""
    slots = quiz.slots.all()
    named = {slot.question_id for slot in slots if slot.question_id}
    return drawable().filter(Q(pk__in=named) | Q(category__in={slot.category_id for slot in slots if slot.category_id}))


def worn_questions(*, quiz: Quiz, on: date) -> tuple[int, dict[int, int]]:
    """How many may sit it next, and how many of them have seen each question with its answer; by question, where any has."""
    people = takers(quiz, on)
    shown = Exposure.objects.filter(
        question__in=asked_questions(quiz).values("pk"), key_first_at__isnull=False, person__in=people.values("pk")
    )
    return people.count(), dict(shown.order_by().values_list("question").annotate(Count("pk")))


def wear_of(*, quiz: Quiz, on: date) -> Wear:
    """Four queries and those of the floors above, whatever the number of people."""
    pool = set(asked_questions(quiz).values_list("pk", flat=True))
    count, by_question = worn_questions(quiz=quiz, on=on)
    worn = sum(seen > WORN_OUT * count for seen in by_question.values())
    return Wear(takers=count, questions=len(pool), seen=len(by_question), worn_out=worn)


def wear_words(wear: Wear) -> str:
    """What publishing says of it; nothing while nobody is on the way to the quiz or nobody has seen an answer."""
    if not wear.takers or not wear.seen:
        return ""
    return _(
        "Of the %(questions)s questions that this exam may ask, %(seen)s were seen with their answers by somebody who may "
        "sit it next (%(takers)s people). %(worn)s are worn out: more than %(share)s%% of these people have seen them."
    ) % {
        "questions": wear.questions,
        "seen": wear.seen,
        "takers": wear.takers,
        "worn": wear.worn_out,
        "share": int(WORN_OUT * 100),
    }
