"""What is held ends by a decision: taken away, lowered, or ended without blame."""

from datetime import date

from django.utils.translation import gettext as _

from academy.errors.refusals import RuleViolation
from certificates.award.awarding import award_by_decision, end_certification
from certificates.award.dating import dates_of_award
from certificates.deciding.cases import DecisionCase, ending_of
from certificates.deciding.making import Making, refuse_unless
from certificates.models import Certification, CertificationEnding, Decision
from certificates.rules.dates import NoDates
from certificates.rules.decided import WAIVE, subject_of
from certificates.rules.evidence import asked_by
from certificates.rules.judging import has_lapsed, return_limit
from certificates.rules.ladder_words import day_of


def revoke(making: Making, case: DecisionCase) -> list[Decision]:
    """Taken away from a day; evidence named as its ground is refused from then on, whatever is awarded later."""
    ended = _end(making, case, CertificationEnding.Kind.REVOKED)
    newest = ended[-1]
    written = [making.write(case, Decision.Act.REVOKE, effective_from=making.plan.on, certification=newest)]
    for subject, requirement, day in grounds_of(newest):
        if subject in making.plan.grounds:
            written.append(
                making.write(
                    case,
                    Decision.Act.REFUSE,
                    effective_from=day,
                    about=subject,
                    requirement_id=requirement,
                    certification=newest,
                )
            )
    return written


def end(making: Making, case: DecisionCase) -> list[Decision]:
    ended = _end(making, case, CertificationEnding.Kind.ENDED)
    return [making.write(case, Decision.Act.END, effective_from=making.plan.on, certification=ended[-1])]


def lower(making: Making, case: DecisionCase) -> list[Decision]:
    """Ends, and a lower level is held from the same day, unless it is held anyway."""
    plan, track = making.plan, making.plan.lower
    if track is None or not plan.track.level.is_above(track.level):
        raise RuleViolation(_("Choose a lower level."))
    refuse_unless(plan.on <= making.today, _("This day is still to come."))
    lapsed = case.newest if not case.holding(plan.on) else None
    if lapsed is not None and ending_of(lapsed) is None and has_lapsed(lapsed, case.lasts[lapsed.pk], plan.on):
        # What ran out has its end already; the lower level is held instead of it.
        ended = [lapsed]
    else:
        ended = _end(making, case, CertificationEnding.Kind.LOWERED)
    holds = Certification.objects.filter(person=case.person, track=track).holding(plan.on).exists()
    if not holds:
        try:
            dates = dates_of_award(person=case.person, track=track, completed_on=plan.on, through=None)
        except NoDates:
            raise RuleViolation(_("The time after taking up the post is over.")) from None
        award_by_decision(
            person=case.person,
            track=track,
            kind=Certification.Kind.LOWERED,
            dates=dates,
            version=None,
            evidence=[{"kind": "decision", "label": making.reason, "on": str(plan.on)}],
            now=making.now,
            actor=making.recorder,
            document_number=plan.document_number,
        )
    return [making.write(case, Decision.Act.LOWER, effective_from=plan.on, certification=ended[-1])]


def _end(making: Making, case: DecisionCase, kind: str) -> list[Certification]:
    """Every certification of the track that reaches the day, the oldest first."""
    day = making.plan.on
    # What waits for its day could neither be brought forward nor taken back.
    refuse_unless(day <= making.today, _("This day is still to come."))
    reaching = case.holding(day) or _may_come_back(case, day)
    refuse_unless(reaching, _("No certification of this track holds on %(day)s."), day=day_of(day))
    first = reaching[0].valid_from
    refuse_unless(day >= first, _("It is held from %(day)s on only."), day=day_of(first))
    for certification in reaching:
        end_certification(
            certification=certification,
            kind=kind,
            effective_on=max(day, certification.valid_from),
            reason=making.reason,
            now=making.now,
            actor=making.recorder,
        )
    return reaching


def _may_come_back(case: DecisionCase, day: date) -> list[Certification]:
    """The newest that ran out, while its grace or the way back by what renews it is open: that, too, is taken away."""
    newest = case.newest
    if newest is None or ending_of(newest) is not None or not newest.track.renewable:
        return []
    return [newest] if day <= return_limit(case.lasts[newest.pk]) else []


def grounds_of(certification: Certification) -> list[tuple[str, int, date]]:
    """What a certification rests on that can be refused: subject, requirement, day of the evidence."""
    version = certification.rule_version
    if version is None:
        return []
    asked = {
        requirement.pk: requirement for purpose in ("first", "renewal") for requirement in asked_by(version, purpose)
    }
    found = []
    for fact in certification.evidence:
        # What was waived rests on nothing that was done.
        if fact.get("decided") == WAIVE:
            continue
        requirement, day = asked.get(fact.get("requirement", 0)), fact.get("on", "")
        if requirement is not None and requirement.kind in REFUSABLE and day not in ("", "None"):
            found.append((subject_of(requirement), requirement.pk, date.fromisoformat(day)))
    return found


# What is done on a day, so that one day's doing can be refused.
REFUSABLE = ("course", "quiz", "observation", "recommendation", "course_taught", "outside_document", "dialogue")
