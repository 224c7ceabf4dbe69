"""Who looks after which session: by the branch that organises it."""

from datetime import date

from django.db.models.query import QuerySet

from academy.models import Branch, Role, User
from academy.staff.access import branches_visible_to, has_role, is_auditor_only, people_visible_to
from courses.models import ClassSession

# Lists name people, so they are for those who may see people's records; a trainer gives the session and keeps no list.
ORGANISERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
READERS = (*ORGANISERS, Role.AUDITOR)


def branches_organised_by(user: User, on: date) -> QuerySet[Branch]:
    return branches_visible_to(user, on, ORGANISERS)


def sessions_visible_to(user: User, on: date) -> QuerySet[ClassSession]:
    """The sessions whose organising branch stands in the viewer's part of the tree."""
    return ClassSession.objects.filter(branch__in=branches_visible_to(user, on, READERS))


def people_invited_by(user: User, on: date) -> QuerySet[User]:
    """Whom the organiser may put on a list: those of the own part of the bank."""
    return people_visible_to(user, on, ORGANISERS).filter(is_active=True)


def may_organise(user: User, on: date, session: ClassSession | None = None) -> bool:
    """Whether the person arranges sessions, or looks after this one."""
    if is_auditor_only(user, on) or not has_role(user, on, *ORGANISERS):
        return False
    return session is None or branches_organised_by(user, on).filter(pk=session.branch_id).exists()
