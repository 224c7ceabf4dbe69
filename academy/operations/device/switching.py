"""Whether browsers keep anything: on unless head office's HR or administrators switched it off."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import HouseSwitch, Role, User
from academy.requests.device import keeps_on_devices
from academy.staff.access import bank_wide_refusal

SWITCH = register_action("academy.switch_devices", gettext_lazy("Keeping pages on devices switched on or off"))
DECIDERS = (Role.HR, Role.ADMINISTRATOR)


def switch_refusal(actor: User, on: date) -> str | None:
    """Why the person may not switch it, or None."""
    return bank_wide_refusal(actor, on, *DECIDERS)


@transaction.atomic
def switch_devices(*, keep: bool, reason: str, actor: User, now: datetime) -> None:
    """Idempotent. Raises ``RuleViolation`` below head office and without a reason."""
    refusal = switch_refusal(actor, local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    before = keeps_on_devices()
    if before == keep:
        return
    if not reason.strip():
        raise RuleViolation(_("Say why."))
    HouseSwitch.objects.update_or_create(code=HouseSwitch.KEEP_ON_DEVICES, defaults={"on": keep})
    record(
        SWITCH,
        now=now,
        actor=actor,
        about=HouseSwitch.KEEP_ON_DEVICES,
        before={"keep": before},
        after={"keep": keep, "reason": reason.strip()},
    )
