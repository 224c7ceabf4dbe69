"""Closing an attempt: handed in, run out of time, ended by the invigilator; and the steps back from there.

Every function locks the attempt's row first, so that a page, a second page and the clock never close it twice.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.models import Proposal
from academy.notices.inbox import notify, register_notice
from quizzes.attempts.answers import hand_on_answers, write_marks
from quizzes.attempts.checking import earned_fraction, wrong_tries
from quizzes.attempts.saving import ONLINE_SLACK
from quizzes.attempts.settling import settle
from quizzes.grading.marks import SlotResult, grade_paper, slot_mark, stored_share
from quizzes.grading.papers import ANSWERS, paper_slots
from quizzes.models import OPEN_STATES, Answer, Attempt, Quiz
from quizzes.rules.timeouts import Step, timeout_step
from quizzes.types import question_type

State = Attempt.State
OVERDUE_NOTICE = register_notice(
    "quizzes.overdue",
    title=gettext_lazy("Time over: hand in %(quiz)s"),
    text=gettext_lazy("Answers are closed. Hand the paper in within %(minutes)s minutes, or it does not count."),
    icon="time",
    required=True,
    urgent=True,
)


def is_due(attempt: Attempt, now: datetime) -> bool:
    """True when a moment of the time-out rules has passed, slack for slow lines included."""
    return attempt.check_at is not None and now > attempt.check_at + ONLINE_SLACK


@transaction.atomic
def advance_attempt(*, attempt: Attempt, now: datetime, online: bool) -> Attempt:
    """Takes the steps that are due. Idempotent. ``online``: called by a page of the learner, not by the clock."""
    locked = _locked(attempt)
    _run_out(locked, now, online)
    return locked


@transaction.atomic
def submit_attempt(*, attempt: Attempt, now: datetime) -> Attempt:
    """Closes and grades. Idempotent: the first submit is the result. What follows is ``follow_up``'s.

    A hand-in that comes too late is none: the time-out rule decides, as if the clock had found the attempt.
    """
    locked = _locked(attempt)
    submit_locked(locked=locked, now=now)
    return locked


def submit_locked(*, locked: Attempt, now: datetime) -> None:
    """The same for a paper that the caller has locked and read, with its quiz, in this transaction."""
    _run_out(locked, now, online=False)
    if locked.state in OPEN_STATES:
        _close(locked, now, now, Attempt.ClosedBy.LEARNER)


@transaction.atomic
def end_attempt(*, attempt: Attempt, now: datetime) -> Attempt:
    """Ends an open attempt for the learner, with what is stored. The caller journals who and why."""
    locked = _locked(attempt)
    if locked.state in OPEN_STATES:
        _close(locked, now, now, Attempt.ClosedBy.STAFF)
    return locked


@transaction.atomic
def give_minutes(*, attempt: Attempt, minutes: int, now: datetime) -> Attempt:
    """Moves the end of an open attempt; one whose time had run out can be answered again. The caller journals it."""
    locked = _locked(attempt)
    if locked.state not in OPEN_STATES:
        raise RuleViolation(_("This paper is not in progress."))
    if locked.deadline is None:
        raise RuleViolation(_("This paper has no end."))
    locked.extra_minutes += minutes
    locked.deadline += timedelta(minutes=minutes)
    if locked.state == State.OVERDUE and now < locked.deadline:
        locked.state = State.IN_PROGRESS
    locked.check_at = _step(locked, now, online=True).check_at or locked.deadline
    locked.save(update_fields=["extra_minutes", "deadline", "state", "check_at"])
    return locked


@transaction.atomic
def reopen_attempt(*, attempt: Attempt, now: datetime, minutes: int = 0) -> Attempt:
    """A closed attempt goes on; where its end, later by ``minutes``, is past, it is handed in as of the end.

    One that passed stays closed, and so does one of whose marks two people have decided. The caller journals who and why.
    """
    locked = _locked(attempt)
    refusal = reopening_refusal(attempt=locked)
    if refusal:
        raise RuleViolation(refusal)
    if Attempt.objects.open().filter(quiz=locked.quiz_id, learner=locked.learner_id).exists():
        raise RuleViolation(_("This person has another paper open."))
    locked.state, locked.finished_at, locked.closed_by = State.IN_PROGRESS, None, ""
    locked.mark = locked.passed = locked.released_at = locked.followed_up_at = locked.result_told_at = None
    if locked.deadline is not None:
        locked.extra_minutes += minutes
        locked.deadline += timedelta(minutes=minutes)
    locked.check_at = locked.deadline
    locked.save(
        update_fields=[
            "state",
            "finished_at",
            "closed_by",
            "extra_minutes",
            "deadline",
            "check_at",
            "mark",
            "passed",
            "released_at",
            "followed_up_at",
            "result_told_at",
        ]
    )
    if locked.deadline is not None and now >= locked.deadline:
        _close(locked, now, locked.deadline, Attempt.ClosedBy.TIME)
    return locked


def reopening_refusal(*, attempt: Attempt) -> str | None:
    """Why a paper cannot be opened again, or None. What may have led to a certificate is not undone by a click."""
    if attempt.state not in (State.ABANDONED, State.SUBMITTED, State.FINISHED):
        return _("Only a closed paper can be opened again.")
    if attempt.annulled_at is not None:
        return _("The mark of this paper was taken away; take that back first.")
    if attempt.passed and attempt.released_at is not None:
        return _("This paper is passed and its result is out; it stays closed.")
    if _has_changed_marks(attempt):
        return _("A mark of this paper was changed by a decision, which opening it again would undo; it stays closed.")
    return None


def _has_changed_marks(attempt: Attempt) -> bool:
    """Whether a mark was changed as ``quizzes.marking.changes`` does it, which imports this module."""
    answers = list(attempt.answers.values_list("pk", flat=True))
    done = Proposal.objects.filter(state__in=[Proposal.State.APPROVED, Proposal.State.ALONE])
    return done.filter(action="quizzes.change_mark", facts__answer__in=answers).exists()


def _locked(attempt: Attempt) -> Attempt:
    return Attempt.objects.select_for_update(of=("self",)).select_related("quiz").get(pk=attempt.pk)


def _step(locked: Attempt, now: datetime, online: bool) -> Step:
    return timeout_step(
        state=locked.state,
        end=locked.deadline,
        now=now,
        time_out=locked.time_out,
        grace=timedelta(minutes=locked.grace_minutes),
        online=online,
    )


def _run_out(locked: Attempt, now: datetime, online: bool) -> None:
    """Takes step after step: a clock that stood still may find the end and the end of the grace passed at once."""
    while is_due(locked, now):
        step = _step(locked, now, online)
        if step.state == State.FINISHED:
            _close(locked, now, step.closed_at or now, Attempt.ClosedBy.TIME)
        elif step.state == State.ABANDONED:
            locked.state, locked.check_at, locked.finished_at = State.ABANDONED, None, step.closed_at
            locked.closed_by = Attempt.ClosedBy.TIME
            locked.save(update_fields=["state", "check_at", "finished_at", "closed_by"])
        else:
            if step.state == State.OVERDUE and locked.state != State.OVERDUE:
                _tell_overdue(locked, now)
            locked.state, locked.check_at = step.state, step.check_at
            locked.save(update_fields=["state", "check_at"])


def _tell_overdue(locked: Attempt, now: datetime) -> None:
    notify(
        person=locked.learner,
        kind=OVERDUE_NOTICE,
        event=str(locked.uuid),
        now=now,
        facts={"quiz": locked.quiz.titles, "minutes": locked.grace_minutes},
        path=locked.get_absolute_url(),
    )


def _close(locked: Attempt, now: datetime, closed_at: datetime, by: str) -> None:
    """Grades what a machine can grade; the rest waits for a person, and so does the result."""
    answers = {answer.slot: answer for answer in ANSWERS.rows(attempt=locked.pk)}
    slots = paper_slots(locked)
    by_person = {
        slot.slot
        for slot in slots
        if question_type(slot.question.type).marked_by_person
        and slot.slot in answers
        and answers[slot.slot].response is not None
    }
    responses = {slot: answer.response for slot, answer in answers.items() if slot not in by_person}
    score = grade_paper(slots, responses)
    rows = []
    for place, result in zip(locked.paper, score.slots, strict=True):
        answer = answers.get(place["slot"]) or Answer(
            attempt=locked, slot=place["slot"], version_id=place["version"], saved_at=now
        )
        if place["slot"] in by_person:
            answer.fraction = answer.mark = None
        else:
            answer.fraction, answer.mark = _earned(locked, answer, result)
        rows.append(answer)
    write_marks(rows)
    hand_on_answers(locked, rows)
    locked.finished_at, locked.closed_by, locked.check_at = closed_at, by, None
    settle(locked, rows, score.max_mark, now)


def _earned(locked: Attempt, answer: Answer, result: SlotResult) -> tuple[Decimal, Decimal]:
    """The share of the mark and the mark; with hints each wrong try before has cost its share."""
    share, mark = result.grade.fraction, result.mark
    if locked.behaviour == Quiz.Behaviour.INTERACTIVE and answer.tries:
        share = earned_fraction(fraction=share, wrong_tries=wrong_tries(answer), penalty=locked.quiz.hint_penalty)
        mark = slot_mark(share, result.max_mark)
    return stored_share(share), mark
