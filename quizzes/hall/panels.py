"""Exam day's places on screens of the ground floor: the site's menu, and a person's page in the admin."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.models import Role, User
from academy.requests.kept.presence import none_of
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, is_auditor_only
from academy.viewsets.panels import TodoItem
from quizzes.entry import closed_words, last_entry
from quizzes.hall.bans import line_label
from quizzes.hall.console import BEFORE, sessions_for
from quizzes.hall.seating import ARRANGERS
from quizzes.models import Attempt, Ban, Candidate, ExamSession, Quiz, SpecialResult

WATCHED_AHEAD = timedelta(days=7)
# What nobody settles leaves the list of the person some day.
MISSED_SHOWN = timedelta(days=60)


def invigilator_menu(roles: Set[str]) -> list[dict[str, Any]]:
    """Who invigilates finds the console in the site's menu."""
    if Role.INVIGILATOR not in roles:
        return []
    return [{"label": _("Invigilation"), "url": reverse("hall:sessions"), "order": 60}]


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """The exams a person is entered for, and the sessions an invigilator watches within a week."""
    now = timezone.now()
    seats = [] if none_of(Candidate, [request.user.pk]) else _seats(request.user, now)
    items = [_own(seat, now) for seat in seats]
    if has_role(request.user, local_day(now), Role.INVIGILATOR):
        watched = sessions_for(request.user, now).filter(
            cancelled_at=None, ends_at__gt=now, starts_at__lte=now + WATCHED_AHEAD, invigilators=request.user
        )
        items += [
            _todo(session, _("Invigilation"), session.get_absolute_url(), "")
            for session in watched.select_related("quiz")
        ]
    return items


def _own(seat: Candidate, now: datetime) -> TodoItem:
    """The exam to come; once nobody is let in any more, what to do instead."""
    session, slip = seat.session, reverse("hall:slip", args=[seat.session.uuid])
    closed = closed_words(session, now)
    if not closed:
        return _todo(session, _("Exam"), slip, seat.seat)
    tag = gettext("Missed") if now >= session.ends_at else gettext("Entry closed")
    return TodoItem(title=str(session.quiz), text=closed, url=slip, tag=tag, order=10)


def _seats(person: User, now: datetime) -> QuerySet[Candidate]:
    """Of the sessions to come and of those that were missed, where nothing was written yet and nothing else was decided;
    what was missed until another session of the exam takes its place, and no longer than ``MISSED_SHOWN``."""
    later = Candidate.objects.filter(
        person=person,
        session__quiz=OuterRef("session__quiz"),
        session__cancelled_at=None,
        session__starts_at__gt=OuterRef("session__starts_at"),
    )
    open_seats = Candidate.objects.filter(person=person, session__cancelled_at=None, attempt=None).filter(
        Q(session__ends_at__gt=now) | Q(~Exists(later), session__ends_at__gt=now - MISSED_SHOWN)
    )
    decided = SpecialResult.objects.filter(withdrawn_at=None)
    return open_seats.exclude(special_results__in=decided).select_related("session__quiz")


def moments_of_sessions(person: User, now: datetime) -> list[datetime]:
    """When a session enters or leaves what ``todo_items`` gives."""
    if none_of(Candidate, [person.pk]) and not has_role(person, local_day(now), Role.INVIGILATOR):
        return []
    mine = ExamSession.objects.filter(Q(candidates__person=person) | Q(invigilators=person), ends_at__gt=now)
    return [
        moment
        for session in mine.filter(cancelled_at=None)
        for moment in (
            session.starts_at - BEFORE,
            session.starts_at - WATCHED_AHEAD,
            last_entry(session) + timedelta(seconds=1),
            session.ends_at,
        )
    ]


def _todo(session: ExamSession, tag: Any, url: str, seat: str) -> TodoItem:
    starts = timezone.localtime(session.starts_at)
    text = f"{session.local_name} · {starts:%H:%M} · {session.room}"
    if seat:
        text += " · " + gettext("seat %(seat)s") % {"seat": seat}
    return TodoItem(
        title=str(session.quiz), text=text, url=url, tag=str(tag), due_on=local_day(session.starts_at), event=True
    )


def phone_items(roles: Set[str]) -> list[dict[str, Any]]:
    """The console in the bar of an invigilator's phone."""
    return [{**entry, "icon": "hall", "order": 30} for entry in invigilator_menu(roles)]


def person_panels(request: SignedInRequest, person: User) -> list[dict[str, Any]]:
    """What was decided about exams: special results and bans; and the marks that may be taken away."""
    today = local_day(timezone.now())
    if not has_role(request.user, today, *ARRANGERS, Role.AUDITOR):
        return []
    context = {
        "attempts": Attempt.objects.filter(learner=person, quiz__kind=Quiz.Kind.EXAM, annulled_at=None)
        .exclude(state=Attempt.State.NOT_STARTED)
        .select_related("quiz")
        .defer("paper")[:20],
        "results": SpecialResult.objects.filter(person=person, withdrawn_at=None).select_related("quiz")[:20],
        "bans": [
            (ban, line_label(ban.line))
            for ban in Ban.objects.current().filter(person=person, effective_until__gte=today)
        ],
        "may_change": has_role(request.user, today, *ARRANGERS) and not is_auditor_only(request.user, today),
    }
    return [{"section": "exams", "order": 40, "template": "quizzes/admin/person_exams.html", "context": context}]
