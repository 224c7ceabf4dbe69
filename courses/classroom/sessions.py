"""Arranging, changing and cancelling classroom sessions; whoever has a place hears of it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import Telling, notify_many, register_notice
from courses.models import Attendee, ClassSession

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
    from courses.classroom.places import move_up

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
        session=locked, people=coming_to(locked), kind=CANCELLED, event=str(locked.uuid), now=now,
        facts={"reason": reason.strip()},
    )  # fmt: skip
    return locked


def coming_to(session: ClassSession) -> list[User]:
    return [one.person for one in session.attendees.coming().select_related("person")]


def tell(
    *,
    session: ClassSession,
    people: list[User],
    kind: str,
    event: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """One notice for each; its words are made in the reader's language."""
    said = {"title": titles_of(session), "when": when_of(session), "place": session.place, **(facts or {})}
    path = session.get_absolute_url()
    tellings = [Telling(person=one.pk, event=f"class:{event}", facts=said, path=path) for one in people]
    notify_many(kind=kind, tellings=tellings, now=now)


def titles_of(session: ClassSession) -> dict[str, str]:
    return {"zh-hans": session.title, **({"en": session.title_en} if session.title_en else {})}


def when_of(session: ClassSession) -> dict[str, str]:
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = date_format(timezone.localtime(session.starts_at), "SHORT_DATETIME_FORMAT")
    return found


def _facts(session: ClassSession) -> dict[str, Any]:
    return {
        "title": session.title,
        "branch": session.branch.code,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "place": session.place,
        "lecturer": session.lecturer,
        "seats": session.seats,
        "hours": str(session.hours),
        "category": session.category,
        "score": str(session.pass_score) if session.scored else None,
    }


def seats_taken(session: ClassSession) -> int:
    return session.attendees.filter(standing=Attendee.Standing.SEATED).count()
