"""Who may sit an exam where and when. An exam that has sessions is sat inside one's own, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.doors import Ground, grounds_for
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Posting, User
from academy.notices.inbox import notify, register_notice
from quizzes.models import Attempt, Ban, Candidate, ExamSession, Quiz, SpecialResult

ARRANGE = register_action("quizzes.arrange_session", gettext_lazy("Exam session arranged"))
CANCEL = register_action("quizzes.cancel_session", gettext_lazy("Exam session cancelled"))

ENTERED = register_notice(
    "quizzes.entered",
    title=gettext_lazy("Exam: %(quiz)s"),
    text=gettext_lazy("You are entered for %(when)s, %(room)s. Your admission slip says the rest."),
    icon="date",
    required=True,
)
MOVED = register_notice(
    "quizzes.session_moved",
    title=gettext_lazy("Changed: %(quiz)s"),
    text=gettext_lazy("It is now on %(when)s, %(room)s. Look at your admission slip again."),
    icon="date",
    required=True,
    urgent=True,
)
CANCELLED = register_notice(
    "quizzes.session_cancelled",
    title=gettext_lazy("Cancelled: %(quiz)s"),
    text=gettext_lazy("The session on %(when)s does not take place. %(reason)s"),
    icon="date",
    required=True,
    urgent=True,
)


@dataclass(frozen=True)
class Hall:
    """What exam day has to say about one person and one exam. Empty for what is no exam."""

    has_sessions: bool = False
    candidates: tuple[Candidate, ...] = ()
    results: tuple[SpecialResult, ...] = ()
    bans: tuple[Ban, ...] = ()
    lines: tuple[str, ...] = ()

    def result_of(self, candidate: Candidate) -> SpecialResult | None:
        return next((one for one in self.results if one.candidate_id == candidate.pk), None)

    def used_without_paper(self, occasion: str) -> int:
        """Sittings that count as used although nothing was written: absent, or sent away before the start."""
        return sum(
            one.occasion == occasion and one.attempt_id is None and one.kind != SpecialResult.Kind.DEFERRED
            for one in self.results
        )


def hall_for(quiz: Quiz, learner: User, on: date) -> Hall:
    """Loads it: nothing for a course quiz or a practice, four queries for an exam."""
    if quiz.kind != Quiz.Kind.EXAM:
        return Hall()
    candidates = tuple(
        Candidate.objects.filter(session__quiz=quiz, session__cancelled_at=None, person=learner)
        .select_related("session__branch", "attempt")
        .order_by("session__starts_at")
    )
    # A session that was cancelled does not throw the exam open on the day it would have been.
    sessions = ExamSession.objects.filter(Q(cancelled_at=None) | Q(ends_at__date__gte=on), quiz=quiz)
    postings = Posting.objects.current().effective(on).filter(person=learner)
    return Hall(
        has_sessions=bool(candidates) or sessions.exists(),
        candidates=candidates,
        results=tuple(SpecialResult.objects.filter(person=learner, quiz=quiz, withdrawn_at=None)),
        bans=tuple(Ban.objects.current().effective(on).filter(person=learner)),
        lines=tuple(postings.values_list("position__line", flat=True)),
    )


def grounds_to_sit(quiz: Quiz, learner: User, hall: Hall) -> list[Ground]:
    """Why this person may sit the quiz. Where nothing above asks for an exam, being entered for a session is reason
    enough: HR entered the person, and all its sittings are one occasion."""
    found = grounds_for(quiz, learner)
    if found or not hall.candidates:
        return found
    label = _("Session: %(name)s") % {"name": hall.candidates[-1].session.name}
    url = reverse("hall:slip", args=[hall.candidates[-1].session.uuid])
    return [Ground(occasion=f"exam:{quiz.code}", label=label, url=url)]


def ban_that_holds(*, bans: Sequence[Ban], line: str, lines: Sequence[str]) -> Ban | None:
    """The ban in the way of an exam, the longest first. A ban of one line stands in the way of that line's exams, and
    of exams for every line while the person is posted in it. Pure."""
    found = [one for one in bans if not one.line or one.line == line or (not line and one.line in lines)]
    return max(found, key=lambda one: one.effective_until or date.max, default=None)


def own_sitting(*, hall: Hall, now: datetime) -> Candidate | None:
    """The seat that matters now: the one that runs, else the next, else the last. Pure."""
    free = [one for one in hall.candidates if hall.result_of(one) is None]
    running = [one for one in free if one.session.starts_at <= now < one.session.ends_at]
    coming = [one for one in free if now < one.session.starts_at]
    past = [one for one in hall.candidates if one not in running and one not in coming]
    return next(iter([*running, *coming, *reversed(past)]), None)


def entry_refusal(*, hall: Hall, line: str, now: datetime, demanded: bool = False) -> str | None:
    """Why the person may not begin this exam now, or None. ``demanded``: its ground asks for a session. Pure."""
    ban = ban_that_holds(bans=hall.bans, line=line, lines=hall.lines)
    if ban is not None:
        until = date_format(ban.effective_until, "SHORT_DATE_FORMAT")
        return _("You may not sit exams through %(day)s. Ask your HR training administrator.") % {"day": until}
    if not (hall.has_sessions or demanded):
        return None
    sitting = own_sitting(hall=hall, now=now)
    if sitting is None:
        return _("This exam is sat in sessions, and you are not entered for one. Ask your HR training administrator.")
    result, session = hall.result_of(sitting), sitting.session
    if result is not None:
        return _("%(result)s on %(when)s. You are not entered for another session yet.") % {
            "result": result.get_kind_display(),
            "when": _when(session.starts_at),
        }
    if now < session.starts_at:
        return _("Your session begins on %(when)s, %(room)s.") % {
            "when": _when(session.starts_at),
            "room": session.room,
        }
    if now >= session.ends_at:
        return _("Your session ended on %(when)s.") % {"when": _when(session.ends_at)}
    if sitting.attempt_id is not None:
        return _("Your paper of this session is handed in.")
    last = last_entry(session)
    if now > last:
        return _("Entry to your session closed at %(time)s.") % {"time": _clock(last)}
    return None


def last_entry(session: ExamSession) -> datetime:
    """The last moment at which a candidate is let in."""
    return min(session.starts_at + timedelta(minutes=session.late_minutes), session.ends_at)


def seat_for_start(*, hall: Hall, now: datetime) -> Candidate | None:
    """The seat that a paper begun now belongs to; its session's end is the end of the paper. Pure."""
    sitting = own_sitting(hall=hall, now=now)
    if sitting is None or not sitting.session.starts_at <= now < sitting.session.ends_at:
        return None
    return sitting if sitting.attempt_id is None and hall.result_of(sitting) is None else None


def take_seat(*, candidate: Candidate, attempt: Attempt) -> None:
    """Ties the paper to the seat; in the transaction that starts it. One seat, one paper. Idempotent."""
    Candidate.objects.filter(pk=candidate.pk, attempt=None).update(attempt=attempt)
    candidate.attempt = attempt


def session_changes_refusal(*, before: ExamSession, after: ExamSession, started: bool) -> str | None:
    """Why a session may not be changed like this, or None. What somebody sat stays what it was. Pure."""
    if before.cancelled_at is not None:
        return _("This session is cancelled.")
    kept = ("quiz_id", "branch_id", "starts_at", "ends_at", "room")
    if started and any(getattr(before, name) != getattr(after, name) for name in kept):
        return _("Somebody has begun. Give minutes from the console instead of moving the session.")
    return None


@transaction.atomic
def arrange_session(*, session: ExamSession, invigilators: Sequence[User], actor: User, now: datetime) -> ExamSession:
    """Writes a session; candidates hear of another time or room. Raises ``RuleViolation``."""
    before = ExamSession.objects.select_for_update().filter(pk=session.pk).first() if session.pk else None
    if session.ends_at <= session.starts_at:
        raise RuleViolation(_("A session ends after it starts."))
    if before is not None:
        started = before.candidates.filter(attempt__isnull=False).exists()
        refusal = session_changes_refusal(before=before, after=session, started=started)
        if refusal:
            raise RuleViolation(refusal)
        if session.seats < before.candidates.count():
            raise RuleViolation(_("There are more candidates than seats."))
    session.save()
    session.invigilators.set(invigilators)
    record(
        ARRANGE, now=now, actor=actor, about=session,
        before=_facts(before) if before else None,
        after={**_facts(session), "invigilators": [one.staff_number for one in invigilators]},
    )  # fmt: skip
    if before is not None and (before.starts_at, before.ends_at, before.room) != (
        session.starts_at,
        session.ends_at,
        session.room,
    ):
        for candidate in session.candidates.select_related("person"):
            tell(
                session=session, person=candidate.person, kind=MOVED, event=f"{session.uuid}:{now.isoformat()}", now=now
            )
    return session


@transaction.atomic
def cancel_session(*, session: ExamSession, reason: str, actor: User, now: datetime) -> None:
    """The session does not take place; its candidates hear why. Idempotent. Raises ``RuleViolation``."""
    locked = ExamSession.objects.select_for_update().get(pk=session.pk)
    if locked.cancelled_at is not None:
        return
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if locked.candidates.filter(attempt__isnull=False).exists():
        raise RuleViolation(_("Somebody has begun; the session cannot be cancelled any more."))
    locked.cancelled_at = session.cancelled_at = now
    locked.save(update_fields=["cancelled_at"])
    record(CANCEL, now=now, actor=actor, about=locked, reason=reason.strip(), before=_facts(locked))
    for candidate in locked.candidates.select_related("person"):
        tell(
            session=locked, person=candidate.person, kind=CANCELLED, event=str(locked.uuid), now=now,
            reason=reason.strip(),
        )  # fmt: skip


def tell(*, session: ExamSession, person: User, kind: str, event: str, now: datetime, reason: str = "") -> None:
    """A notice about a session, leading to the slip."""
    facts = {
        "quiz": session.quiz.titles or {"zh-hans": session.quiz.code},
        "when": f"{timezone.localtime(session.starts_at):%Y-%m-%d %H:%M}",
        "room": session.room,
        "reason": reason,
    }
    path = "" if kind == CANCELLED else reverse("hall:slip", args=[session.uuid])
    notify(person=person, kind=kind, event=event, now=now, facts=facts, path=path)


def _facts(session: ExamSession) -> dict[str, object]:
    return {
        "quiz": session.quiz.code, "branch": session.branch.code, "room": session.room, "from": session.starts_at,
        "until": session.ends_at, "late": session.late_minutes, "seats": session.seats,
    }  # fmt: skip


def _when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
