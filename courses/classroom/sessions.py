"""Arranging, changing and cancelling classroom sessions; whoever has a place hears of it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import register_notice
from courses.classroom.places import move_up
from courses.classroom.telling import coming_to, tell
from courses.models import ClassSession

ARRANGE = register_action("courses.arrange_class", gettext_lazy("Classroom session arranged"))
CANCEL = register_action("courses.cancel_class", gettext_lazy("Classroom session cancelled"))

MOVED = register_notice(
    "courses.class_moved",
    title=gettext_lazy("Changed: %(title)s"),
    text=gettext_lazy("It is now on %(when)s, %(place)s."),
    icon="date",
)
CANCELLED = register_notice(
    "courses.class_cancelled",
    title=gettext_lazy("Cancelled: %(title)s"),
    text=gettext_lazy("The session on %(when)s does not take place. %(reason)s"),
    icon="date",
)
LONGEST = timedelta(days=31)


def session_refusal(*, before: ClassSession | None, after: ClassSession, seated: int) -> str | None:
    """Why a session may not be written like this, or None. ``seated``: who has a seat now. Pure."""
    if after.ends_at <= after.starts_at:
        return _("A session ends after it starts.")
    if after.ends_at - after.starts_at > LONGEST:
        return _("A session lasts a month at most; arrange several.")
    if before is None:
        return None
    if before.cancelled_at is not None:
        return _("This session is cancelled.")
    if before.closed_at is not None:
        return _("This session is closed; correct single people instead.")
    if after.seats < seated:
        return _("There are more people with a seat than seats.")
    return None


@transaction.atomic
def arrange_session(*, session: ClassSession, actor: User, now: datetime) -> ClassSession:
    """Writes a session. Another time or place is told to whoever comes; more seats let those who wait move up.

    Raises ``RuleViolation``.
    """
    before = ClassSession.objects.select_for_update().filter(pk=session.pk).first() if session.pk else None
    seated = before.attendees.seated().count() if before else 0
    refusal = session_refusal(before=before, after=session, seated=seated)
    if refusal:
        raise RuleViolation(refusal)
    session.save()
    record(
        ARRANGE, now=now, actor=actor, about=session, before=_facts(before) if before else None, after=_facts(session)
    )
    if before is not None:
        move_up(session=session, actor=actor, now=now)
        if (before.starts_at, before.ends_at, before.place) != (session.starts_at, session.ends_at, session.place):
            tell(
                session=session,
                people=coming_to(session),
                kind=MOVED,
                event=f"{session.uuid}:{now.isoformat()}",
                now=now,
            )
    return session


@transaction.atomic
def cancel_session(*, session: ClassSession, reason: str, actor: User, now: datetime) -> ClassSession:
    """Calls it off and tells whoever would come. Raises ``RuleViolation``."""
    locked = ClassSession.objects.select_for_update().get(pk=session.pk)
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if locked.cancelled_at is not None:
        return locked
    if locked.closed_at is not None:
        raise RuleViolation(_("This session is closed; correct single people instead."))
    locked.cancelled_at = now
    locked.save(update_fields=["cancelled_at"])
    record(CANCEL, now=now, actor=actor, about=locked, reason=reason.strip())
    tell(
        session=locked,
        people=coming_to(locked),
        kind=CANCELLED,
        event=str(locked.uuid),
        now=now,
        facts={"reason": reason.strip()},
    )
    return locked


def _facts(session: ClassSession) -> dict[str, Any]:
    return {
        "title": session.title,
        "branch": session.branch.code,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "place": session.place,
        "lecturer": session.lecturer,
        "taught_by": session.taught_by.staff_number if session.taught_by else None,
        "seats": session.seats,
        "hours": str(session.hours),
        "category": session.category,
        "score": str(session.pass_score) if session.scored else None,
    }
