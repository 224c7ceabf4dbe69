"""Roles by grant: giving and ending them, and the groups that follow from them by one rule."""

from collections import defaultdict
from datetime import date, datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Branch, Role, RoleGrant, User
from academy.models.roles import TIME_BOXED_ROLES
from academy.requests.prepared import PreparedQuery

GRANT = register_action("academy.grant_role", _("Role granted"))
GROUPS = register_turns("groups from grants", label=_("Groups follow grants"), model=User, tries=3)
END_GRANT = register_action("academy.end_role", _("Role ended"))

# Who gives and ends roles, in their part of the bank.
GRANTERS = (Role.HR, Role.ADMINISTRATOR)

GROUP_PREFIX = "role: "


def group_name(role: str) -> str:
    return f"{GROUP_PREFIX}{role}"


@transaction.atomic
def grant_role(
    *,
    person: User,
    role: str,
    branch: Branch,
    now: datetime,
    actor: User | None,
    effective_from: date | None = None,
    effective_until: date | None = None,
    reason: str = "",
    deputy_for: User | None = None,
) -> RoleGrant:
    """Gives a role for a branch and everything below. Idempotent while the same open grant stands.

    A deputy without a last day acts only while ``deputy_for`` is on leave. Raises ``RuleViolation`` for an
    auditor without a last day and for a deputy of oneself.
    """
    today = local_day(now)
    if role in TIME_BOXED_ROLES and effective_until is None:
        raise RuleViolation(_("This role has to end: enter the last day."))
    if deputy_for is not None and deputy_for.pk == person.pk:
        raise RuleViolation(_("Nobody deputises for themselves."))
    grant, created = RoleGrant.objects.get_or_create(
        person=person,
        role=role,
        branch=branch,
        effective_until=effective_until,
        deputy_for=deputy_for,
        withdrawn_at=None,
        defaults={"effective_from": effective_from or today, "recorded_at": now, "recorded_by": actor},
    )
    if created:
        record(
            GRANT,
            now=now,
            actor=actor,
            about=grant,
            person=person,
            reason=reason,
            fact=grant,
            after={
                "role": role,
                "branch": branch.code,
                "from": grant.effective_from,
                "until": effective_until,
                "deputy_for": deputy_for.staff_number if deputy_for else None,
            },
        )
        sync_groups(person=person, today=today)
    return grant


@transaction.atomic
def end_grant(*, grant: RoleGrant, last_day: date, now: datetime, actor: User | None, reason: str) -> RoleGrant:
    """Ends a grant after ``last_day``: the open row is withdrawn and a closed one appended."""
    grant.withdrawn_at = now
    grant.save(update_fields=["withdrawn_at"])
    closed = grant
    if last_day >= grant.effective_from:
        closed = RoleGrant.objects.create(
            person=grant.person,
            role=grant.role,
            branch=grant.branch,
            deputy_for=grant.deputy_for,
            effective_from=grant.effective_from,
            effective_until=last_day,
            recorded_at=now,
            recorded_by=actor,
        )
    record(
        END_GRANT,
        now=now,
        actor=actor,
        about=closed,
        person=grant.person,
        reason=reason,
        before={"role": grant.role, "until": None},
        after={"until": last_day},
        fact=closed,
        also=[grant] if closed is not grant else [],
    )
    sync_groups(person=grant.person, today=local_day(now))
    return closed


def sync_groups(*, person: User, today: date) -> None:
    """Sets the person's groups to the roles that hold on ``today``: groups follow from grants, and from nothing else."""
    roles = RoleGrant.objects.current().in_force(today).filter(person=person).values("role").distinct()
    person.groups.set(Group.objects.filter(name__in=[group_name(role["role"]) for role in roles]))


def sync_changed_groups(*, today: date) -> int:
    """The daily pass: follows grants that begin and end, deputies, whose turn comes and goes with somebody's leave, and
    takes back what was put beside the grants. Returns how many people."""
    grants = RoleGrant.objects.current().in_force(today).values_list("person", "role").distinct()
    wanted = {(person, group_name(role)) for person, role in grants}
    held = set(User.groups.through.objects.values_list("user", "group__name"))
    people = User.objects.filter(pk__in={person for person, _name in wanted ^ held}).order_by("pk")

    def follow(person: User) -> bool:
        sync_groups(person=person, today=today)
        return True

    return GROUPS.one_by_one(people, follow, now=timezone.now(), most=None)


IN_FORCE = PreparedQuery(
    lambda person, on: RoleGrant.objects.current().in_force(on).filter(person=person).select_related("branch")
)


def branches_by_role(*, person: User, on: date) -> dict[str, list[Branch]]:
    """Where each role of the person holds on a day. One query."""
    found: dict[str, list[Branch]] = defaultdict(list)
    for grant in IN_FORCE.rows(person=person.pk, on=on):
        found[grant.role].append(grant.branch)
    return dict(found)
