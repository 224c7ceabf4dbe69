"""Whose hours are recognised: only with a sign-in, and where a test is asked with a score; written when it is closed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import Entry, record, record_many, register_action
from academy.models import User
from academy.notices.inbox import register_notice
from courses.classroom.lists import Listed, line_of, people_of_lines
from courses.classroom.places import over_refusal
from courses.classroom.telling import tell
from courses.hours.ledger import credit_attendances
from courses.models import Attendance, Attendee, ClassSession, HourEntry
from quizzes.hall.seating import LineError

SCORE = register_action("courses.score_class", gettext_lazy("Score of a classroom session entered"))
CLOSE = register_action("courses.close_class", gettext_lazy("Classroom session closed"))
REVIEW = register_action("courses.review_class", gettext_lazy("Classroom session reviewed"))
CORRECT = register_action("courses.correct_attendance", gettext_lazy("Attendance corrected"))

RECOGNISED = register_notice(
    "courses.hours_recognised",
    title=gettext_lazy("Training hours: %(title)s"),
    text=gettext_lazy("Training hours entered for you: %(hours)s."),
    icon="time",
)
NOT_RECOGNISED = register_notice(
    "courses.hours_not_recognised",
    title=gettext_lazy("No training hours: %(title)s"),
    text=gettext_lazy("Your hours are not recognised. Ask the organiser if you think this is wrong."),
    icon="time",
)
Recognition = Attendance.Recognition


@dataclass(frozen=True)
class Seen:
    """What is known of one person in one session."""

    signed_in_at: datetime | None
    late: bool = False
    left_early_at: datetime | None = None
    score: Decimal | None = None
    absence_reason: str = ""
    how: str = ""

    @classmethod
    def of(cls, attendee: Attendee) -> "Seen":
        return cls(
            attendee.signed_in_at,
            attendee.late,
            attendee.left_early_at,
            attendee.score,
            attendee.absence_reason,
            attendee.signed_in_how,
        )


def recognition_of(seen: Seen, *, scored: bool, pass_score: Decimal) -> str:
    """Whether the hours count, and if not, why. The score itself is enough at the score to reach. Pure."""
    if seen.signed_in_at is None:
        return Recognition.ABSENT
    if seen.late:
        return Recognition.LATE
    if seen.left_early_at is not None:
        return Recognition.LEFT_EARLY
    if scored and seen.score is None:
        return Recognition.NO_SCORE
    if scored and seen.score is not None and seen.score < pass_score:
        return Recognition.BELOW
    return Recognition.YES


def score_of(text: str) -> Decimal | None:
    """A score out of 100 with one decimal place, None when nothing is said. Raises ``ValueError``."""
    plain = text.strip().removesuffix("分").strip()
    if not plain:
        return None
    try:
        decimal = Decimal(plain)
    except InvalidOperation:
        raise ValueError(text) from None
    if not decimal.is_finite() or not 0 <= decimal <= 100 or decimal != decimal.quantize(Decimal("0.1")):
        raise ValueError(text)
    return decimal.quantize(Decimal("0.1"))


@transaction.atomic
def enter_scores(*, session: ClassSession, text: str, actor: User, now: datetime) -> Listed:
    """Scores from a pasted list, staff number and score in each line; all of them or none. Raises ``RuleViolation``."""
    locked = ClassSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    refusal = over_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    if not locked.scored:
        raise RuleViolation(_("This session ends without a test."))
    there = {attendee.person_id: attendee for attendee in locked.attendees.seated().select_related("person")}
    people = User.objects.filter(pk__in=list(there))
    listed = people_of_lines(text, people=people)
    scores: dict[int, Decimal] = {}
    for person in listed.people:
        said = listed.rest[person.pk]
        try:
            found = score_of(said)
        except ValueError:
            found = None
        if found is None:
            line = line_of(text, person.staff_number)
            message = _("A score goes from 0 to 100, with one decimal place.")
            listed.errors.append(LineError(line, f"{person.staff_number} {said}"[:40], message))
        else:
            scores[person.pk] = found
    if listed.errors:
        listed.errors.sort(key=lambda error: error.line)
        return listed
    entries = []
    for pk, score in scores.items():
        attendee, before = there[pk], there[pk].score
        attendee.score = score
        about = f"courses.classsession:{locked.pk}"
        if before != score:
            entries.append(Entry(SCORE, about=about, person=pk, before={"score": before}, after={"score": score}))
    Attendee.objects.bulk_update([there[pk] for pk in scores], ["score"], batch_size=500)
    record_many(entries, now=now, actor=actor)
    return listed


def closing_refusal(session: ClassSession, now: datetime) -> str | None:
    """Why it cannot be closed, or None. Pure."""
    if session.cancelled_at is not None:
        return _("This session is cancelled.")
    return _("The session is not over yet.") if now < session.ends_at else None


@transaction.atomic
def close_session(*, session: ClassSession, actor: User, now: datetime) -> int:
    """Fixes the list and writes the hours of those whose hours are recognised. Idempotent. Returns how many those are.

    Raises ``RuleViolation``.
    """
    locked = ClassSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if locked.closed_at is not None:
        return locked.attendances.current().filter(recognition=Recognition.YES).count()
    refusal = closing_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    attendances = [
        _attendance(locked, attendee, Seen.of(attendee), actor, now)
        for attendee in locked.attendees.seated().select_related("person").order_by("pk")
    ]
    Attendance.objects.bulk_create(attendances, batch_size=500)
    count = credit_attendances(attendances=attendances, actor=actor, now=now)
    locked.closed_at, locked.closed_by = now, actor
    locked.save(update_fields=["closed_at", "closed_by"])
    record(
        CLOSE,
        now=now,
        actor=actor,
        about=locked,
        after={"people": len(attendances), "recognised": count, "hours": str(locked.hours)},
    )
    _tell_results(locked, attendances, now)
    return count


def _attendance(session: ClassSession, attendee: Attendee, seen: Seen, actor: User, now: datetime) -> Attendance:
    return Attendance(
        session=session,
        attendee=attendee,
        person=attendee.person,
        signed_in_at=seen.signed_in_at,
        signed_in_how=seen.how,
        left_early_at=seen.left_early_at,
        absence_reason=seen.absence_reason,
        score=seen.score,
        recognition=recognition_of(seen, scored=session.scored, pass_score=session.pass_score),
        recorded_at=now,
        recorded_by=actor,
    )


def _tell_results(session: ClassSession, attendances: list[Attendance], now: datetime) -> None:
    for kind, wanted in ((RECOGNISED, True), (NOT_RECOGNISED, False)):
        people = [
            attendance.person for attendance in attendances if (attendance.recognition == Recognition.YES) == wanted
        ]
        facts = {"hours": f"{session.hours.normalize():f}"}
        tell(session=session, people=people, kind=kind, event=f"{session.uuid}:{now.isoformat()}", now=now, facts=facts)


def review_refusal(session: ClassSession, actor: User) -> str | None:
    """Why the person cannot stand as the reviewer of a session, or None. Pure."""
    if session.closed_at is None:
        return _("The session is not closed yet.")
    if session.reviewed_at is not None:
        return _("This was reviewed already.")
    return _("Whoever closed it cannot review it.") if session.closed_by_id == actor.pk else None


@transaction.atomic
def review_session(*, session: ClassSession, actor: User, now: datetime) -> ClassSession:
    """复核: a second person stands for the list. Set once. Raises ``RuleViolation``."""
    locked = ClassSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    refusal = review_refusal(locked, actor)
    if refusal:
        raise RuleViolation(refusal)
    locked.reviewed_at, locked.reviewed_by = now, actor
    locked.save(update_fields=["reviewed_at", "reviewed_by"])
    record(REVIEW, now=now, actor=actor, about=locked)
    return locked


@transaction.atomic
def correct_attendance(*, attendance: Attendance, seen: Seen, reason: str, actor: User, now: datetime) -> Attendance:
    """After closing: the standing result and its hours are withdrawn, the right ones appended. Raises ``RuleViolation``."""
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    locked = (
        Attendance.objects.select_for_update(of=("self",))
        .select_related("session", "attendee", "person")
        .get(pk=attendance.pk)
    )
    if locked.withdrawn_at is not None:
        raise RuleViolation(_("This was corrected meanwhile; look at it again."))
    if not locked.session.scored:
        seen = Seen(seen.signed_in_at, seen.late, seen.left_early_at, None, seen.absence_reason, seen.how)
    kept = reason.strip()[:500]
    locked.withdrawn_at, locked.withdrawn_reason = now, kept
    locked.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    HourEntry.objects.current().filter(attendance=locked).update(withdrawn_at=now, withdrawn_reason=kept)
    right = _attendance(locked.session, locked.attendee, seen, actor, now)
    right.save()
    credit_attendances(attendances=[right], actor=actor, now=now)
    record(
        CORRECT,
        now=now,
        actor=actor,
        about=right,
        person=locked.person,
        reason=kept,
        before=_facts(locked),
        after=_facts(right),
    )
    _tell_results(locked.session, [right], now)
    return right


def _facts(attendance: Attendance) -> dict[str, object]:
    return {
        "signed_in_at": attendance.signed_in_at,
        "left_early_at": attendance.left_early_at,
        "absence_reason": attendance.absence_reason,
        "score": None if attendance.score is None else str(attendance.score),
        "recognition": attendance.recognition,
    }
