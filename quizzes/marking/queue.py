"""What waits for markers, question by question, and the next answer under a lease."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.query import QuerySet

from academy.models import User
from quizzes.models import Answer, Attempt, Marking, MarkingLease, Question, Quiz
from quizzes.types import MARKED_BY_PERSON

# A marker who goes to lunch does not keep an answer from the others.
LEASE = timedelta(minutes=30)


def waiting_answers() -> QuerySet[Answer]:
    """Answers of closed papers whose mark a person has to give, oldest paper first."""
    return Answer.objects.filter(
        attempt__state=Attempt.State.SUBMITTED, mark=None, version__type__in=MARKED_BY_PERSON
    ).order_by("attempt__finished_at", "pk")


def markable_by(marker: User) -> QuerySet[Answer]:
    """What this marker may mark: nothing of their own, nothing they have marked already."""
    done = Marking.objects.filter(answer=OuterRef("pk"), marker=marker)
    return waiting_answers().exclude(attempt__learner=marker).exclude(Exists(done))


@dataclass(frozen=True)
class QueueLine:
    """A question and how many of its answers wait."""

    question: Question
    quiz: str
    waiting: int
    mine: int
    in_hand: int
    oldest: datetime | None


def queue_lines(*, marker: User, now: datetime) -> list[QueueLine]:
    """The queue: one line a question and quiz, the longest waiting first. Four queries."""
    held = MarkingLease.objects.filter(answer=OuterRef("pk"), until__gt=now)
    answers = waiting_answers().annotate(held=Exists(held)).order_by()
    mine = set(markable_by(marker).order_by().values_list("pk", flat=True))
    found: dict[tuple[int, int], list] = {}
    rows = answers.values_list("version__question", "attempt__quiz", "pk", "held", "attempt__finished_at")
    for question, quiz, pk, in_hand, closed in rows:
        found.setdefault((question, quiz), []).append((pk, in_hand, closed))
    questions = Question.objects.in_bulk({question for question, _quiz in found})
    quizzes = Quiz.objects.in_bulk({quiz for _question, quiz in found})
    lines = [
        QueueLine(
            question=questions[question],
            quiz=quizzes[quiz].local_title,
            waiting=len(entries),
            mine=sum(pk in mine for pk, _held, _closed in entries),
            in_hand=sum(bool(in_hand) for _pk, in_hand, _closed in entries),
            oldest=min((closed for _pk, _held, closed in entries if closed), default=None),
        )
        for (question, quiz), entries in found.items()
    ]
    return sorted(lines, key=lambda line: (line.oldest is None, line.oldest, line.question.pk))


def take_next(*, question: Question, marker: User, now: datetime) -> Answer | None:
    """The answer of this question that the marker holds already, or the next free one, taken under a lease.

    None when nothing is left. Two markers never get the same one: the lease's row is unique, and a lease that ran
    out is taken over by one conditional update.
    """
    mine = markable_by(marker).filter(version__question=question)
    standing = mine.filter(lease__marker=marker).first()
    if standing is not None:
        MarkingLease.objects.filter(answer=standing, marker=marker).update(until=now + LEASE)
        return standing
    free = mine.filter(Q(lease=None) | Q(lease__until__lte=now) | Q(lease__until__gt=now + LEASE)).annotate(
        given=Count("markings")
    )
    # What another has marked comes first, so that papers are finished rather than begun.
    for answer in free.order_by("-given", "attempt__finished_at", "pk")[:20]:
        if _lease(answer, marker, now):
            return answer
    return None


def _lease(answer: Answer, marker: User, now: datetime) -> bool:
    # A lease longer than any that is given now was given by a clock that has jumped back since.
    ran_out = MarkingLease.objects.filter(Q(until__lte=now) | Q(until__gt=now + LEASE), answer=answer)
    if ran_out.update(marker=marker, until=now + LEASE):
        return True
    try:
        with transaction.atomic():
            MarkingLease.objects.create(answer=answer, marker=marker, until=now + LEASE)
    except IntegrityError:
        return False
    return True


def put_back(*, answer: Answer, marker: User) -> None:
    """Frees an answer for the others. Idempotent."""
    MarkingLease.objects.filter(answer=answer, marker=marker).delete()


def holds(*, answer: Answer, marker: User, now: datetime) -> bool:
    return MarkingLease.objects.filter(answer=answer, marker=marker, until__gt=now).exists()


def fractions_of(answer: Answer) -> list:
    """What was given so far, in order."""
    return list(answer.markings.order_by("number").values_list("fraction", flat=True))
