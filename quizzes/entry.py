"""Who may sit an exam where and when. An exam that has sessions is sat inside one's own, or not at all."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import compare_digest
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.doors import Ground, Wait, asks_of_grounds, ground_of_occasion, grounds_for, waits_of
from academy.models import Posting, User
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.together import asked_together
from quizzes.models import Attempt, Ban, Candidate, ExamSession, Quiz, SpecialResult


@dataclass(frozen=True)
class Hall:
    """What exam day has to say about one person and one exam. Empty for what is no exam."""

    has_sessions: bool = False
    candidates: tuple[Candidate, ...] = ()
    results: tuple[SpecialResult, ...] = ()
    bans: tuple[Ban, ...] = ()
    lines: tuple[str, ...] = ()

    def result_of(self, candidate: Candidate) -> SpecialResult | None:
        return next((result for result in self.results if result.candidate_id == candidate.pk), None)

    def used_without_paper(self, occasion: str) -> int:
        """Sittings that count as used although nothing was written: absent, or sent away before the start."""
        return sum(
            result.occasion == occasion and result.attempt_id is None and result.kind != SpecialResult.Kind.DEFERRED
            for result in self.results
        )


CANDIDATES = PreparedQuery(
    lambda quiz, person: (
        Candidate.objects.filter(session__quiz=quiz, session__cancelled_at=None, person=person)
        .select_related("session__branch", "attempt")
        .order_by("session__starts_at")
    )
)
RESULTS = PreparedQuery(
    lambda quizzes, person: SpecialResult.objects.filter(person=person, quiz__in=quizzes, withdrawn_at=None)
)
BANS = PreparedQuery(lambda on, person: Ban.objects.current().effective(on).filter(person=person))
LINES = PreparedQuery(
    lambda on, person: (
        Posting.objects.current().effective(on).filter(person=person).values_list("position__line", flat=True)
    )
)


# A session that was cancelled does not throw the exam open on the day it would have been.
ANY_SESSION = PreparedQuery(
    lambda quiz, on: (
        ExamSession.objects.filter(Q(cancelled_at=None) | Q(ends_at__date__gte=on), quiz=quiz)
        .order_by()
        .values_list("pk", flat=True)[:1]
    )
)


def asks_of_hall(quiz: Quiz, learner: User, on: date) -> list[BoundQuery[Any] | None]:
    """What ``hall_for`` asks."""
    if quiz.kind != Quiz.Kind.EXAM:
        return []
    return [
        CANDIDATES.bound(quiz=quiz.pk, person=learner.pk),
        ANY_SESSION.bound(quiz=quiz.pk, on=on),
        RESULTS.bound(quizzes=[quiz.pk], person=learner.pk),
        BANS.bound(on=on, person=learner.pk),
        LINES.bound(on=on, person=learner.pk),
    ]


def hall_for(quiz: Quiz, learner: User, on: date) -> Hall:
    """Loads it: nothing for a course quiz or a practice, one query for an exam; none where ``asks_of_hall`` was asked."""
    if quiz.kind != Quiz.Kind.EXAM:
        return Hall()
    with asked_together(*asks_of_hall(quiz, learner, on)):
        candidates = tuple(CANDIDATES.rows(quiz=quiz.pk, person=learner.pk))
        return Hall(
            has_sessions=bool(candidates) or bool(ANY_SESSION.rows(quiz=quiz.pk, on=on)),
            candidates=candidates,
            results=tuple(RESULTS.rows(quizzes=[quiz.pk], person=learner.pk)),
            bans=tuple(BANS.rows(on=on, person=learner.pk)),
            lines=tuple(LINES.rows(on=on, person=learner.pk)),
        )


def asks_of_entry(quiz: Quiz, learner: User, on: date) -> list[BoundQuery[Any] | None]:
    """What ``hall_for`` asks, and what the reasons to sit the quiz rest on."""
    return [*asks_of_hall(quiz, learner, on), *asks_of_grounds(quiz, learner)]


def grounds_to_sit(quiz: Quiz, learner: User, hall: Hall) -> list[Ground]:
    """Why this person may sit the quiz. Where nothing above asks for an exam, being entered for a session is reason
    enough: HR entered the person, and all its sittings are one occasion."""
    found = grounds_for(quiz, learner)
    if found or not hall.candidates:
        return found
    label = _("Session: %(name)s") % {"name": hall.candidates[-1].session.local_name}
    url = reverse("hall:slip", args=[hall.candidates[-1].session.uuid])
    return [Ground(occasion=f"exam:{quiz.code}", label=label, url=url)]


def waits_before(quiz: Quiz, learner: User, now: datetime) -> tuple[Wait, ...]:
    """What the person has to meet first to sit the exam at all; nothing where it may be sat on one ground."""
    grounds = grounds_to_sit(quiz, learner, hall_for(quiz, learner, local_day(now)))
    return min((ground.waits for ground in grounds), key=len, default=())


def waits_of_candidates(quiz: Quiz, people: Sequence[int]) -> dict[int, tuple[Wait, ...]]:
    """The same of many people, by person: those only for whom the exam is not open yet."""
    return {wait.person_id: wait.waits for wait in waits_of(quiz, people)}


def ground_of(quiz: Quiz, learner: User, hall: Hall, occasion: str) -> Ground | None:
    """The ground of one occasion, where it still stands. Only those are asked who know of such occasions."""
    if hall.candidates:
        return next((ground for ground in grounds_to_sit(quiz, learner, hall) if ground.occasion == occasion), None)
    return ground_of_occasion(quiz, learner, occasion)


def ban_that_holds(*, bans: Sequence[Ban], line: str, lines: Sequence[str]) -> Ban | None:
    """The ban in the way of an exam, the longest first. A ban of one line stands in the way of that line's exams, and
    of exams for every line while the person is posted in it. Pure."""
    found = [ban for ban in bans if not ban.line or ban.line == line or (not line and ban.line in lines)]
    return max(found, key=lambda ban: ban.effective_until or date.max, default=None)


def own_sitting(*, hall: Hall, now: datetime) -> Candidate | None:
    """The seat that matters now: the one that runs, else the next, else the last. Pure."""
    free = [candidate for candidate in hall.candidates if hall.result_of(candidate) is None]
    running = [candidate for candidate in free if candidate.session.starts_at <= now < candidate.session.ends_at]
    coming = [candidate for candidate in free if now < candidate.session.starts_at]
    past = [candidate for candidate in hall.candidates if candidate not in running and candidate not in coming]
    return next(iter([*running, *coming, *reversed(past)]), None)


def entry_refusal(*, hall: Hall, line: str, now: datetime, demanded: bool = False) -> str | None:
    """Why the person may not begin this exam now, or None. ``demanded``: its ground asks for a session. Pure."""
    ban = ban_that_holds(bans=hall.bans, line=line, lines=hall.lines)
    if ban is not None:
        until = date_format(ban.last_day, "SHORT_DATE_FORMAT")
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
    if sitting.attempt_id is not None and now < session.ends_at:
        return _(
            "Your paper of this session is handed in. A further attempt is sat in another session, for "
            "which your HR training administrator enters you; you will be notified, and it appears in To "
            "do."
        )
    if sitting.attempt_id is not None:
        return _("Your session ended on %(when)s.") % {"when": _when(session.ends_at)}
    return closed_words(session, now) or None


def closed_words(session: ExamSession, now: datetime) -> str:
    """What is said everywhere to a candidate without a paper once nobody is let in any more, and whom to ask; '' before. Pure."""
    if now >= session.ends_at:
        return _(
            "You missed your session of %(when)s. Ask your HR training administrator for another one: they also decide "
            "whether you were excused or whether it counts as a sitting."
        ) % {"when": _when(session.starts_at)}
    last = last_entry(session)
    if now > last:
        return _(
            "Entry to your session closed at %(time)s, and the exam cannot be begun any more. Ask the invigilator now, or your "
            "HR training administrator for another session."
        ) % {"time": _clock(last)}
    return ""


def next_session_words(session: ExamSession, now: datetime) -> str:
    """Which session of the same exam comes next in the branch of this one; '' where none is arranged."""
    coming = ExamSession.objects.filter(
        quiz=session.quiz_id, branch=session.branch_id, cancelled_at=None, starts_at__gt=now
    )
    following = coming.exclude(pk=session.pk).order_by("starts_at").first()
    if following is None:
        return ""
    return _("The next session, “%(name)s”, begins on %(when)s.") % {
        "name": following.name,
        "when": _when(following.starts_at),
    }


def last_entry(session: ExamSession) -> datetime:
    """The last moment at which a candidate is let in."""
    return min(session.starts_at + timedelta(minutes=session.late_minutes), session.ends_at)


def room_refusal(*, seat: Candidate | None, typed: str) -> str | None:
    """Why a paper may not be begun here: the room's start code is missing or another one. None where none is asked. Pure."""
    code = seat.session.start_code if seat is not None else ""
    if not code or compare_digest(_typed_code(code), _typed_code(typed)):
        return None
    if typed.strip():
        return _("This is not the start code of your session. The invigilator gives it out in the room.")
    return _("This exam begins in its room only: it needs the start code, which the invigilator gives out.")


def _typed_code(text: str) -> bytes:
    """A code as it is meant: digits of full width, spaces and capitals say nothing."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().encode()


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


def _when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
