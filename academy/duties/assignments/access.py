"""Who sees which assignments, and who acts on them: HR of a part of the bank, within it."""

from datetime import date

from django.db.models import Q
from django.db.models.query import QuerySet

from academy.models import Assignment, Audience, Branch, Role, User
from academy.models.roles import PEOPLE_ROLES
from academy.staff.access import branches_visible_to, has_role, roles_of

ASSIGNERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)


def may_read(user: User, on: date) -> bool:
    return has_role(user, on, *PEOPLE_ROLES)


def may_assign(user: User, on: date) -> bool:
    return has_role(user, on, *ASSIGNERS)


def branches_to_assign_in(user: User, on: date) -> QuerySet[Branch]:
    return branches_visible_to(user, on, ASSIGNERS).filter(closed_on=None)


def audiences_visible_to(user: User, on: date) -> QuerySet[Audience]:
    """Audiences that lie in the person's part of the bank."""
    return Audience.objects.filter(branch__in=branches_visible_to(user, on))


def assignments_visible_to(user: User, on: date, model: type[Assignment]) -> QuerySet[Assignment]:
    """Assignments of the person's part of the bank, and those from above that reach into it."""
    found = model._default_manager.all()
    if user.is_superuser and user.is_active:
        return found
    held = roles_of(user, on)
    paths = {branch.path for role in PEOPLE_ROLES for branch in held.get(role, [])}
    if not paths:
        return found.none()
    reaching = Q(audience__branch__path__in={above for path in paths for above in _above(path)})
    for path in paths:
        reaching |= Q(audience__branch__path__startswith=path)
    return found.filter(reaching)


def may_change(user: User, assignment: Assignment, on: date) -> bool:
    """Only who answers for the whole audience's part extends, takes out and withdraws."""
    return branches_visible_to(user, on, ASSIGNERS).filter(pk=assignment.audience.branch_id).exists()


def _above(path: str) -> list[str]:
    """``/1/5/9/`` lies below ``/1/`` and ``/1/5/``."""
    steps = path.strip("/").split("/")
    return ["/" + "/".join(steps[:count]) + "/" for count in range(1, len(steps))]
