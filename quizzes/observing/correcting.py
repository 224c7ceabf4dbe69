"""What was decided about an observation after all: a sheet corrected, a result taken away, a line manager allowed.

Each is proposed by one person and carried out when another approves; the sheet as it was is kept.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from academy.bilingual import pick
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, User
from academy.notices.inbox import Telling, notify_many, register_notice
from academy.staff.access import team_of
from quizzes.marking.rubrics import IncompleteRubric, judge_observed
from quizzes.models import Observation, ScoreSheet
from quizzes.observing.scoring import refuse_both, settle

CORRECT = register_action("quizzes.correct_observation", gettext_lazy("Score sheet corrected"))
ANNUL = register_action("quizzes.annul_observation", gettext_lazy("Result of an observation taken away"))
ALLOW = register_action("quizzes.allow_manager_to_assess", gettext_lazy("Line manager allowed to assess"))
CORRECTED = register_notice(
    "quizzes.observation_corrected",
    title=gettext_lazy("%(practice)s: the result was corrected"),
    text=gettext_lazy("%(reason)s"),
    icon="edit",
    required=True,
)


def propose_correction(
    *, sheet: ScoreSheet, levels: dict[str, int], vetoes: list[str], reason: str, actor: User, now: datetime
) -> Proposal:
    """Proposes other levels on a sheet that was handed in. Raises ``RuleViolation``."""
    observation = sheet.observation
    if sheet.handed_in_at is None or sheet.fraction is None:
        raise RuleViolation(_("Only a sheet that was handed in is corrected."))
    fraction, chosen = _judged(observation, levels, vetoes)
    if fraction == sheet.fraction and _marked(chosen) == _marked(sheet.chosen):
        raise RuleViolation(_("The score is already this."))
    facts = {
        **_facts(observation),
        "sheet": sheet.pk,
        "assessor": sheet.assessor.display_name,
        "levels": levels,
        "vetoes": vetoes,
        "before": _points(sheet.fraction),
        "after": _points(fraction),
    }
    return propose(action=CORRECTION, people=[observation.person], facts=facts, reason=reason, actor=actor, now=now)


def propose_annulment(*, observation: Observation, reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes that a result counts no more, such as for deceit. What rests on it stands until a person decides."""
    if observation.state != Observation.State.SCORED or observation.annulled_at is not None:
        raise RuleViolation(_("There is no result that counts."))
    facts = {**_facts(observation), "before": str(observation.score)}
    return propose(action=ANNULMENT, people=[observation.person], facts=facts, reason=reason, actor=actor, now=now)


def propose_manager(*, observation: Observation, reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes that the line manager may assess this one."""
    if team_of(actor, local_day(now)).filter(pk=observation.person_id).exists():
        raise RuleViolation(_("Nobody decides about themselves."))
    if not observation.is_open or observation.manager_allowed:
        raise RuleViolation(_("This is over, or allowed already."))
    return propose(
        action=MANAGER, people=[observation.person], facts=_facts(observation), reason=reason, actor=actor, now=now
    )


def _carry_out_correction(*, proposal: Proposal, actor: User, now: datetime) -> None:
    facts = proposal.facts
    observation = _locked(facts["observation"])
    sheet = ScoreSheet.objects.select_for_update(of=("self",)).get(pk=facts["sheet"])
    if actor.pk == sheet.assessor_id and proposal.proposed_by_id != actor.pk:
        raise RuleViolation(_("Nobody decides about themselves."))
    if sheet.fraction is None or _points(sheet.fraction) != facts["before"]:
        raise RuleViolation(_("The score was changed meanwhile. Propose it again."))
    fraction, chosen = _judged(observation, facts["levels"], facts["vetoes"])
    was = {"fraction": str(sheet.fraction), "chosen": sheet.chosen, "until": now.isoformat()}
    before = {"score": str(observation.score), "passed": observation.passed, "sheet": facts["before"]}
    sheet.before, sheet.fraction, sheet.chosen = [*sheet.before, was], fraction, chosen
    sheet.draft = {"levels": facts["levels"], "vetoes": facts["vetoes"]}
    sheet.save(update_fields=["before", "fraction", "chosen", "draft"])
    if observation.state in (Observation.State.SCORED, Observation.State.UNCOUNTED):
        settle(observation=observation, now=now)
    after = {"score": str(observation.score), "passed": observation.passed, "sheet": facts["after"]}
    _record(CORRECT, proposal, observation, actor, now, before=before, after=after)
    _tell(observation, proposal, now)


def _carry_out_annulment(*, proposal: Proposal, actor: User, now: datetime) -> None:
    observation = _locked(proposal.facts["observation"])
    if observation.state != Observation.State.SCORED or observation.annulled_at is not None:
        raise RuleViolation(_("There is no result that counts."))
    observation.annulled_at = now
    observation.save(update_fields=["annulled_at"])
    before = {"score": str(observation.score), "passed": observation.passed}
    _record(ANNUL, proposal, observation, actor, now, before=before, after={"annulled": True})
    _tell(observation, proposal, now)


def _carry_out_manager(*, proposal: Proposal, actor: User, now: datetime) -> None:
    observation = _locked(proposal.facts["observation"])
    if team_of(actor, local_day(now)).filter(pk=observation.person_id).exists():
        raise RuleViolation(_("Nobody decides about themselves."))
    if not observation.is_open:
        raise RuleViolation(_("This is over."))
    observation.manager_allowed = True
    observation.save(update_fields=["manager_allowed"])
    record(ALLOW, now=now, actor=actor, about=observation, person=observation.person, reason=proposal.reason)


def _judged(observation: Observation, levels: dict[str, int], vetoes: list[str]) -> tuple[Decimal, dict[str, Any]]:
    refuse_both(observation.terms["rubric"], levels, vetoes)
    try:
        return judge_observed(observation.terms["rubric"], levels=levels, vetoes=frozenset(vetoes))
    except IncompleteRubric as missing:
        raise RuleViolation(_("Choose one level for each criterion.")) from missing


def _marked(chosen: dict[str, Any]) -> set[str]:
    """Vetoes and what was not observed: with them a sheet may say another thing for the same score."""
    return {part["id"] for part in [*chosen["vetoes"], *chosen.get("unobserved", [])]}


def _record(act: str, proposal: Proposal, observation: Observation, actor: User, now: datetime, **told: Any) -> None:
    person, reason = observation.person, proposal.reason
    record(act, now=now, actor=actor, about=observation, person=person, reason=reason, fact=observation, **told)


def _locked(pk: int) -> Observation:
    return Observation.objects.select_for_update(of=("self",)).select_related("practice", "person").get(pk=pk)


def _facts(observation: Observation) -> dict[str, Any]:
    return {"observation": observation.pk, "practice": observation.practice.names}


def _tell(observation: Observation, proposal: Proposal, now: datetime) -> None:
    facts = {**_facts(observation), "reason": proposal.reason}
    telling = Telling(observation.person_id, f"corrected:{proposal.pk}", facts, observation.get_absolute_url())
    notify_many(kind=CORRECTED, tellings=[telling], now=now)


def _points(fraction: Decimal) -> str:
    return f"{fraction * 100:.2f}"


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    lines = [(_("Observed practice"), pick(facts["practice"], get_language() or settings.LANGUAGE_CODE))]
    if "assessor" in facts:
        lines.append((_("Assessor"), facts["assessor"]))
    if "before" in facts:
        lines.append((_("Score now"), facts["before"]))
    if "after" in facts:
        lines.append((_("New score"), facts["after"]))
    return lines


CORRECTION = register_proposal(
    "quizzes.correct_observation",
    label=gettext_lazy("Correct a score sheet"),
    carry_out=_carry_out_correction,
    describe=_describe,
    undone_by="quizzes.correct_observation",
)
ANNULMENT = register_proposal(
    "quizzes.annul_observation",
    label=gettext_lazy("Take an observation's result away"),
    carry_out=_carry_out_annulment,
    describe=_describe,
    undone_by=None,
)
MANAGER = register_proposal(
    "quizzes.allow_manager_to_assess",
    label=gettext_lazy("Let the line manager assess"),
    carry_out=_carry_out_manager,
    describe=_describe,
    undone_by=None,
)
