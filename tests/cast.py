"""The cast of the tests: one learns, one writes, one judges, one is from another branch and sees nothing."""

from datetime import date, timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from academy.models import BranchKind, Position, Role, User
from academy.models.roles import TIME_BOXED_ROLES
from academy.staff.branches import place_branch
from academy.staff.groups import ensure_groups
from academy.staff.people import hire_person, post_person
from academy.staff.roles import grant_role, group_name
from tests.moments import NOW

OPENED = date(2020, 1, 1)


def bank() -> dict:
    """Head office, two first-level branches, an outlet in each."""
    if Group.objects.filter(name__in=[group_name(role) for role in Role]).count() < len(Role):
        # They come with every migration; setting them again costs more than most tests.
        ensure_groups()
    made = {}
    for code, kind, name, parent in [
        ("HO", BranchKind.HEAD_OFFICE, "总行", None),
        ("BJ", BranchKind.FIRST_LEVEL, "北京分行", "HO"),
        ("BJ01", BranchKind.OUTLET, "望京网点", "BJ"),
        ("SH", BranchKind.FIRST_LEVEL, "上海分行", "HO"),
        ("SH01", BranchKind.OUTLET, "陆家嘴网点", "SH"),
    ]:
        made[code] = place_branch(
            code=code, kind=kind, name=name, parent=made.get(parent), effective_from=OPENED, now=NOW, actor=None
        )
    return made


def position(code: str = "client-manager-retail") -> Position:
    return Position.objects.get_or_create(code=code, defaults={"name": "零售客户经理", "line": "retail"})[0]


def person(number: str, name: str, branch, *, roles=(), posted: date | None = None, **fields) -> User:
    """Hired and posted ninety days ago unless said otherwise."""
    user = User.objects.create_user(number, "a-long-password", display_name=name, **fields)
    day = posted or timezone.localdate() - timedelta(days=90)
    hire_person(person=user, hired_on=day, now=timezone.now(), actor=None)
    post_person(person=user, branch=branch, position=position(), effective_from=day, now=timezone.now(), actor=None)
    for role in roles:
        until = timezone.localdate() + timedelta(days=365) if role in TIME_BOXED_ROLES else None
        grant_role(
            person=user,
            role=role,
            branch=branch,
            now=timezone.now(),
            actor=None,
            effective_from=day,
            effective_until=until,
        )
    return user
