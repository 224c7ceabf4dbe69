"""A marker's mark of an answer. The last one of a paper makes its result, and what follows from it follows."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import notify, register_notice
from quizzes.attempts import finish_marking
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import place_of
from quizzes.grading.marks import slot_mark
from quizzes.marking.queue import fractions_of, holds
from quizzes.marking.settling import settled
from quizzes.models import Answer, Attempt, Marking, MarkingLease

MARK = register_action("quizzes.mark_answer", gettext_lazy("Answer marked"))
MARKED = register_notice(
    "quizzes.paper_marked",
    title=gettext_lazy("%(quiz)s is marked"),
    text=gettext_lazy("Your result is there, with the marker's comments."),
    icon="check",
)


def marking_refusal(*, answer: Answer, marker: User, now: datetime) -> str | None:
    """Why the marker may not mark this answer now, or None."""
    if answer.attempt.learner_id == marker.pk:
        return _("Nobody marks their own paper.")
    if answer.attempt.state != Attempt.State.SUBMITTED or answer.mark is not None:
        return _("This answer is marked already.")
    if answer.markings.filter(marker=marker).exists():
        return _("You have marked this answer. Another marker has to look at it.")
    if not holds(answer=answer, marker=marker, now=now):
        return _("You no longer hold this answer. Take the next one.")
    return None


def give_mark(
    *, answer: Answer, marker: User, fraction: Decimal, chosen: dict[str, Any], comment: str, now: datetime
) -> Attempt:
    """Keeps the mark; with the last one needed it counts. Raises ``RuleViolation``.

    What follows from a finished paper runs in a transaction of its own, as after a hand-in.
    """
    attempt = _keep(answer, marker, fraction, chosen, comment, now)
    if attempt.state == Attempt.State.FINISHED:
        follow_up(attempt=attempt, now=now)
    return attempt


@transaction.atomic
def _keep(
    answer: Answer, marker: User, fraction: Decimal, chosen: dict[str, Any], comment: str, now: datetime
) -> Attempt:
    attempt = (
        Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "learner").get(pk=answer.attempt_id)
    )
    answer = Answer.objects.get(pk=answer.pk)
    answer.attempt = attempt
    refusal = marking_refusal(answer=answer, marker=marker, now=now)
    if refusal:
        raise RuleViolation(refusal)
    given = fractions_of(answer)
    marking = Marking.objects.create(
        answer=answer,
        number=len(given) + 1,
        marker=marker,
        fraction=fraction,
        chosen=chosen,
        comment=comment,
        marked_at=now,
    )
    MarkingLease.objects.filter(answer=answer).delete()
    quiz = attempt.quiz
    final = settled([*given, fraction], markers=quiz.markers, tolerance=quiz.marking_tolerance / 100)
    record(
        MARK,
        now=now,
        actor=marker,
        about=marking,
        person=attempt.learner,
        after={
            "attempt": str(attempt.uuid),
            "slot": answer.slot,
            "fraction": str(fraction),
            "counts": final is not None,
        },
    )
    if final is None:
        return attempt
    answer.fraction = final
    answer.mark = slot_mark(final, place_of(attempt, answer.slot)["mark"])
    answer.save(update_fields=["fraction", "mark"])
    finished = finish_marking(attempt=attempt, now=now)
    finished.learner = attempt.learner
    if finished.is_released:
        tell_marked(attempt=finished, now=now)
    return finished


def tell_marked(*, attempt: Attempt, now: datetime) -> None:
    """The learner's notice. Once."""
    notify(
        person=attempt.learner,
        kind=MARKED,
        event=f"marked:{attempt.uuid}",
        now=now,
        facts={"quiz": attempt.quiz.titles or attempt.quiz.code},
        path=attempt.get_absolute_url(),
    )
