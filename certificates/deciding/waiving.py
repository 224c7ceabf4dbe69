"""A requirement waived, earlier evidence accepted, and what was decided taken back."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from academy.errors.refusals import RuleViolation
from certificates.deciding.cases import DecisionCase
from certificates.deciding.making import Making, employed, refuse_unless
from certificates.deciding.plan import ACCEPT, RECKONED, UNDOABLE, WAIVE, DecisionPlan, asked_of_track
from certificates.models import Decision
from certificates.rules.applying import parted_by_posts
from certificates.rules.decided import subject_of
from certificates.rules.evidence import asked_by, posts_of
from certificates.rules.judging import judge
from certificates.rules.ladder_words import day_of
from certificates.rules.standing import Asked


def waive(making: Making, case: DecisionCase) -> list[Decision]:
    plan, today = making.plan, making.today
    employed(case)
    asked = _asked(plan, today)
    _refuse_what_is_not_asked(case, asked)
    refuse_unless(asked.kind != "no_ban", _("A ban is lifted, not waived."))
    refuse_unless(plan.until is None or plan.until >= today, _("The last day is past already."))
    cycle = case.judged.cycle if plan.this_cycle else None
    waived = {
        decision.about
        for decision in case.decisions
        if decision.act == WAIVE and decision.is_effective(today) and decision.cycle in (None, cycle)
    }
    refuse_unless(plan.about not in waived, _("It is waived already."))
    together = {plan.about} | {
        decision.about
        for decision in case.decisions
        if decision.act == WAIVE and decision.is_effective(today) and decision.cycle in (None, case.judged.cycle)
    }
    refuse_unless(
        _leaves_something(case, plan, together, today),
        _("Nothing would be left to be met. Award the level by hand instead."),
    )
    written = making.write(
        case,
        WAIVE,
        effective_from=today,
        effective_until=plan.until,
        about=plan.about,
        requirement_id=asked.pk,
        cycle=cycle,
    )
    return [written]


def _refuse_what_is_not_asked(case: DecisionCase, asked: Asked) -> None:
    """Raises ``RuleViolation`` where it is asked of other posts only."""
    standing = case.judged.standing
    mine = {subject_of(line.asked) for line in standing.lines} if standing else set()
    others = {subject_of(requirement) for requirement in standing.not_asked} if standing else set()
    refuse_unless(
        subject_of(asked) not in others - mine,
        _("It is not asked of this person: it is only for %(positions)s."),
        positions=asked.only_for,
    )


def _leaves_something(case: DecisionCase, plan: DecisionPlan, waived: set[str], today: date) -> bool:
    """Whether a first award and a renewal each still ask for something to be passed, where they ever did."""
    version = case.judged.version
    if version is None:
        return True
    posts = posts_of(case.person, today)
    for purpose in ("first", "renewal"):
        asked, _others = parted_by_posts(asked_by(version, purpose), posts, today)
        if plan.about in {subject_of(requirement) for requirement in asked} and not _asks_more(asked, waived):
            return False
    return True


def _asks_more(asked: Sequence[Asked], waived: set[str]) -> bool:
    """Whether something to be passed is needed still: alone, or because its group is not full without it."""
    passing = [requirement for requirement in asked if requirement.phase == "pass" and requirement.kind not in RECKONED]
    counted = passing or [requirement for requirement in asked if requirement.kind != "no_ban"]
    for requirement in counted:
        if subject_of(requirement) in waived:
            continue
        members = [other for other in asked if requirement.group and other.group == requirement.group]
        others = [other for other in members if other not in counted or subject_of(other) in waived]
        if not members or requirement.group_needs > len(others):
            return True
    return False


def accept(making: Making, case: DecisionCase) -> list[Decision]:
    plan, today = making.plan, making.today
    employed(case)
    asked = _asked(plan, today)
    _refuse_what_is_not_asked(case, asked)
    refuse_unless(
        asked.kind not in RECKONED, _("This is calculated and not evidenced by a document. It can be waived.")
    )
    refuse_unless(plan.on <= today, _("This day is still to come; evidence is of the past."))
    same = [decision for decision in case.decisions if decision.act == ACCEPT and decision.about == plan.about]
    refuse_unless(plan.on not in [decision.effective_from for decision in same], _("It is accepted already."))
    standing = case.judged.standing
    line = next((line for line in standing.lines if subject_of(line.asked) == plan.about), None) if standing else None
    refuse_unless(line is None or not line.met, _("This is met already."))
    written = making.write(
        case,
        ACCEPT,
        effective_from=plan.on,
        about=plan.about,
        requirement_id=asked.pk,
        document_number=plan.document_number,
    )
    if line is not None:
        judged = judge(person=case.person, track=plan.track, today=today)
        now_met = {subject_of(line.asked) for line in (judged.standing.lines if judged.standing else ()) if line.met}
        refuse_unless(
            plan.about in now_met,
            _("Evidence of %(day)s does not count for it: it is too old, or it was refused."),
            day=day_of(plan.on),
        )
    return [written]


def _asked(plan: DecisionPlan, today: date) -> Asked:
    asked = asked_of_track(plan.track, today).get(plan.about)
    if asked is None:
        raise RuleViolation(_("The rules in force do not ask for this."))
    return asked


def take_back(making: Making, case: DecisionCase) -> list[Decision]:
    """The row is withdrawn: what it did counts no more. What was awarded meanwhile stays."""
    decision = Decision.objects.select_for_update().filter(pk=making.plan.decision or 0, person=case.person).first()
    if decision is None or decision.act not in UNDOABLE:
        raise RuleViolation(_("There is no such decision about this person."))
    refuse_unless(decision.withdrawn_at is None, _("It is taken back already."))
    together = [decision]
    if decision.act == Decision.Act.EXTEND and decision.proposal_id:
        # What one decision moved goes back as one.
        others = Decision.objects.current().filter(
            proposal=decision.proposal_id, person=case.person, act=Decision.Act.EXTEND
        )
        together += list(others.exclude(pk=decision.pk))
    for proposal in together:
        proposal.withdrawn_at = making.now
        proposal.save(update_fields=["withdrawn_at"])
    return together
