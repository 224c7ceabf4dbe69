"""What the journal proves of the ground floor: who was given which role, and who is a superuser."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from academy.journal import Fact, record, register_action, register_fact
from academy.models import RoleGrant, User

SUPERUSER = register_action("academy.superuser", _("Superuser made or ended"))


def set_superuser(*, person: User, holds: bool, reason: str, now: datetime, actor: User | None = None) -> None:
    """Makes a person a superuser, or ends it; the one way to change the flag. In the caller's transaction. Idempotent."""
    if person.is_superuser == holds:
        return
    person.is_superuser = holds
    person.save(update_fields=["is_superuser"])
    record(
        SUPERUSER,
        now=now,
        actor=actor,
        about=person,
        person=person,
        reason=reason,
        before={"superuser": not holds},
        after={"superuser": holds},
        fact=person,
    )


def _grant(row: RoleGrant) -> dict[str, Any]:
    names = (
        "person_id",
        "role",
        "branch_id",
        "deputy_for_id",
        "effective_from",
        "effective_until",
        "recorded_at",
        "recorded_by_id",
        "withdrawn_at",
    )
    return {name: getattr(row, name) for name in names}


def _superuser(row: User) -> dict[str, Any]:
    return {"superuser": row.is_superuser}


register_fact(Fact(RoleGrant, rows=RoleGrant.objects.all, told=_grant, since="recorded_at"))
register_fact(
    Fact(
        User,
        rows=User.objects.all,
        told=_superuser,
        since="date_joined",
        standing=lambda rows: rows.filter(is_superuser=True),
    )
)
