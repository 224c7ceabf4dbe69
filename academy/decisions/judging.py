"""Whether a person may decide about proposals that wait: of many at once, what is the same for all is read once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from academy.decisions.objects import act_refusal, roles_for
from academy.decisions.second_person import DECIDERS, Hands
from academy.models import Proposal, User
from academy.staff.access import bank_wide_refusal, people_visible_to, roles_held

if TYPE_CHECKING:
    from academy.decisions.four_eyes import ProposedAction


class Judge:
    """One person before some proposals on a day. Of those about people and about the bank a constant number of queries,
    however many they are; of those about things the rules of each thing ask their own."""

    def __init__(
        self, actor: User, on: date, proposals: Sequence[Proposal], actions: "Mapping[str, ProposedAction]"
    ) -> None:
        self.actor, self.on, self.proposals, self.actions = actor, on, proposals, actions
        self.held = roles_held(actor, on)
        self.hands = Hands(actor, on)
        self._reached: dict[tuple[str, ...], set[int]] = {}

    @cached_property
    def people(self) -> dict[int, set[int]]:
        """Whom each is about."""
        found: dict[int, set[int]] = defaultdict(set)
        rows = Proposal.people.through.objects.filter(proposal__in=[proposal.pk for proposal in self.proposals])
        for proposal, person in rows.values_list("proposal", "user"):
            found[proposal].add(person)
        return found

    @cached_property
    def bank_wide(self) -> str | None:
        return bank_wide_refusal(self.actor, self.on, *DECIDERS)

    def reached(self, roles: Iterable[str]) -> set[int]:
        """Whom of all these people the person answers for by one of the roles."""
        asked = tuple(roles)
        if asked not in self._reached:
            everybody = set().union(*self.people.values()) if self.people else set()
            seen = people_visible_to(self.actor, self.on, asked).filter(pk__in=everybody)
            self._reached[asked] = set(seen.values_list("pk", flat=True))
        return self._reached[asked]

    def refusal(self, proposal: Proposal) -> str | None:
        """Why the person may not decide, or None."""
        if proposal.state != Proposal.State.WAITING:
            return _("This is decided already.")
        if proposal.proposed_by_id == self.actor.pk:
            return _("You proposed this yourself. A second person decides.")
        act = self.actions.get(proposal.action)
        acts = act.acts(proposal.facts) if act and act.acts else []
        allowed = act.roles if act else DECIDERS
        roles = {role for one in acts for role in roles_for(one.thing, one.name)} or set(allowed)
        if not self.held & roles:
            return _("You may read this, not change it.")
        if self.hands.are_of(proposal.proposed_by_id, roles):
            return _("Your role or your password was given by the person who proposed this. Somebody else decides.")
        if act and act.acts:
            refusals = (act_refusal(person=self.actor, act=one, on=self.on) for one in acts)
            return next((refusal for refusal in refusals if refusal), None)
        if act and act.bank_wide:
            return self.bank_wide
        return self._of_people(proposal, act, allowed)

    def _of_people(self, proposal: Proposal, act: "ProposedAction | None", allowed: tuple[str, ...]) -> str | None:
        people = self.people.get(proposal.pk, set())
        if self.actor.pk in people:
            return _("Nobody decides about themselves.")
        profits = act.profits(self.actor, proposal.facts) if act else None
        if profits:
            return str(profits)
        if not people <= self.reached(allowed):
            return _("Some of these people are not in your part of the bank.")
        return None
