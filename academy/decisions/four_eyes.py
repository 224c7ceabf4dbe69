"""经办 / 复核: a weighty act is proposed by one person and takes effect when another approves.

A part of the house that has such an act registers it once::

    BAN = register_proposal(
        "quizzes.ban", label=_("Ban from exams"), carry_out=_impose, describe=_describe, undone_by="quizzes.lift_ban"
    )

and calls ``propose``. Where nobody else could decide, or two people switched the second person off for this action (``switching``), it is
carried out at once and the proposal says so. What two people did, one does not undo: each act names the act that undoes
it, which is proposed in the same way, or says that nothing does. The second person holds the same role in the same part of the bank or
above it. ``carry_out(proposal=…, actor=…, now=…)`` runs inside the decision's transaction: a refusal of it
(``RuleViolation``) leaves the proposal waiting.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import FourEyesSwitch, JournalEntry, Posting, Proposal, Role, RoleGrant, User
from academy.notices.inbox import notify, register_notice
from academy.staff.access import answering_for, bank_wide_refusal, has_role, holds_bank_wide, people_visible_to

PROPOSE = register_action("academy.propose", gettext_lazy("Proposed to a second person"))
DECIDE = register_action("academy.decide_proposal", gettext_lazy("Proposal decided"))

WAITS = register_notice(
    "academy.proposal_waits",
    title=gettext_lazy("%(action)s waits for a second person"),
    text=gettext_lazy("%(who)s proposed it: %(reason)s"),
    icon="user",
    required=True,
)
DECIDED = register_notice(
    "academy.proposal_decided",
    title=gettext_lazy("%(action)s: %(state)s"),
    text=gettext_lazy("Decided by %(who)s. %(note)s"),
    icon="user",
)

DECIDERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class ProposedAction:
    """An act that may need a second person. ``describe`` says in words what exactly would happen.

    One that is ``bank_wide`` concerns no person but the whole bank: the second person is of head office, is always
    demanded and is not switched off. ``undone_by`` is the code of the act that undoes it, None where nothing does.
    """

    code: str
    label: Any
    carry_out: Callable[..., object]
    describe: Callable[[Proposal], list[tuple[Any, Any]]]
    undone_by: str | None
    bank_wide: bool = False


PROPOSED_ACTIONS: dict[str, ProposedAction] = {}


def register_proposal(
    code: str,
    *,
    label: Any,
    carry_out: Callable[..., object],
    describe: Callable[[Proposal], list[tuple[Any, Any]]],
    undone_by: str | None,
    bank_wide: bool = False,
) -> str:
    """Makes an act known. ``describe`` gives pairs of a word and a value, shown to whoever decides."""
    PROPOSED_ACTIONS[code] = ProposedAction(code, label, carry_out, describe, undone_by, bank_wide)
    return code


def deciders_for(*, people: Iterable[User], but: User, on: date) -> QuerySet[User]:
    """Who else could decide about all of these people: HR and administrators of their branches or above."""
    people = list(people)
    return answering_for(people, on, DECIDERS).exclude(pk__in=[but.pk, *(person.pk for person in people)])


def deciders_of_bank(*, but: User, on: date) -> QuerySet[User]:
    """Who else could decide about what concerns the whole bank: HR and administrators of head office."""
    grants = RoleGrant.objects.current().in_force(on).filter(role__in=DECIDERS, branch__parent=None)
    return User.objects.filter(pk__in=grants.values("person"), is_active=True).exclude(pk=but.pk)


def second_person_is_demanded(*, action: str, people: Sequence[User], proposer: User, on: date) -> bool:
    """HR's switch decides; without one, a second person decides wherever there is one."""
    switch = FourEyesSwitch.objects.filter(action=action).first()
    if switch is not None and not switch.demanded:
        return False
    return deciders_for(people=people, but=proposer, on=on).exists()


def crowd_refusal(*, action: str, people: Sequence[User], proposer: User, on: date) -> str | None:
    """Why this is not decided about all of these people alone, or None. A list that holds everybody who could be the second
    person, or that nobody answers for as a whole, would else make one person enough for each of them."""
    if len(people) < 2 or FourEyesSwitch.objects.filter(action=action, demanded=False).exists():
        return None
    if second_person_is_demanded(action=action, people=people, proposer=proposer, on=on):
        return None
    posted = Posting.objects.current().effective(on).filter(person__in=people, primary=True)
    branch_of = dict(posted.values_list("person", "branch"))
    groups: dict[int | None, list[User]] = {}
    for one in people:
        groups.setdefault(branch_of.get(one.pk), []).append(one)
    for group in groups.values():
        able = set(answering_for(group[:1], on, DECIDERS).exclude(pk=proposer.pk).values_list("pk", flat=True))
        if any(able - {one.pk} for one in group):
            return _(
                "Nobody else could decide about all of these people at once. Propose it for fewer of them, so that a "
                "second person is not among them."
            )
    return None


@transaction.atomic
def propose(
    *, action: str, people: Sequence[User], facts: dict[str, Any], reason: str, actor: User, now: datetime
) -> Proposal:
    """Writes the proposal and tells who may decide; carries it out at once where nobody else could.

    Raises ``KeyError`` for an action that is not registered, ``RuleViolation`` without a reason or people.
    """
    act = PROPOSED_ACTIONS[action]
    today = local_day(now)
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if not people and not act.bank_wide:
        raise RuleViolation(_("Name at least one person."))
    deciders = (
        deciders_of_bank(but=actor, on=today) if act.bank_wide else deciders_for(people=people, but=actor, on=today)
    )
    if act.bank_wide and not deciders.exists():
        raise RuleViolation(_("Nobody at head office could be the second person."))
    if any(person.pk == actor.pk for person in people):
        raise RuleViolation(_("Nobody decides about themselves."))
    refusal = None if act.bank_wide else crowd_refusal(action=action, people=people, proposer=actor, on=today)
    if refusal:
        raise RuleViolation(refusal)
    proposal = Proposal.objects.create(
        action=action, facts=facts, reason=reason.strip()[:500], proposed_at=now, proposed_by=actor
    )
    proposal.people.set(people)
    record(
        PROPOSE,
        now=now,
        actor=actor,
        about=proposal,
        person=people[0] if len(people) == 1 else None,
        reason=proposal.reason,
        after={"action": action, "people": [one.staff_number for one in people], **facts},
    )
    if not act.bank_wide and not second_person_is_demanded(action=action, people=people, proposer=actor, on=today):
        proposal.state, proposal.decided_at = Proposal.State.ALONE, now
        proposal.save(update_fields=["state", "decided_at"])
        act.carry_out(proposal=proposal, actor=actor, now=now)
        return proposal
    for decider in deciders:
        notify(
            person=decider,
            kind=WAITS,
            event=f"proposal:{proposal.pk}",
            now=now,
            facts={"action": in_every_language(act.label), "who": actor.display_name, "reason": proposal.reason},
            path=reverse("proposals:decide", args=[proposal.pk]),
        )
    return proposal


def decision_refusal(*, proposal: Proposal, actor: User, on: date) -> str | None:
    """Why the person may not decide, or None. The buttons show it, the action raises it."""
    if proposal.state != Proposal.State.WAITING:
        return _("This is decided already.")
    if proposal.proposed_by_id == actor.pk:
        return _("You proposed this yourself. A second person decides.")
    if not has_role(actor, on, *DECIDERS):
        return _("You may read this, not change it.")
    if _is_the_proposers_own(proposal, actor, on):
        return _("Your role or your password was given by who proposed this. Somebody else decides.")
    if is_bank_wide(proposal):
        return bank_wide_refusal(actor, on, *DECIDERS)
    people = proposal.people.values_list("pk", flat=True)
    if actor.pk in people:
        return _("Nobody decides about themselves.")
    if people_visible_to(actor, on, DECIDERS).filter(pk__in=people).count() != len(people):
        return _("Some of these people are not in your part of the bank.")
    return None


def _is_the_proposers_own(proposal: Proposal, actor: User, on: date) -> bool:
    """Whether the account that decides may be in the proposer's hands: every grant that lets it decide was given by the
    proposer, or its newest first password was, each also by an account that is itself in the proposer's hands. One person
    would be both hands."""
    if proposal.proposed_by_id is None or actor.is_superuser:
        return False
    grants = RoleGrant.objects.current().in_force(on).filter(person=actor, role__in=DECIDERS)
    givers = set(grants.values_list("recorded_by", flat=True))
    handed = _in_whose_hands(actor.pk)
    return proposal.proposed_by_id in handed or (
        bool(givers) and all(proposal.proposed_by_id in (giver, *_in_whose_hands(giver)) for giver in givers)
    )


def _in_whose_hands(account: int | None) -> list[int]:
    """Who gave the account its newest first password, who gave theirs to these, and so on: each could act as it. A query
    each."""
    found: list[int] = []
    handed = JournalEntry.objects.filter(action="academy.first_password").order_by("-pk")
    while account is not None:
        account = handed.filter(person=account).values_list("actor", flat=True).first()
        if account is None or account in found:
            break
        found.append(account)
    return found


@transaction.atomic
def decide_proposal(*, proposal: Proposal, approve: bool, note: str, actor: User, now: datetime) -> Proposal:
    """Approves and carries out, or does not. A second click finds it decided. Raises ``RuleViolation``."""
    locked = Proposal.objects.select_for_update().get(pk=proposal.pk)
    wanted = Proposal.State.APPROVED if approve else Proposal.State.REJECTED
    if locked.decided_by_id == actor.pk and locked.state == wanted:
        return locked
    refusal = decision_refusal(proposal=locked, actor=actor, on=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    if not approve and not note.strip():
        raise RuleViolation(_("A reason is needed."))
    act = PROPOSED_ACTIONS[locked.action]
    _close(locked, wanted, note, actor, now)
    if approve:
        act.carry_out(proposal=locked, actor=actor, now=now)
    notify(
        person=locked.proposed_by,
        kind=DECIDED,
        event=f"proposal:{locked.pk}",
        now=now,
        facts={
            "action": in_every_language(act.label),
            "state": in_every_language(wanted.label),
            "who": actor.display_name,
            "note": locked.note,
        },
        path=reverse("proposals:decide", args=[locked.pk]),
    )
    return locked


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal, actor: User, now: datetime) -> Proposal:
    """The proposer takes it back while it waits. Idempotent. Raises ``RuleViolation``."""
    locked = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if locked.state == Proposal.State.WITHDRAWN:
        return locked
    if locked.state != Proposal.State.WAITING:
        raise RuleViolation(_("This is decided already."))
    if locked.proposed_by_id != actor.pk:
        raise RuleViolation(_("Only the person who proposed it can take it back."))
    _close(locked, Proposal.State.WITHDRAWN, "", actor, now)
    return locked


def _close(proposal: Proposal, state: Proposal.State, note: str, actor: User, now: datetime) -> None:
    proposal.state, proposal.note, proposal.decided_by, proposal.decided_at = state, note.strip()[:500], actor, now
    proposal.save(update_fields=["state", "note", "decided_by", "decided_at"])
    people = list(proposal.people.all()[:2])
    record(
        DECIDE,
        now=now,
        actor=actor,
        about=proposal,
        person=people[0] if len(people) == 1 else None,
        reason=proposal.note,
        before={"state": Proposal.State.WAITING},
        after={"state": state},
    )


def proposals_visible_to(user: User, on: date) -> QuerySet[Proposal]:
    """Proposals about somebody in the person's part of the bank, and their own."""
    if user.is_superuser:
        return Proposal.objects.all()
    about = Proposal.people.through.objects.filter(
        proposal=OuterRef("pk"), user__in=people_visible_to(user, on).values("pk")
    )
    seen = Q(Exists(about)) | Q(proposed_by=user)
    if holds_bank_wide(user, on, *DECIDERS, Role.AUDITOR):
        seen |= Q(action__in=[code for code, act in PROPOSED_ACTIONS.items() if act.bank_wide])
    return Proposal.objects.filter(seen)


def is_bank_wide(proposal: Proposal) -> bool:
    act = PROPOSED_ACTIONS.get(proposal.action)
    return act is not None and act.bank_wide


def waiting_for(user: User, on: date) -> QuerySet[Proposal]:
    """What the person could decide: waits, is not their own, is about their part of the bank."""
    if not has_role(user, on, *DECIDERS):
        return Proposal.objects.none()
    return (
        proposals_visible_to(user, on)
        .filter(state=Proposal.State.WAITING)
        .exclude(proposed_by=user)
        .exclude(people=user)
    )
