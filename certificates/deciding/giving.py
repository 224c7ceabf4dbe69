"""A level given by hand, reinstated, and its document replaced."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.errors.refusals import RuleViolation
from certificates.award.awarding import award_by_decision, award_if_met, award_refusal, dates_of_award
from certificates.deciding.cases import DecisionCase, ending_of
from certificates.deciding.making import Making, employed, refuse_unless
from certificates.document.issuing import correct_certificate
from certificates.models import Certificate, Certification, Decision
from certificates.rules.dates import Dates, NoDates
from certificates.rules.ladder_words import day_of

REFUSED = Decision.Act.REFUSE


def award(making: Making, case: DecisionCase) -> list[Decision]:
    """What is missing does not hinder, unless the level was taken away before: then everything has to be there."""
    judged = case.judged
    employed(case)
    refuse_unless(judged.purpose, _("This person holds the level, and its renewal is not open yet."))
    found = _award_met(making, case) if judged.met else _award_unmet(making, case)
    return [making.write(case, Decision.Act.AWARD, effective_from=found.valid_from, certification=found)]


def _award_met(making: Making, case: DecisionCase) -> Certification:
    person, track, actor = case.person, making.plan.track, making.recorder
    found = award_if_met(person=person, track=track, now=making.now, actor=actor)
    if found is None:
        refused = award_refusal(person=person, track=track, judged=case.judged, today=making.today, actor=actor)
        raise RuleViolation(refused or _("Not everything is met any more; nothing was awarded."))
    return found


def _award_unmet(making: Making, case: DecisionCase) -> Certification:
    plan, judged, today = making.plan, case.judged, making.today
    lines = judged.standing.lines if judged.standing else ()
    if case.was_revoked:
        missing = pgettext("between reasons", "; ").join(str(line.asked.label) for line in lines if not line.met)
        raise RuleViolation(
            _("The level was revoked. It is given again only when everything is met anew. Still missing: %(what)s")
            % {"what": missing or "–"}
        )
    try:
        dates = dates_of_award(person=case.person, track=plan.track, completed_on=today, through=judged.baseline)
    except NoDates:
        raise RuleViolation(_("The time after taking up the post is over.")) from None
    met: list[dict[str, Any]] = [
        {"requirement": line.asked.pk, "kind": line.asked.kind, "on": str(line.evidence_on)}
        for line in lines
        if line.met
    ]
    return award_by_decision(
        person=case.person,
        track=plan.track,
        kind=Certification.Kind.BY_HAND,
        dates=dates,
        version=judged.version,
        evidence=[*met, {"kind": "decision", "label": making.reason, "on": str(today)}],
        now=making.now,
        actor=making.recorder,
        document_number=plan.document_number,
    )


def reinstate(making: Making, case: DecisionCase) -> list[Decision]:
    """A certification of the next cycle, from the day given to the last day of the one that was ended."""
    plan, newest, today = making.plan, case.newest, making.today
    ending = ending_of(newest) if newest else None
    employed(case)
    if newest is None or ending is None:
        raise RuleViolation(_("Nothing of this track was ended by a decision."))
    last = case.lasts[newest.pk]
    refuse_unless(
        ending.effective_on <= plan.on,
        _("It held until %(day)s; it can be reinstated from then on."),
        day=day_of(ending.effective_on),
    )
    refuse_unless(plan.on <= today, _("This day is still to come."))
    refuse_unless(last >= today, _("It would have run out on %(day)s. Award it by hand instead."), day=day_of(last))
    dates = Dates(plan.on, last + timedelta(days=1), last, max(plan.on, newest.renew_from or last), newest.anchor)
    found = award_by_decision(
        person=case.person,
        track=plan.track,
        kind=Certification.Kind.REINSTATED,
        dates=dates,
        version=newest.rule_version,
        evidence=newest.evidence,
        now=making.now,
        actor=making.recorder,
        document_number=plan.document_number,
    )
    freed = list(Decision.objects.current().filter(certification=newest, act=REFUSED))
    for one in freed:
        one.withdrawn_at = making.now
        one.save(update_fields=["withdrawn_at"])
    return [making.write(case, Decision.Act.REINSTATE, effective_from=plan.on, certification=found), *freed]


def correct(making: Making, case: DecisionCase) -> list[Decision]:
    """The document that stands is replaced by one with today's name."""
    newest = case.newest
    standing = Certificate.objects.filter(certification=newest, superseded_by=None).first() if newest else None
    if standing is None or newest is None:
        raise RuleViolation(_("This person has no certificate of this track."))
    correct_certificate(certificate=standing, reason=making.reason, now=making.now, actor=making.recorder)
    return [making.write(case, Decision.Act.CORRECT, effective_from=making.today, certification=newest)]
