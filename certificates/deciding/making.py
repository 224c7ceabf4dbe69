"""By whom and when something is decided, and how an act refuses and writes for one person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import Proposal, User
from certificates.deciding.cases import DecisionCase
from certificates.deciding.plan import DecisionPlan
from certificates.models import Decision


@dataclass(frozen=True)
class Making:
    """By whom, when and why a plan is carried out; None of ``proposal`` while it is only tried."""

    plan: DecisionPlan
    reason: str
    actor: User
    now: datetime
    proposal: Proposal | None = None

    @property
    def today(self) -> date:
        return local_day(self.now)

    @property
    def recorder(self) -> User:
        """经办人: who proposed it."""
        return self.proposal.proposed_by if self.proposal else self.actor

    def write(self, case: DecisionCase, act: str, *, effective_from: date, **fields: Any) -> Decision:
        return Decision.objects.create(
            person=case.person,
            track=self.plan.track,
            act=act,
            effective_from=effective_from,
            reason=self.reason.strip(),
            proposal=self.proposal,
            recorded_at=self.now,
            recorded_by=self.recorder,
            **fields,
        )


def refuse_unless(condition: object, words: str, **values: Any) -> None:
    if not condition:
        raise RuleViolation(words % values if values else words)


def employed(case: DecisionCase) -> None:
    refuse_unless(case.employed, _("This person is not employed here today."))
