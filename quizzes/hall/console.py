"""The invigilator's console: who is in, how far, how long, what was noticed; and what may be done about it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Func, IntegerField, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation, refuse_nothing_ticked
from academy.journal import record, register_action
from academy.models import Role, User
from academy.staff.access import branches_visible_to, roles_of
from academy.staff.sign_in_limits import locked_people, unlock_sign_in
from quizzes.attempts import advance_attempt, end_attempt, give_minutes, is_due, reopen_attempt, reopening_refusal
from quizzes.attempts.proof import result_fact
from quizzes.hall.results import rule_seat, seat_refusal
from quizzes.hall.seating import ARRANGERS
from quizzes.models import OPEN_STATES, Answer, Attempt, Candidate, ExamSession, HallAct, IntegrityNote, SpecialResult

Kind, State = HallAct.Kind, Attempt.State

MINUTES = register_action("quizzes.give_minutes", gettext_lazy("Minutes given"))
REOPEN = register_action("quizzes.reopen_attempt", gettext_lazy("Paper reopened"))
END = register_action("quizzes.end_attempt", gettext_lazy("Paper ended"))
NOTE = register_action("quizzes.hall_note", gettext_lazy("Note of the invigilator"))
MESSAGE = register_action("quizzes.hall_message", gettext_lazy("Message of the invigilator"))

# A session is looked after from this long before its start until this long after its end.
BEFORE, AFTER = timedelta(days=30), timedelta(days=7)
MOST_MINUTES = 240
# What takes a paper or a chance away, or gives one back, is asked for once more, naming whom.
ASKED_FIRST = (Kind.END, Kind.ABSENT, Kind.REOPEN)
# Who has not saved for this long is worth a look.
QUIET = timedelta(minutes=5)


def sessions_for(user: User, now: datetime) -> QuerySet[ExamSession]:
    """The sessions whose console the person may open.

    An invigilator's own, while the role holds for the session's branch; all of their part of the bank for HR. The
    invigilator acts until a week after its end (``may_act``) and reads it from then on.
    """
    today = local_day(now)
    if user.is_superuser:
        return ExamSession.objects.all()
    watched = branches_visible_to(user, today, [Role.INVIGILATOR])
    answered_for = branches_visible_to(user, today, (*ARRANGERS, Role.AUDITOR))
    return ExamSession.objects.filter(
        Q(branch__in=answered_for.values("pk"))
        | Q(
            pk__in=user.invigilated_sessions.values("pk"),
            branch__in=watched.values("pk"),
            starts_at__lte=now + BEFORE,
        )
    )


def may_act(*, user: User, session: ExamSession, now: datetime) -> bool:
    """An auditor looks on, and so does an invigilator a week after the end; everybody else who may open it may act."""
    held = roles_of(user, local_day(now))
    acting = any(role in held for role in ARRANGERS) or user.is_superuser
    acting = acting or (Role.INVIGILATOR in held and session.ends_at >= now - AFTER)
    return acting and session.cancelled_at is None


@dataclass(frozen=True)
class CandidateRow:
    """One candidate on the console."""

    candidate: Candidate
    person: User
    attempt: Attempt | None
    result: SpecialResult | None
    state: str
    label: Any
    answered: int
    total: int
    saved_at: datetime | None
    left: timedelta | None
    notes: tuple[tuple[Any, int], ...] = ()
    # From when the person can sign in again, where wrong passwords were typed for them.
    locked_until: datetime | None = None

    @property
    def minutes_left(self) -> int | None:
        return None if self.left is None else max(0, int(self.left.total_seconds()) // 60)

    # For how many minutes nothing was saved, where that is worth a look.
    quiet_for: int | None = None


@dataclass(frozen=True)
class Board:
    """The whole console at a moment."""

    lines: tuple[CandidateRow, ...]
    counts: dict[str, int] = field(default_factory=dict)


class PaperLength(Func):
    """How many questions a paper has, counted by the database: papers stay where they are."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_array_length", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="jsonb_array_length", **context)


def board_of(session: ExamSession, now: datetime) -> Board:
    """Four queries, whether there is one candidate or two hundred."""
    answers = Answer.objects.filter(attempt=OuterRef("attempt")).order_by().values("attempt")
    candidates = list(
        Candidate.objects.filter(session=session)
        .select_related("person", "attempt")
        .defer("attempt__paper")
        .annotate(
            total=PaperLength("attempt__paper"),
            answered=Coalesce(
                Subquery(
                    answers.annotate(n=Count("pk", filter=Q(response__isnull=False))).values("n"),
                    output_field=IntegerField(),
                ),
                0,
            ),
            saved_at=Subquery(answers.annotate(last=Max("saved_at", filter=Q(response__isnull=False))).values("last")),
        )
        .order_by("seat", "person__staff_number")
    )
    results = {
        special_result.candidate_id: special_result
        for special_result in SpecialResult.objects.filter(candidate__session=session, withdrawn_at=None)
    }
    notes: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    integrity_notes = IntegrityNote.objects.filter(attempt__candidate__session=session).order_by("kind")
    for attempt, kind, count in integrity_notes.values_list("attempt", "kind").annotate(n=Count("pk")):
        notes[attempt].append((IntegrityNote.Kind(kind).label, count))
    locked = locked_people([candidate.person_id for candidate in candidates], now)
    lines = tuple(
        _line(
            candidate,
            results.get(candidate.pk),
            notes.get(candidate.attempt_id or 0, []),
            now,
            locked.get(candidate.person_id),
        )
        for candidate in candidates
    )
    return Board(lines, dict(Counter(line.state for line in lines)))


def _line(
    candidate: Any,
    result: SpecialResult | None,
    notes: list[tuple[Any, int]],
    now: datetime,
    locked_until: datetime | None,
) -> CandidateRow:
    attempt = candidate.attempt
    state, label = state_of(attempt=attempt, result=result)
    writing = attempt is not None and attempt.state in OPEN_STATES
    left = attempt.deadline - now if writing and attempt.deadline else None
    last = candidate.saved_at or (attempt.started_at if attempt else None)
    return CandidateRow(
        candidate=candidate,
        person=candidate.person,
        attempt=attempt,
        result=result,
        state=state,
        label=label,
        answered=candidate.answered,
        total=candidate.total or 0,
        saved_at=candidate.saved_at,
        left=left,
        notes=tuple(notes),
        locked_until=locked_until,
        quiet_for=int((now - last).total_seconds()) // 60
        if writing and candidate.answered < (candidate.total or 0) and last is not None and now - last > QUIET
        else None,
    )


def is_meant(candidate: Candidate, whom: str, picked: set[int], ruled: set[int]) -> bool:
    """Whether an act is for this candidate: ticked, everybody who writes, or everybody who is not in and about whom nothing
    is decided (``ruled``). Pure."""
    if whom == "room":
        return False
    if whom == "writing":
        return candidate.attempt is not None and candidate.attempt.state in OPEN_STATES
    if whom == "out":
        return candidate.attempt is None and candidate.pk not in ruled
    return candidate.pk in picked


def fits(kind: str, candidate: Candidate, now: datetime) -> bool:
    """Whether an act that is asked for once more can be of this candidate, so that nobody confirms what is refused then."""
    if kind == Kind.END:
        return candidate.attempt is not None and candidate.attempt.state in OPEN_STATES
    if kind == Kind.REOPEN:
        return candidate.attempt is not None and reopening_refusal(attempt=candidate.attempt) is None
    standing = candidate.special_results.filter(withdrawn_at=None).first()
    ruling = SpecialResult.Kind.ABSENT
    return seat_refusal(kind=ruling, candidate=candidate, standing=standing, now=now) is None


def state_of(*, attempt: Attempt | None, result: SpecialResult | None) -> tuple[str, Any]:
    """The state in a word for the page's colours, and in words. Pure."""
    if result is not None:
        return "ruled", result.get_kind_display()
    if attempt is None or attempt.state == State.NOT_STARTED:
        return "out", pgettext("candidate", "Not started")
    if attempt.state in OPEN_STATES:
        return "in", attempt.get_state_display()
    if attempt.state == State.ABANDONED:
        return "gone", attempt.get_state_display()
    return "done", attempt.get_closed_by_display() or attempt.get_state_display()


@dataclass(frozen=True)
class Outcome:
    """What an act did: to whom, and for whom it did not work and why. ``again``: it was done before."""

    reached: tuple[Candidate, ...] = ()
    refused: tuple[tuple[Candidate, str], ...] = ()
    again: bool = False

    @property
    def done(self) -> int:
        return len(self.reached)


@transaction.atomic
def act(
    *,
    session: ExamSession,
    kind: str,
    candidates: Sequence[Candidate],
    token: UUID,
    reason: str,
    actor: User,
    now: datetime,
    minutes: int = 0,
) -> Outcome:
    """One act on one, several or all candidates. The form's token makes a double click one act.

    Raises ``RuleViolation`` without a reason, candidates or sensible minutes; a candidate to whom it does not apply is
    named in the outcome, and the others get it.
    """
    reason = reason.strip()[:500]
    if kind not in Kind.values:
        raise RuleViolation(_("This action is not known."))
    if not reason:
        raise RuleViolation(_("A reason is needed."))
    refuse_nothing_ticked(candidates)
    if kind == Kind.MINUTES and not 1 <= minutes <= MOST_MINUTES:
        raise RuleViolation(_("Between 1 and %(most)s minutes.") % {"most": MOST_MINUTES})
    if kind == Kind.REOPEN and not 0 <= minutes <= MOST_MINUTES:
        raise RuleViolation(_("Between 1 and %(most)s minutes.") % {"most": MOST_MINUTES})
    done_act, created = HallAct.objects.get_or_create(
        session=session,
        token=token,
        defaults={"kind": kind, "minutes": minutes, "reason": reason, "at": now, "actor": actor},
    )
    if not created:
        return Outcome(tuple(done_act.candidates.all()), again=True)
    reached, refused = [], []
    for candidate in candidates:
        try:
            with transaction.atomic():
                _ACTS[kind](candidate, minutes, reason, actor, now)
        except RuleViolation as violation:
            refused.append((candidate, str(violation.message)))
        else:
            reached.append(candidate)
    if not reached:
        # Nothing was done, so nothing stands in the hall's log as done.
        done_act.delete()
        return Outcome((), tuple(refused))
    done_act.candidates.set(reached)
    return Outcome(tuple(reached), tuple(refused))


def _open_paper(candidate: Candidate, now: datetime) -> Attempt:
    """The paper as it stands now; one whose time has run out meanwhile is closed first."""
    if candidate.attempt is None:
        raise RuleViolation(_("This person has not begun."))
    if is_due(candidate.attempt, now):
        return advance_attempt(attempt=candidate.attempt, now=now, online=False)
    return candidate.attempt


def _give(candidate: Candidate, minutes: int, reason: str, actor: User, now: datetime) -> None:
    paper = _open_paper(candidate, now)
    before = paper.deadline
    after = give_minutes(attempt=paper, minutes=minutes, now=now)
    record(
        MINUTES,
        now=now,
        actor=actor,
        about=paper,
        person=candidate.person,
        reason=reason,
        before={"until": before},
        after={"until": after.deadline, "minutes": minutes},
        fact=result_fact(after),
    )


def _late(paper: Attempt, now: datetime) -> int:
    """Minutes are counted from now: the end of a paper that ran out lies in the past by so many."""
    over = int((now - paper.deadline).total_seconds()) if paper.deadline is not None else 0
    return max(0, -(-over // 60))


def goes_on_until(paper: Attempt, minutes: int, now: datetime) -> datetime | None:
    """Until when a paper can be answered if it is opened again with these minutes; None without an end."""
    return None if paper.deadline is None else paper.deadline + timedelta(minutes=minutes + _late(paper, now))


def _reopen(candidate: Candidate, minutes: int, reason: str, actor: User, now: datetime) -> None:
    if candidate.attempt is None:
        raise RuleViolation(_("This person has not begun."))
    paper = candidate.attempt
    before = {"state": paper.state, "until": paper.deadline}
    after = reopen_attempt(attempt=paper, now=now, minutes=minutes + _late(paper, now))
    record(
        REOPEN,
        now=now,
        actor=actor,
        about=paper,
        person=candidate.person,
        reason=reason,
        before=before,
        after={"state": after.state, "until": after.deadline},
        fact=result_fact(after),
    )


def _end(candidate: Candidate, minutes: int, reason: str, actor: User, now: datetime) -> None:
    paper = _open_paper(candidate, now)
    if paper.state not in OPEN_STATES:
        raise RuleViolation(_("This paper is not in progress."))
    after = end_attempt(attempt=paper, now=now)
    record(
        END,
        now=now,
        actor=actor,
        about=paper,
        person=candidate.person,
        reason=reason,
        before={"state": paper.state},
        after={"state": after.state},
    )


def _absent(candidate: Candidate, minutes: int, reason: str, actor: User, now: datetime) -> None:
    rule_seat(kind=SpecialResult.Kind.ABSENT, candidate=candidate, reason=reason, actor=actor, now=now)


def _note(candidate: Candidate, minutes: int, reason: str, actor: User, now: datetime) -> None:
    record(NOTE, now=now, actor=actor, about=candidate, person=candidate.person, reason=reason)


def _message(candidate: Candidate, minutes: int, reason: str, actor: User, now: datetime) -> None:
    """The words stand in the act; the open page of the paper asks for them (``quizzes.hall.messages``)."""
    if _open_paper(candidate, now).state not in OPEN_STATES:
        raise RuleViolation(_("This paper is not in progress."))
    record(MESSAGE, now=now, actor=actor, about=candidate, person=candidate.person, reason=reason)


def _unlock(candidate: Candidate, minutes: int, reason: str, actor: User, now: datetime) -> None:
    if not unlock_sign_in(person=candidate.person, actor=actor, reason=reason, now=now):
        raise RuleViolation(_("No wrong password was typed for this person."))


_ACTS: dict[str, Callable[[Candidate, int, str, User, datetime], None]] = {
    Kind.MINUTES: _give,
    Kind.REOPEN: _reopen,
    Kind.END: _end,
    Kind.ABSENT: _absent,
    Kind.NOTE: _note,
    Kind.MESSAGE: _message,
    Kind.UNLOCK: _unlock,
}
