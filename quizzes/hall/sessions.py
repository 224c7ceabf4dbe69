"""Who may sit an exam where and when. An exam that has sessions is sat inside one's own, or not at all."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.notices.inbox import notify, register_notice
from quizzes.models import ExamSession

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


def session_changes_refusal(*, before: ExamSession, after: ExamSession, started: bool) -> str | None:
    """Why a session may not be changed like this, or None. What somebody sat stays what it was. Pure."""
    if before.cancelled_at is not None:
        return _("This session is cancelled.")
    kept = ("quiz_id", "branch_id", "starts_at", "ends_at", "room")
    if started and any(getattr(before, name) != getattr(after, name) for name in kept):
        return _("Somebody has begun. Give minutes from the console instead of moving the session.")
    return None


def over_refusal(session: ExamSession, now: datetime) -> str | None:
    """Why nothing is arranged for a session any more, or None: once it is over there is nothing left to prepare."""
    return _("This session is over.") if now >= session.ends_at else None


def same_room(session: ExamSession) -> list[ExamSession]:
    """The other sessions that stand in the same room of the branch while this one runs."""
    there = ExamSession.objects.filter(branch=session.branch_id, room__iexact=session.room.strip(), cancelled_at=None)
    then = there.filter(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
    return list(then.exclude(pk=session.pk).select_related("quiz").order_by("starts_at", "pk"))


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
        ARRANGE,
        now=now,
        actor=actor,
        about=session,
        before=_facts(before) if before else None,
        after={**_facts(session), "invigilators": [invigilator.staff_number for invigilator in invigilators]},
    )
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
    refusal = over_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if locked.candidates.filter(attempt__isnull=False).exists():
        raise RuleViolation(_("Somebody has begun; the session cannot be cancelled any more."))
    locked.cancelled_at = session.cancelled_at = now
    locked.save(update_fields=["cancelled_at"])
    record(CANCEL, now=now, actor=actor, about=locked, reason=reason.strip(), before=_facts(locked))
    for candidate in locked.candidates.select_related("person"):
        tell(
            session=locked,
            person=candidate.person,
            kind=CANCELLED,
            event=str(locked.uuid),
            now=now,
            reason=reason.strip(),
        )


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
        "quiz": session.quiz.code,
        "branch": session.branch.code,
        "room": session.room,
        "from": session.starts_at,
        "until": session.ends_at,
        "late": session.late_minutes,
        "seats": session.seats,
    }
