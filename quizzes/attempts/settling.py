"""From closed answers to a result: what a person still has to mark, and when the learner may know."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.requests.prepared_writes import PreparedUpdate
from quizzes.attempts.proof import record_result
from quizzes.grading.marks import passes, total_mark
from quizzes.models import Answer, Attempt, Candidate, Quiz

SETTLED = PreparedUpdate(
    Attempt,
    *("state", "finished_at", "closed_by", "check_at", "deadline", "extra_minutes"),
    *("mark", "max_mark", "passed", "released_at"),
)
# Ended in the hall, where it may be opened again: nobody releases it but the clock, once the session is over.
ENDED_IN_HALL = Q(closed_by=Attempt.ClosedBy.STAFF, candidate__isnull=False, quiz__withhold_results=False)
RELEASE = register_action("quizzes.release_results", gettext_lazy("Results released"))


@transaction.atomic
def finish_marking(*, attempt: Attempt, now: datetime) -> Attempt:
    """The result of a paper whose answers are all marked; one with marks missing stays as it is. Idempotent.

    What follows from the result is ``follow_up``'s, as after a hand-in.
    """
    locked = Attempt.objects.select_for_update(of=("self",)).select_related("quiz").get(pk=attempt.pk)
    if locked.state == Attempt.State.SUBMITTED:
        settle(locked, list(locked.answers.all()), locked.max_mark, now)
    return locked


def result_of_answers(attempt: Attempt, answers: Sequence[Answer]) -> tuple[Decimal, bool]:
    """The mark out of the answers' shares, and whether it passes: closing, marking, regrading and repairs ask here."""
    worth = {place["slot"]: place["mark"] for place in attempt.paper}
    mark = total_mark((answer.fraction, worth[answer.slot]) for answer in answers if answer.fraction is not None)
    return mark, passes(mark, attempt.max_mark, attempt.pass_mark)


def settle(locked: Attempt, answers: Sequence[Answer], max_mark: Decimal, now: datetime) -> None:
    """Writes the result of a closed attempt that the caller has locked, or that it waits for a person's marks."""
    locked.max_mark = max_mark
    if any(answer.fraction is None for answer in answers):
        locked.state = Attempt.State.SUBMITTED
    else:
        locked.state = Attempt.State.FINISHED
        locked.mark, locked.passed = result_of_answers(locked, answers)
        held = held_until(locked)
        withheld = locked.quiz.withhold_results or (held is not None and now < held)
        locked.released_at = None if withheld else now
    SETTLED.write(locked)
    if locked.state == Attempt.State.FINISHED:
        record_result(attempt=locked, now=now)


def held_until(attempt: Attempt) -> datetime | None:
    """Until when the result of a paper that the invigilator ended is not shown, as the paper may be opened again: the end of
    its session. None of any other; no query then."""
    if attempt.closed_by != Attempt.ClosedBy.STAFF:
        return None
    seats = Candidate.objects.filter(attempt=attempt.pk, session__cancelled_at=None)
    return seats.values_list("session__ends_at", flat=True).first()


def release_after_sessions(*, now: datetime) -> int:
    """The minute's pass: results of papers that were ended in the hall, once it is closed. Returns how many."""
    over = Q(candidate__session__ends_at__lte=now) | Q(candidate__session__cancelled_at__isnull=False)
    waiting = Attempt.objects.filter(ENDED_IN_HALL, over, state=Attempt.State.FINISHED, released_at=None)
    return waiting.update(released_at=now)


@transaction.atomic
def release_results(
    *, quiz: Quiz, actor: User | None, reason: str, now: datetime, people: QuerySet[User] | None = None
) -> int:
    """Lets everybody, or ``people``, know the results that are there. Returns how many; what follows is the clock's.

    Papers that are still being written or marked are released by a later call.
    """
    count = to_release(quiz=quiz, people=people).update(released_at=now)
    if not count:
        raise RuleViolation(_("No result waits for its release."))
    record(RELEASE, now=now, actor=actor, about=quiz, reason=reason, after={"results": count})
    return count


def quizzes_to_release(*, people: QuerySet[User]) -> QuerySet[Quiz]:
    """The quizzes some of whose results wait, those that waited longest first."""
    waiting = Attempt.objects.filter(
        state=Attempt.State.FINISHED, released_at=None, learner__in=people.values("pk"), quiz=OuterRef("pk")
    ).exclude(ENDED_IN_HALL)
    first = waiting.order_by("finished_at").values("finished_at")[:1]
    return Quiz.objects.filter(Exists(waiting)).order_by(Subquery(first), "pk")


def to_release(*, quiz: Quiz, people: QuerySet[User] | None = None) -> QuerySet[Attempt]:
    """Results that are there and that nobody may know yet."""
    waiting = Attempt.objects.filter(quiz=quiz, state=Attempt.State.FINISHED, released_at=None).exclude(ENDED_IN_HALL)
    return waiting if people is None else waiting.filter(learner__in=people.values("pk"))
