"""Asking posts for levels: a requirement is set from a day on and ended by a day; each is an act with a reason."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Branch, CareerLevel, Position, Role, User
from academy.staff.access import bank_wide_refusal, branches_visible_to
from certificates.models import PositionRequirement

REQUIRE = register_action("certificates.require_level", _("Position requirement set"))
END = register_action("certificates.end_requirement", _("Position requirement ended"))

# Who sets and ends what is asked of the posts in their part of the bank.
KEEPERS = (Role.HR, Role.ADMINISTRATOR)


def keeping_refusal(*, branch: Branch | None, actor: User | None, on: date) -> str | None:
    """Why the person may not set or end what is asked in a branch (None: in the whole bank), or None."""
    if actor is None:
        return None
    if branch is None:
        return bank_wide_refusal(actor, on, *KEEPERS)
    if branches_visible_to(actor, on, KEEPERS).filter(pk=branch.pk).exists():
        return None
    return gettext("This branch is not in your part of the bank.")


@transaction.atomic
def require_level(
    *,
    level: CareerLevel,
    within_days: int,
    effective_from: date,
    now: datetime,
    actor: User | None,
    position: Position | None = None,
    line: str = "",
    branch: Branch | None = None,
    effective_until: date | None = None,
    counts_from: date | None = None,
    reason: str = "",
) -> PositionRequirement:
    """From a day on the posts ask for the level.

    Raises ``RuleViolation`` where the same is asked already, or the branch is not the actor's.
    """
    refusal = keeping_refusal(branch=branch, actor=actor, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    if position is None and not line:
        raise RuleViolation(_("Name a position, a line, or both."))
    if position is not None and line and position.line != line:
        raise RuleViolation(_("This position is of another line, so nobody would be asked."))
    if effective_until is not None and effective_until < effective_from:
        raise RuleViolation(_("The last day lies before the first."))
    same = PositionRequirement.objects.current().filter(position=position, line=line, branch=branch, level=level)
    for other in same:
        ends = other.effective_until
        if (ends is None or ends >= effective_from) and (
            effective_until is None or other.effective_from <= effective_until
        ):
            raise RuleViolation(_("The same is asked already in these days. End that requirement first."))
    try:
        with transaction.atomic():
            found = PositionRequirement.objects.create(
                position=position,
                line=line,
                branch=branch,
                level=level,
                within_days=within_days,
                counts_from=counts_from,
                effective_from=effective_from,
                effective_until=effective_until,
                recorded_at=now,
                recorded_by=actor,
            )
    except IntegrityError:
        # Somebody else set it in the same moment.
        raise RuleViolation(_("The same is asked already in these days. End that requirement first.")) from None
    record(REQUIRE, now=now, actor=actor, about=found, reason=reason, after=_described(found))
    return found


@transaction.atomic
def end_requirement(
    *, requirement: PositionRequirement, last_day: date, now: datetime, actor: User | None, reason: str
) -> None:
    """It asks through ``last_day`` and no longer; one that had not begun by then is taken back whole."""
    refusal = keeping_refusal(branch=requirement.branch, actor=actor, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    if not reason:
        raise RuleViolation(_("A reason is needed."))
    locked = PositionRequirement.objects.select_for_update().current().filter(pk=requirement.pk).first()
    if locked is None or (locked.effective_until is not None and locked.effective_until < last_day):
        raise RuleViolation(_("This requirement has ended already."))
    before = _described(locked)
    locked.withdrawn_at = now
    locked.save(update_fields=["withdrawn_at"])
    if last_day >= locked.effective_from:
        locked.pk = None
        locked._state.adding = True
        locked.effective_until, locked.recorded_at, locked.recorded_by, locked.withdrawn_at = last_day, now, actor, None
        locked.save(force_insert=True)
    record(END, now=now, actor=actor, about=requirement, reason=reason, before=before, after={"last day": last_day})


def _described(one: PositionRequirement) -> dict[str, object]:
    return {
        "position": one.position.code if one.position else "",
        "line": one.line,
        "branch": one.branch.code if one.branch else "",
        "level": one.level.code,
        "within days": one.within_days,
        "counts from": one.counts_from,
        "from": one.effective_from,
        "until": one.effective_until,
    }
