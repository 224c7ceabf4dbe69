"""For which acts a second person decides. One may always ask for more: switching off is itself an act of two people, or one
person would switch off, undo what two decided, and switch on again."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from academy.bilingual import in_every_language, pick
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import DECIDERS, PROPOSED_ACTIONS, propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import FourEyesSwitch, Proposal, User
from academy.staff.access import bank_wide_refusal

SWITCH = register_action("academy.switch_four_eyes", gettext_lazy("Second person switched on or off"))


def switch_refusal(actor: User, on: date) -> str | None:
    """Why the person may not switch the second person on or off, or None."""
    return bank_wide_refusal(actor, on, *DECIDERS)


@transaction.atomic
def switch_four_eyes(*, action: str, demanded: bool, reason: str = "", actor: User, now: datetime) -> Proposal | None:
    """Switches on at once; to switch off is proposed, and the proposal is given back. Idempotent: what stands or is
    proposed already is not proposed again. Raises ``RuleViolation`` for an unknown action, below head office, without a
    reason, and where nobody else at head office could decide.
    """
    refusal = switch_refusal(actor, local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    if action not in PROPOSED_ACTIONS:
        raise RuleViolation(_("This action is not known."))
    if PROPOSED_ACTIONS[action].bank_wide:
        raise RuleViolation(_("For this action a second person is always required."))
    if _is_demanded(action) == demanded:
        return None
    if demanded:
        _switch(action, demanded=True, actor=actor, now=now)
        return None
    if action in waiting_to_be_switched_off():
        return None
    facts = {"switched": action, "label": in_every_language(PROPOSED_ACTIONS[action].label)}
    return propose(action=SWITCH_OFF, people=[], facts=facts, reason=reason, actor=actor, now=now)


def waiting_to_be_switched_off() -> set[str]:
    """The acts for which that is proposed and not decided. One query."""
    waiting = Proposal.objects.filter(action=SWITCH_OFF, state=Proposal.State.WAITING)
    return set(waiting.values_list("facts__switched", flat=True))


def _is_demanded(action: str) -> bool:
    switch = FourEyesSwitch.objects.filter(action=action).first()
    return switch is None or switch.demanded


def _switch(action: str, *, demanded: bool, actor: User, now: datetime) -> None:
    before = _is_demanded(action)
    FourEyesSwitch.objects.update_or_create(action=action, defaults={"demanded": demanded})
    if before != demanded:
        record(SWITCH, now=now, actor=actor, about=action, before={"demanded": before}, after={"demanded": demanded})


def _switch_off(*, proposal: Proposal, actor: User, now: datetime) -> None:
    _switch(proposal.facts["switched"], demanded=False, actor=actor, now=now)


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    label = pick(proposal.facts["label"], get_language() or settings.LANGUAGE_CODE)
    return [(_("No second person any more for"), label)]


# Switching on again asks for more care, not less: nothing has to be proposed for it.
SWITCH_OFF = register_proposal(
    "academy.second_person_off",
    label=gettext_lazy("Second person switched off"),
    carry_out=_switch_off,
    describe=_describe,
    undone_by=None,
    bank_wide=True,
)
