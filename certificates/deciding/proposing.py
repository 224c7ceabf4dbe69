"""Four eyes over decisions about levels: one act of the house for each, in force when another person approves."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import propose, register_proposal
from academy.decisions.second_person import second_person_is_demanded
from academy.errors.refusals import RuleViolation
from academy.models import Proposal, Role, User
from certificates.deciding.carrying import carry_out
from certificates.deciding.consequences import Effects, effects_of
from certificates.deciding.plan import (
    ACCEPT,
    AWARD,
    CORRECT,
    END,
    EXTEND,
    LOWER,
    REINSTATE,
    REVOKE,
    TAKE_BACK,
    WAIVE,
    DecisionPlan,
    act_label,
    asked_of_track,
)
from certificates.deciding.shown import keep_effects, panel
from certificates.deciding.words import people_named, sentence_of
from certificates.models import CertificationTrack, Decision
from certificates.rules.ladder_words import day_of

# Whose grants allow it, of one's own part of the bank.
PROPOSERS = (Role.HR, Role.ADMINISTRATOR)
# What undoes each: another decision, never an edit.
UNDONE_BY = {
    WAIVE: TAKE_BACK,
    ACCEPT: TAKE_BACK,
    EXTEND: TAKE_BACK,
    AWARD: REVOKE,
    REVOKE: REINSTATE,
    REINSTATE: REVOKE,
    LOWER: REINSTATE,
    END: REINSTATE,
    CORRECT: CORRECT,
    TAKE_BACK: WAIVE,
}


def code_of(act: str) -> str:
    return f"certificates.{act}_by_decision"


ACTIONS = {act: code_of(act) for act in UNDONE_BY}


@transaction.atomic
def propose_decision(
    *, plan: DecisionPlan, people: Sequence[User], reason: str, actor: User, now: datetime
) -> Proposal:
    """Proposes it for all of them, or carries it out at once where nobody else could decide. Raises ``RuleViolation`` that
    names those for whom it cannot be."""
    # Of two that propose at once the second finds the first's.
    users = User.objects.filter(pk__in=[person.pk for person in people])
    list(users.select_for_update(no_key=True).order_by("pk").values("pk"))
    refused = refused_because_waiting(track=plan.track, people=people)
    if refused:
        raise RuleViolation(refused)
    effects = effects_of(plan=plan, people=people, reason=reason, actor=actor, now=now)
    _refuse_all(effects)
    _demand_second_person(plan, people, effects, actor, now)
    return propose(action=code_of(plan.act), people=people, facts=plan.facts(), reason=reason, actor=actor, now=now)


def refused_because_waiting(*, track: CertificationTrack, people: Sequence[User]) -> str:
    """In words, of whom a decision about the level waits already; '' where of nobody."""
    waiting = people_with_waiting(track=track, people=people)
    if not waiting:
        return ""
    words = _("A decision about this level waits for a second person already: %(names)s.")
    return words % {"names": people_named([str(person) for person in waiting])}


def people_with_waiting(*, track: CertificationTrack, people: Sequence[User]) -> list[User]:
    """Of whom a decision about the same track waits already."""
    waiting = Proposal.objects.filter(
        action__in=list(ACTIONS.values()), state=Proposal.State.WAITING, facts__track=track.code
    )
    rows = Proposal.people.through.objects.filter(proposal__in=waiting.values("pk"), user__in=people)
    named = set(rows.values_list("user", flat=True))
    return [person for person in people if person.pk in named]


def _refuse_all(effects: Effects) -> None:
    if effects.refused:
        named = [
            _("%(who)s: %(reason)s") % {"who": effect.person, "reason": effect.refusal} for effect in effects.refused
        ]
        raise RuleViolation(_("Nothing was proposed. %(names)s") % {"names": people_named(named)})


def _demand_second_person(
    plan: DecisionPlan, people: Sequence[User], effects: Effects, actor: User, now: datetime
) -> None:
    """A level that was taken away is never given again by one person alone."""
    if not effects.warned:
        return
    demanded = second_person_is_demanded(
        action=code_of(plan.act), people=people, proposer=actor, on=local_day(now), roles=PROPOSERS
    )
    if not demanded:
        raise RuleViolation(
            _("A level that was revoked is given again by two people only, and there is no second person.")
        )


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    """All of them or none: what cannot be for one any more leaves the proposal waiting."""
    plan, people = DecisionPlan.of(proposal.facts), list(proposal.people.all())
    refused = carry_out(plan=plan, people=people, reason=proposal.reason, proposal=proposal, actor=actor, now=now)
    if refused:
        named = [
            _("%(who)s: %(reason)s") % {"who": person, "reason": refused[person.pk]}
            for person in people
            if person.pk in refused
        ]
        raise RuleViolation(_("This cannot be done any more. %(names)s") % {"names": people_named(named)})


def describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    return said_of_plan(DecisionPlan.of(proposal.facts), local_day(proposal.proposed_at))


def said_of_plan(plan: DecisionPlan, on: date) -> list[tuple[Any, Any]]:
    """What was said of it on a day, as (word, value): before it is proposed, and for the second person."""
    lines: list[tuple[Any, Any]] = [(_("Track"), plan.track)]
    if plan.about:
        asked = asked_of_track(plan.track, on).get(plan.about)
        lines.append((_("Requirement"), asked.label if asked else plan.about))
    if plan.lower is not None:
        lines.append((_("Lower level"), plan.lower.level))
    if plan.act == ACCEPT:
        lines.append((_("Day of the evidence"), day_of(plan.on)))
    elif plan.act in (REVOKE, END, LOWER, REINSTATE):
        lines.append((pgettext("moment", "From"), day_of(plan.on)))
    if plan.until is not None:
        lines.append((_("Through"), day_of(plan.until)))
    if plan.this_cycle:
        lines.append((pgettext("decision", "Holds"), _("for this award only")))
    if plan.document_number:
        lines.append((_("Document number"), plan.document_number))
    if plan.grounds:
        asked_for = asked_of_track(plan.track, on)
        names = [str(asked_for[ground].label) if ground in asked_for else ground for ground in plan.grounds]
        lines.append((_("Evidence refused from then on"), listed(names)))
    if plan.decision is not None:
        decision = Decision.objects.filter(pk=plan.decision).select_related("requirement", "track__level").first()
        lines.append((_("Decision taken back"), sentence_of(decision) if decision else "–"))
    return lines


for _act, _undoing in UNDONE_BY.items():
    register_proposal(
        code_of(_act),
        label=act_label(_act),
        carry_out=_carry_out,
        describe=describe,
        undone_by=code_of(_undoing),
        panel=panel,
        keep=keep_effects,
        roles=PROPOSERS,
    )
