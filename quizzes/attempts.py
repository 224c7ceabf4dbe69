"""An attempt from start to hand-in. Nothing that was receipted is lost; a double submit is one result."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.doors import Ground, grounds_for
from academy.errors import RuleViolation
from academy.models import User
from quizzes.grading import grade_paper, passes
from quizzes.models import Answer, Attempt, KeptAnswer, Quiz
from quizzes.papers import draw_paper, paper_slots
from quizzes.types import Response

# A submit or save may arrive this late because the network or the server was slow.
ONLINE_SLACK = timedelta(seconds=30)


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


@dataclass(frozen=True)
class Receipt:
    """What became of a saved answer: ``saved``, ``older``, ``late`` or ``closed``."""

    status: str
    slot: int
    sequence: int
    saved_at: datetime


# Inside one tab the tab's counter orders answers; between tabs the time of arrival does.
UPSERT = """
INSERT INTO quizzes_answer (attempt_id, slot, version_id, tab, sequence, saved_at, response, flagged)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (attempt_id, slot) DO UPDATE SET
    tab = excluded.tab, sequence = excluded.sequence, saved_at = excluded.saved_at, response = excluded.response
WHERE quizzes_answer.tab <> excluded.tab OR quizzes_answer.sequence < excluded.sequence
"""


def save_answer(*, attempt: Attempt, slot: int, response: Response, tab: str, sequence: int, now: datetime) -> Receipt:
    """Stores an answer by one conditional upsert. Too late or older ones are kept beside it, without marks."""
    place = place_of(attempt, slot)
    late = attempt.deadline is not None and now > attempt.deadline + ONLINE_SLACK
    if attempt.state != Attempt.State.IN_PROGRESS or late:
        _keep(attempt, slot, response, KeptAnswer.Why.LATE, tab, sequence, now)
        return Receipt("late" if late else "closed", slot, sequence, now)
    if not _upsert(attempt, place, response, tab, sequence, now):
        stored = Answer.objects.get(attempt=attempt, slot=slot)
        if stored.sequence == sequence and stored.tab == tab:
            return Receipt("saved", slot, sequence, stored.saved_at)
        _keep(attempt, slot, response, KeptAnswer.Why.OLDER, tab, sequence, now)
        return Receipt("older", slot, sequence, now)
    return Receipt("saved", slot, sequence, now)


def _upsert(
    attempt: Attempt, place: dict[str, Any], response: Response, tab: str, sequence: int, now: datetime
) -> bool:
    fields = {field.name: field for field in Answer._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            [
                attempt.pk,
                place["slot"],
                place["version"],
                tab,
                sequence,
                fields["saved_at"].get_db_prep_value(now, connection),
                None if response is None else fields["response"].get_db_prep_save(response, connection),
                False,
            ],
        )
        return cursor.rowcount > 0


def _keep(attempt, slot, response, why, tab, sequence, now) -> None:
    KeptAnswer.objects.create(
        attempt=attempt, slot=slot, response=response, why=why, tab=tab, sequence=sequence, received_at=now
    )


def set_flag(*, attempt: Attempt, slot: int, flagged: bool, now: datetime) -> None:
    """Marks a question to look at again; says nothing about its answer."""
    place = place_of(attempt, slot)
    if attempt.state != Attempt.State.IN_PROGRESS:
        return
    Answer.objects.bulk_create(
        [Answer(attempt=attempt, slot=slot, version_id=place["version"], flagged=flagged, saved_at=now)],
        update_conflicts=True,
        unique_fields=["attempt", "slot"],
        update_fields=["flagged"],
    )


def place_of(attempt: Attempt, slot: int) -> dict[str, Any]:
    """The paper's place. Raises ``LookupError`` for a slot that is not on it."""
    for place in attempt.paper:
        if place["slot"] == slot:
            return place
    raise LookupError(slot)


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
