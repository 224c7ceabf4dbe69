"""What concerns a room as a whole: what was noticed in it, and from when its start code is shown."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from academy.errors.refusals import RuleViolation
from academy.journal import record
from academy.models import User
from quizzes.hall.console import NOTE
from quizzes.models import ExamSession, HallAct

# Whoever looks over a shoulder days before learns no code.
CODE_SHOWN = timedelta(minutes=30)


def code_shown_from(session: ExamSession) -> datetime:
    """From when the console shows the start code. Pure."""
    return session.starts_at - CODE_SHOWN


@transaction.atomic
def note_of_room(*, session: ExamSession, token: UUID, reason: str, actor: User, now: datetime) -> bool:
    """Keeps what was noticed in the room and about nobody in particular; False where this form was kept before.

    Raises ``RuleViolation`` without words.
    """
    reason = reason.strip()[:500]
    if not reason:
        raise RuleViolation(_("A reason is needed."))
    values = {"kind": HallAct.Kind.NOTE, "reason": reason, "at": now, "actor": actor}
    _act, created = HallAct.objects.get_or_create(session=session, token=token, defaults=values)
    if created:
        record(NOTE, now=now, actor=actor, about=session, reason=reason)
    return created
