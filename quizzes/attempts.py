"""An attempt from start to hand-in. Nothing that was receipted is lost; a double submit is one result."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.doors import Ground, grounds_for
from academy.errors import RuleViolation
from academy.models import User
from quizzes.grading import grade_paper, passes
from quizzes.models import Answer, Attempt, Quiz
from quizzes.papers import draw_paper, paper_slots
from quizzes.saving import ONLINE_SLACK


@dataclass(frozen=True)
class Chances:
    """How often a quiz was sat on one ground, and when it may be sat next."""

    used: int
    left: int | None
    next_at: datetime | None
    passed: bool


def chances(*, quiz: Quiz, attempts: Sequence[Attempt], ground: Ground) -> Chances:
    """Counts inside one occasion. Pure: ``attempts`` are the learner's attempts at the quiz."""
    mine = [attempt for attempt in attempts if attempt.occasion == ground.occasion]
    finished = [attempt.finished_at for attempt in mine if attempt.finished_at]
    left = None if quiz.attempts_allowed is None else max(0, quiz.attempts_allowed - len(mine))
    next_at = max(finished) + timedelta(minutes=quiz.wait_minutes) if finished and quiz.wait_minutes else None
    return Chances(len(mine), left, next_at, any(attempt.passed for attempt in mine))


def attempt_refusal(*, quiz: Quiz, ground: Ground, attempts: Sequence[Attempt], now: datetime) -> str | None:
    """Why the person may not start now, or None. The button shows it, the action raises it."""
    found = chances(quiz=quiz, attempts=attempts, ground=ground)
    if not quiz.live:
        return _("This quiz is offline at the moment.")
    if found.passed:
        return _("You have passed. There is nothing more to do here.")
    if ground.refusal:
        return str(ground.refusal)
    if found.left == 0:
        return _("All attempts are used. Ask your trainer or line manager.")
    if found.next_at and now < found.next_at:
        when = date_format(timezone.localtime(found.next_at), "SHORT_DATETIME_FORMAT")
        return _("The next attempt is possible from %(when)s.") % {"when": when}
    return None


def start_attempt(*, quiz: Quiz, learner: User, language: str, now: datetime, seed: int | None = None) -> Attempt:
    """Draws a paper, or gives back the open attempt. Raises ``RuleViolation`` with the reason."""
    attempts = list(Attempt.objects.filter(quiz=quiz, learner=learner))
    open_attempt = next((one for one in attempts if one.state == Attempt.State.IN_PROGRESS), None)
    if open_attempt is not None:
        return open_attempt
    grounds = grounds_for(quiz, learner)
    reason: str | None = _("There is no reason to sit this quiz.")
    for ground in grounds:
        reason = attempt_refusal(quiz=quiz, ground=ground, attempts=attempts, now=now)
        if reason is None:
            break
    if reason is not None:
        raise RuleViolation(reason)
    source = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311
    try:
        paper = draw_paper(quiz=quiz, source=source)
    except ValueError:
        raise RuleViolation(
            _("This quiz has too few questions at the moment. Your trainer has to repair it.")
        ) from None
    limit = quiz.time_limit_minutes
    try:
        with transaction.atomic():
            return Attempt.objects.create(
                quiz=quiz,
                learner=learner,
                occasion=ground.occasion,
                number=1 + sum(one.occasion == ground.occasion for one in attempts),
                language=language,
                paper=paper,
                pass_mark=quiz.pass_mark,
                max_mark=sum(Decimal(place["mark"]) for place in paper),
                started_at=now,
                deadline=now + timedelta(minutes=limit) if limit else None,
            )
    except IntegrityError:
        # A double click: the other request drew the paper.
        return Attempt.objects.get(quiz=quiz, learner=learner, state=Attempt.State.IN_PROGRESS)


def is_overdue(attempt: Attempt, now: datetime) -> bool:
    """True when the server closes it: the deadline and the slack have passed."""
    return (
        attempt.state == Attempt.State.IN_PROGRESS
        and attempt.deadline is not None
        and now > attempt.deadline + ONLINE_SLACK
    )


@transaction.atomic
def submit_attempt(*, attempt: Attempt, now: datetime) -> Attempt:
    """Closes and grades. Idempotent: the first submit is the result. What follows is ``follow_up``'s."""
    locked = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if locked.state == Attempt.State.FINISHED:
        return locked
    overdue = is_overdue(locked, now)
    answers = {answer.slot: answer for answer in locked.answers.all()}
    score = grade_paper(paper_slots(locked), {slot: answer.response for slot, answer in answers.items()})
    rows = []
    for place, result in zip(locked.paper, score.slots, strict=True):
        answer = answers.get(place["slot"]) or Answer(
            attempt=locked, slot=place["slot"], version_id=place["version"], saved_at=now
        )
        answer.fraction, answer.mark = result.grade.fraction, result.mark
        rows.append(answer)
    Answer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["attempt", "slot"],
        update_fields=["fraction", "mark"],
    )
    locked.state = Attempt.State.FINISHED
    # A late scheduler does not show extra minutes: who ran out of time finished at the deadline.
    locked.finished_at = locked.deadline if overdue else now
    locked.closed_by = Attempt.ClosedBy.TIME if overdue else Attempt.ClosedBy.LEARNER
    locked.mark, locked.max_mark = score.mark, score.max_mark
    locked.passed = passes(score.mark, score.max_mark, locked.pass_mark)
    locked.save(update_fields=["state", "finished_at", "closed_by", "mark", "max_mark", "passed"])
    return locked
