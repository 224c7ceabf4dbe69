"""A level given by hand, reinstated, and its document replaced."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.dates.periods import add_months
from academy.errors.refusals import RuleViolation
from academy.models import User
from academy.staff.leaves import leaves_of
from certificates.award.awarding import (
    award_by_decision,
    award_if_met,
    award_refusal,
    end_certification,
    evidence_of,
)
from certificates.award.dating import dates_of_award, people_out_of_time
from certificates.award.waiting import held_for_rounds
from certificates.deciding.cases import DecisionCase, cases_of, ending_of
from certificates.deciding.making import Making, employed, refuse_unless
from certificates.document.issuing import correct_certificate
from certificates.models import Certificate, Certification, CertificationEnding, CertificationTrack, Decision
from certificates.rules.dates import Dates, NoDates
from certificates.rules.ladder_words import day_of
from certificates.validity import last_day_of

REFUSED, EXTEND = Decision.Act.REFUSE, Decision.Act.EXTEND


def award(making: Making, case: DecisionCase) -> list[Decision]:
    """What is missing does not hinder, unless the level was taken away before: then everything has to be there. To whom
    the track gives no day any more, the decision says through which day it holds; to everybody else the track does."""
    judged = case.judged
    employed(case)
    refuse_unless(judged.purpose, _("This person holds the level, and its renewal is not open yet."))
    late = bool(people_out_of_time([case.person.pk], making.plan.track, making.today))
    by_rules = judged.met and not late and not _waits_for_next_round(case, making.plan.track, making.today)
    found = _award_met(making, case) if by_rules else _award_by_hand(making, case, late=late)
    return [making.write(case, Decision.Act.AWARD, effective_from=found.valid_from, certification=found)]


def ways_of_award(cases: Iterable[DecisionCase], track: CertificationTrack, today: date) -> dict[int, str]:
    """By person, why an award would be one by hand; '' where everything is met and the rules give it."""
    cases = list(cases)
    late = people_out_of_time([case.person.pk for case in cases], track, today)
    held = held_for_rounds([(case.person.pk, track, case.judged) for case in cases], today)
    next_round = {person for (person, _track), certification_round in held.items() if certification_round is None}
    return {case.person.pk: _by_hand_because(case, late, next_round) for case in cases}


def lack_nothing(people: Iterable[User], track: CertificationTrack, today: date) -> bool:
    """Whether the rules would give the level to each of them, it was taken from nobody, and there is somebody."""
    cases = cases_of(list(people), track, today).values()
    if not cases or any(case.was_revoked for case in cases):
        return False
    return not any(ways_of_award(cases, track, today).values())


def _by_hand_because(case: DecisionCase, late: Collection[int], next_round: Collection[int]) -> str:
    standing = case.judged.standing
    if standing is None or not standing.met:
        missing = standing.missing if standing is not None else ()
        what = pgettext("between reasons", "; ").join(str(line.asked.label) for line in missing)
        return _("By hand, though this is missing: %(what)s") % {"what": what or "–"}
    if case.person.pk in late:
        return _("By hand: the time after taking up the post is over.")
    if case.person.pk in next_round:
        return _("By hand, outside a round: people of this line are awarded it in certification rounds only.")
    return ""


def _waits_for_next_round(case: DecisionCase, track: CertificationTrack, today: date) -> bool:
    """Whether the rules would award it in the next round only: a decision awards it before, by hand."""
    held = held_for_rounds([(case.person.pk, track, case.judged)], today)
    return (case.person.pk, track.pk) in held and held[case.person.pk, track.pk] is None


def _award_met(making: Making, case: DecisionCase) -> Certification:
    person, track, actor = case.person, making.plan.track, making.recorder
    found = award_if_met(person=person, track=track, now=making.now, actor=actor)
    if found is None:
        refused = award_refusal(person=person, track=track, judged=case.judged, today=making.today, actor=actor)
        raise RuleViolation(refused or _("Not everything is met any more; nothing was awarded."))
    return found


def _award_by_hand(making: Making, case: DecisionCase, *, late: bool) -> Certification:
    plan, judged, today = making.plan, case.judged, making.today
    lines = judged.standing.lines if judged.standing else ()
    if case.was_revoked and not judged.met:
        missing = pgettext("between reasons", "; ").join(str(line.asked.label) for line in lines if not line.met)
        raise RuleViolation(
            _("The level was revoked. It is given again only when everything is met again. Still missing: %(what)s")
            % {"what": missing or "–"}
        )
    if late:
        dates = _decided_dates(making)
    else:
        try:
            dates = dates_of_award(person=case.person, track=plan.track, completed_on=today, through=judged.baseline)
        except NoDates:
            raise RuleViolation(_("This person has no post today from which the days could run.")) from None
    met = evidence_of(judged.standing) if judged.standing else []
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


def _decided_dates(making: Making) -> Dates:
    """From today through the day that the decision says, at most as long as the track's own time. Raises ``RuleViolation``."""
    until, today, months = making.plan.until, making.today, making.plan.track.active_months
    if until is None:
        raise RuleViolation(
            _("The time after taking up the post is over. Enter the day through which the level holds.")
        )
    refuse_unless(until >= today, _("The last day is past already."))
    longest = add_months(today, months)
    refuse_unless(
        until < longest, _("At most %(months)s months, until before %(day)s."), months=months, day=day_of(longest)
    )
    after = until + timedelta(days=1)
    return Dates(valid_from=today, expires=after, valid_through=until, renew_from=after, anchor=today)


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
    # Leave and extensions move the end anew; what they moved is not written into the dates.
    through = max(plan.on, newest.valid_through)
    renew_from = max(plan.on, newest.renew_from or through)
    dates = Dates(plan.on, through + timedelta(days=1), through, renew_from, newest.anchor)
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
    written = [making.write(case, Decision.Act.REINSTATE, effective_from=plan.on, certification=found)]
    if last > last_day_of(_with_extension(found), leaves_of([case.person.pk]).get(case.person.pk, ()), today):
        written.append(making.write(case, EXTEND, effective_from=today, effective_until=last, certification=found))
    if ending.kind == CertificationEnding.Kind.LOWERED:
        _end_lowered(making, case, ending)
    freed = list(Decision.objects.current().filter(certification=newest, act=REFUSED))
    for decision in freed:
        decision.withdrawn_at = making.now
        decision.save(update_fields=["withdrawn_at"])
    return [*written, *freed]


def _with_extension(certification: Certification) -> Certification:
    return Certification.objects.with_extension().get(pk=certification.pk)


def _end_lowered(making: Making, case: DecisionCase, ending: CertificationEnding) -> None:
    """The lower level that was held instead ends on the day on which the higher one holds again."""
    instead = Certification.objects.filter(
        person=case.person, kind=Certification.Kind.LOWERED, valid_from=ending.effective_on, ending=None
    )
    for certification in instead.filter(making.plan.track.level.lower("track__level")):
        end_certification(
            certification=certification,
            kind=CertificationEnding.Kind.ENDED,
            effective_on=making.plan.on,
            reason=making.reason,
            now=making.now,
            actor=making.recorder,
        )


def correct(making: Making, case: DecisionCase) -> list[Decision]:
    """The document that stands is replaced by one with today's name."""
    newest = case.newest
    standing = Certificate.objects.filter(certification=newest, superseded_by=None).first() if newest else None
    if standing is None or newest is None:
        raise RuleViolation(_("This person has no certificate of this track."))
    refuse_unless(ending_of(newest) is None, _("It was ended by a decision; its certificate is not replaced."))
    correct_certificate(certificate=standing, reason=making.reason, now=making.now, actor=making.recorder)
    return [making.write(case, Decision.Act.CORRECT, effective_from=making.today, certification=newest)]
