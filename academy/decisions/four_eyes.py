"""经办 / 复核: a weighty act is proposed by one person and takes effect when another approves.

A part of the house that has such an act registers it once::

    BAN = register_proposal(
        "quizzes.ban", label=_("Ban from exams"), carry_out=_impose, describe=_describe, undone_by="quizzes.lift_ban"
    )

and calls ``propose``. Where nobody else could decide, or two people switched the second person off for this action (``switching``), it is
carried out at once and the proposal says so. What two people did, one does not undo: each act names the act that undoes
it, which is proposed in the same way, or says that nothing does. The second person holds the same role in the same part
of the bank or above it (``second_person``); of an act on things, whose proposal names no people, whoever may do the act on
each of them, wrote none of it and does not profit (``objects``). ``carry_out(proposal=…, actor=…, now=…)`` runs inside the decision's transaction: a refusal of it
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

from academy.bilingual import in_every_language, listed
from academy.calendar.clock import local_day
from academy.decisions.judging import Judge
from academy.decisions.objects import Act, act_refusal, second_people, thing_named
from academy.decisions.reasons import reason_facts
from academy.decisions.second_person import (
    DECIDERS,
    crowd_refusal,
    deciders_for,
    deciders_of_bank,
    is_switched_off,
    second_person_is_demanded,
)
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, ProposalObject, Role, User
from academy.notices.inbox import notify, register_notice
from academy.staff.access import has_role, holds_bank_wide, people_visible_to

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


@dataclass(frozen=True)
class ProposedAction:
    """An act that may need a second person. ``describe`` says in words what exactly would happen.

    One that is ``bank_wide`` concerns no person but the whole bank: the second person is of head office, is always
    demanded and is not switched off. ``undone_by`` is the code of the act that undoes it, None where nothing does.
    One on things says with ``acts`` which they are, by the proposal's facts; ``readers`` are the roles that see such
    proposals, and ``changes(proposal, viewer, now)`` shows what would be otherwise, thing by thing. ``panel`` draws what
    would be otherwise for people, as a template with its context, and ``keep`` gives what of it stays with the proposal
    when it is decided: by the key of the person, or the thing's reference, what JSON holds, under ``SHOWN`` in its facts. ``roles`` are those whose grants allow an act on people,
    and ``profits(person, facts)`` says why the person may not decide although it is not about them, or None.
    """

    code: str
    label: Any
    carry_out: Callable[..., object]
    describe: Callable[[Proposal], list[tuple[Any, Any]]]
    undone_by: str | None
    bank_wide: bool = False
    acts: Callable[[dict[str, Any]], list[Act]] | None = None
    readers: tuple[str, ...] = ()
    changes: Callable[[Proposal, User, datetime], list[Any]] | None = None
    panel: Callable[[Proposal, User, datetime], dict[str, Any] | None] | None = None
    keep: Callable[[Proposal, User, datetime], dict[Any, Any]] | None = None
    roles: tuple[str, ...] = DECIDERS
    profits: Callable[[User, dict[str, Any]], Any] = lambda person, facts: None


PROPOSED_ACTIONS: dict[str, ProposedAction] = {}
# So many things are named in a notice.
MOST_NAMED = 3
# In the facts of a decided proposal: what was shown for the decision.
SHOWN = "shown"


def register_proposal(
    code: str,
    *,
    label: Any,
    carry_out: Callable[..., object],
    describe: Callable[[Proposal], list[tuple[Any, Any]]],
    undone_by: str | None,
    bank_wide: bool = False,
    **of_things: Any,
) -> str:
    """Makes an act known. ``describe`` gives pairs of a word and a value, shown to whoever decides; ``of_things`` are
    ``acts``, ``readers``, ``changes`` and ``keep`` of an act on things, ``panel``, ``keep``, ``roles`` and ``profits`` of
    one on people."""
    PROPOSED_ACTIONS[code] = ProposedAction(code, label, carry_out, describe, undone_by, bank_wide, **of_things)
    return code


@transaction.atomic
def propose(
    *,
    action: str,
    people: Sequence[User] = (),
    things: Iterable[str] = (),
    facts: dict[str, Any],
    reason: str,
    actor: User,
    now: datetime,
) -> Proposal:
    """Writes the proposal and tells who may decide; carries it out at once where nobody else could. ``things`` are named
    as the journal names them.

    Raises ``KeyError`` for an action that is not registered, ``RuleViolation`` without a reason or people.
    """
    act = PROPOSED_ACTIONS[action]
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    deciders = _who_decides(act, people, facts, actor, now)
    proposal = Proposal.objects.create(
        action=action, facts=facts, reason=reason.strip()[:500], proposed_at=now, proposed_by=actor
    )
    proposal.people.set(people)
    references = dict.fromkeys(things)
    ProposalObject.objects.bulk_create(
        ProposalObject(proposal=proposal, reference=reference) for reference in references
    )
    record(
        PROPOSE,
        now=now,
        actor=actor,
        about=proposal,
        person=people[0] if len(people) == 1 else None,
        reason=proposal.reason,
        after={"action": action, "people": [person.staff_number for person in people], **facts},
    )
    if not deciders:
        _keep_what_was_shown(act, proposal, actor, now)
        proposal.state, proposal.decided_at = Proposal.State.ALONE, now
        proposal.save(update_fields=["facts", "state", "decided_at"])
        act.carry_out(proposal=proposal, actor=actor, now=now)
        return proposal
    # Where all of them would profit they hear of it, too: one decides as soon as that is over.
    for decider in [decider for decider in deciders if not act.profits(decider, facts)] or deciders:
        notify(
            person=decider,
            kind=WAITS,
            event=f"proposal:{proposal.pk}",
            now=now,
            facts={
                "action": _called(act, proposal),
                "who": actor.display_name,
                "reason": reason_facts(proposal.reason),
            },
            path=reverse("proposals:decide", args=[proposal.pk]),
        )
    return proposal


def _called(act: ProposedAction, proposal: Proposal) -> dict[str, str]:
    """The act, and by name the things that it is about, the first few of many."""
    references = proposal.objects_concerned.order_by("pk").values_list("reference", flat=True)
    things = [thing for reference in references if (thing := thing_named(reference)) is not None]

    def words() -> str:
        if not things:
            return str(act.label)
        what = listed(str(thing) for thing in things[:MOST_NAMED])
        if len(things) > MOST_NAMED:
            what = _("%(names)s and others") % {"names": what}
        return _("%(action)s: %(what)s") % {"action": act.label, "what": what}

    return in_every_language(words)


def _who_decides(
    act: ProposedAction, people: Sequence[User], facts: dict[str, Any], actor: User, now: datetime
) -> list[User]:
    """Who could be the second person; nobody where none is demanded. Raises ``RuleViolation`` where it may not be proposed."""
    today = local_day(now)
    if act.acts is not None:
        return _who_decides_about(act, facts, actor, now)
    if not people and not act.bank_wide:
        raise RuleViolation(_("Name at least one person."))
    if any(person.pk == actor.pk for person in people):
        raise RuleViolation(_("Nobody decides about themselves."))
    if act.bank_wide:
        found = list(deciders_of_bank(but=actor, on=today))
        if not found:
            raise RuleViolation(_("Nobody at head office could be the second person."))
        return found
    refusal = crowd_refusal(action=act.code, people=people, proposer=actor, on=today, roles=act.roles)
    if refusal:
        raise RuleViolation(refusal)
    if not second_person_is_demanded(action=act.code, people=people, proposer=actor, on=today, roles=act.roles):
        return []
    return list(deciders_for(people=people, but=actor, on=today, roles=act.roles))


def _who_decides_about(act: ProposedAction, facts: dict[str, Any], actor: User, now: datetime) -> list[User]:
    """The same of things: whoever may do the act on each of them. Alone only who may do it at all."""
    assert act.acts is not None
    acts = act.acts(facts)
    on = local_day(now)
    refusals = (act_refusal(person=actor, act=act, on=on, as_second=False) for act in acts)
    refusal = next((refusal for refusal in refusals if refusal), None)
    # Who may not do it at all needs somebody who may, whatever was switched off.
    found = [] if refusal is None and is_switched_off(act.code) else second_people(acts=acts, but=actor, on=on)
    if not found and refusal:
        raise RuleViolation(_("Nobody could be the second person. %(why)s") % {"why": refusal})
    return found


def decision_refusal(*, proposal: Proposal, actor: User, on: date) -> str | None:
    """Why the person may not decide, or None. The buttons show it, the action raises it."""
    return Judge(actor, on, [proposal], PROPOSED_ACTIONS).refusal(proposal)


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
    _keep_what_was_shown(act, locked, actor, now)
    _close(locked, wanted, note, actor, now)
    if approve:
        act.carry_out(proposal=locked, actor=actor, now=now)
    notify(
        person=locked.proposed_by,
        kind=DECIDED,
        event=f"proposal:{locked.pk}",
        now=now,
        facts={
            "action": _called(act, locked),
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
    _take_back(locked, "", actor, now)
    return locked


def supersede_proposal(*, proposal: Proposal, actor: User, now: datetime) -> None:
    """In the caller's transaction: what waits goes on in another proposal. Raises ``RuleViolation`` where it was decided."""
    locked = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if locked.state != Proposal.State.WAITING:
        raise RuleViolation(_("This is decided already."))
    _take_back(locked, _("Handed in again, with changes."), actor, now)


def _take_back(proposal: Proposal, note: str, actor: User, now: datetime) -> None:
    """What is shown of a thing stays, as of what was decided; of people nothing is, once nobody decides."""
    act = PROPOSED_ACTIONS.get(proposal.action)
    if act is not None and act.changes is not None:
        _keep_what_was_shown(act, proposal, actor, now)
    _close(proposal, Proposal.State.WITHDRAWN, note, actor, now)


def _keep_what_was_shown(act: ProposedAction, proposal: Proposal, actor: User, now: datetime) -> None:
    """Once it is carried out nobody can reckon any more what it was decided by."""
    if act.keep is not None:
        kept = act.keep(proposal, actor, now)
        proposal.facts = {**proposal.facts, SHOWN: {str(key): said for key, said in kept.items()}}


def _close(proposal: Proposal, state: Proposal.State, note: str, actor: User, now: datetime) -> None:
    proposal.state, proposal.note, proposal.decided_by, proposal.decided_at = state, note.strip()[:500], actor, now
    proposal.save(update_fields=["facts", "state", "note", "decided_by", "decided_at"])
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
    """Proposals about somebody in the person's part of the bank, about things that the person looks after, and their own."""
    if user.is_superuser:
        return Proposal.objects.all()
    about = Proposal.people.through.objects.filter(
        proposal=OuterRef("pk"), user__in=people_visible_to(user, on).values("pk")
    )
    seen = Q(Exists(about)) | Q(proposed_by=user)
    if holds_bank_wide(user, on, *DECIDERS, Role.AUDITOR):
        seen |= Q(action__in=[code for code, act in PROPOSED_ACTIONS.items() if act.bank_wide])
    of_things = [code for code, act in PROPOSED_ACTIONS.items() if act.acts and has_role(user, on, *act.readers)]
    if of_things:
        seen |= Q(action__in=of_things)
    return Proposal.objects.filter(seen)


def may_wait_for(user: User, on: date) -> bool:
    """Whether the person could ever be a second person: who audits reads and decides nothing."""
    readers = {role for act in PROPOSED_ACTIONS.values() for role in act.readers} - {Role.AUDITOR}
    return has_role(user, on, *DECIDERS, *readers)


def waiting_for(user: User, on: date) -> QuerySet[Proposal]:
    """What waits for the person: what the decision itself would not refuse them, judged together."""
    if not may_wait_for(user, on):
        return Proposal.objects.none()
    found = proposals_visible_to(user, on).filter(state=Proposal.State.WAITING)
    others = list(found.exclude(proposed_by=user))
    judge = Judge(user, on, others, PROPOSED_ACTIONS)
    return Proposal.objects.filter(pk__in=[proposal.pk for proposal in others if judge.refusal(proposal) is None])
