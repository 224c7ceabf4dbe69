"""The cast of the tests: one learns, one writes, one judges, one is from another branch and sees nothing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from academy.journal.facts import reference_to
from academy.journal.recording import Entry, record_many
from academy.models import Branch, BranchKind, BranchPlacement, Employment, Position, Posting, Role, RoleGrant, User
from academy.models.roles import TIME_BOXED_ROLES
from academy.staff.branches import place_branch
from academy.staff.groups import ensure_groups
from academy.staff.people import HIRE, POST, hire_person, post_person
from academy.staff.roles import GRANT, grant_role, group_name
from tests.moments import NOW

OPENED = date(2020, 1, 1)


TREE = (
    ("HO", BranchKind.HEAD_OFFICE, "总行", None),
    ("BJ", BranchKind.FIRST_LEVEL, "北京分行", "HO"),
    ("BJ01", BranchKind.OUTLET, "望京网点", "BJ"),
    ("SH", BranchKind.FIRST_LEVEL, "上海分行", "HO"),
    ("SH01", BranchKind.OUTLET, "陆家嘴网点", "SH"),
)


def bank() -> dict[str, Branch]:
    """Head office, two first-level branches, an outlet in each. As ``placed_by_rule``, in few queries."""
    if Group.objects.filter(name__in=[group_name(role) for role in Role]).count() < len(Role):
        # They come with every migration; setting them again costs more than most tests.
        ensure_groups()
    if Branch.objects.exists():
        return placed_by_rule()
    made = {code: Branch(code=code, serial_code=code, kind=kind, name=name) for code, kind, name, _parent in TREE}
    Branch.objects.bulk_create(made.values())
    for code, _kind, _name, parent in TREE:
        made[code].parent = made.get(parent)
        made[code].path = f"{made[parent].path if parent else '/'}{made[code].pk}/"
    Branch.objects.bulk_update(made.values(), ["parent", "path"])
    BranchPlacement.objects.bulk_create(
        BranchPlacement(branch=branch, parent=branch.parent, name=branch.name, effective_from=OPENED, recorded_at=NOW)
        for branch in made.values()
    )
    return made


def placed_by_rule() -> dict[str, Branch]:
    made: dict[str, Branch] = {}
    for code, kind, name, parent in TREE:
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
    hire_and_post(user, branch, day, now=timezone.now())
    if roles:
        grant(user, branch, roles, day, now=timezone.now())
    return user


def hire_and_post(user: User, branch: Branch, day: date, *, now: datetime) -> None:
    """What ``hired_by_rule`` writes about somebody new, in few queries: most tests begin with some people."""
    employment = Employment(person=user, effective_from=day, recorded_at=now)
    posting = Posting(person=user, branch=branch, position=position(), effective_from=day, recorded_at=now)
    with transaction.atomic():
        Employment.objects.bulk_create([employment])
        Posting.objects.bulk_create([posting])
        after = {"branch": branch.code, "position": posting.position.code, "from": day}
        entries = [
            Entry(HIRE, about=reference_to(employment), person=user.pk, after={"from": day}),
            Entry(POST, about=reference_to(posting), person=user.pk, after=after),
        ]
        record_many(entries, now=now, actor=None)


def hired_by_rule(user: User, branch: Branch, day: date, *, now: datetime) -> None:
    hire_person(person=user, hired_on=day, now=now, actor=None)
    post_person(person=user, branch=branch, position=position(), effective_from=day, now=now, actor=None)


def grant(user: User, branch: Branch, roles: Sequence[str], day: date, *, now: datetime) -> None:
    """What ``granted_by_rule`` writes about somebody who held no role, in few queries."""
    grants = [
        RoleGrant(
            person=user, role=role, branch=branch, effective_from=day, effective_until=_until(role), recorded_at=now
        )
        for role in roles
    ]
    with transaction.atomic():
        RoleGrant.objects.bulk_create(grants)
        entries = [
            Entry(
                GRANT,
                about=reference_to(one),
                person=user.pk,
                fact=one,
                after={
                    "role": one.role,
                    "branch": branch.code,
                    "from": day,
                    "until": one.effective_until,
                    "deputy_for": None,
                },
                as_written=True,
            )
            for one in grants
        ]
        record_many(entries, now=now, actor=None)
        if day <= timezone.localdate():
            groups = Group.objects.filter(name__in=[group_name(role) for role in roles])
            memberships = User.groups.through
            memberships.objects.bulk_create(memberships(user=user, group=group) for group in groups)


def granted_by_rule(user: User, branch: Branch, roles: Sequence[str], day: date, *, now: datetime) -> None:
    for role in roles:
        grant_role(
            person=user,
            role=role,
            branch=branch,
            now=now,
            actor=None,
            effective_from=day,
            effective_until=_until(role),
        )


def _until(role: str) -> date | None:
    return timezone.localdate() + timedelta(days=365) if role in TIME_BOXED_ROLES else None
