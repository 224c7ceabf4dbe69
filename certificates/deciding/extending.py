"""More time: the end of what is held moves, or the last day by which a post asks for it."""

from datetime import date

from django.utils.translation import gettext as _

from academy.dates.periods import add_months
from academy.errors.refusals import RuleViolation
from certificates.deciding.cases import DecisionCase
from certificates.deciding.making import Making, employed, refuse_unless
from certificates.models import Certification, Decision
from certificates.rules.judging import has_lapsed
from certificates.rules.ladder_words import day_of

LONGEST_EXTENSION = 24


def extend(making: Making, case: DecisionCase) -> list[Decision]:
    """Moves the end of what is held; of who does not hold it yet, the last day in time, with the end of what runs from the
    posting."""
    plan, today = making.plan, making.today
    employed(case)
    until, current, through = plan.until, case.judged.current, case.judged.through
    if until is None or until < today:
        raise RuleViolation(_("The last day is past already."))
    if current is not None and through is not None:
        refuse_unless(
            not has_lapsed(current, through, today),
            _("It has lapsed. It is regained by meeting what renews it, or by an award by hand."),
        )
        refuse_unless(until > through, _("It holds through %(day)s anyway."), day=day_of(through))
        _refuse_too_long(until, through)
        return [_extension(making, case, until, current)]
    if case.demand is None:
        raise RuleViolation(_("This person neither holds the level nor has to hold it by a certain day."))
    refuse_unless(
        until > case.demand.due_on, _("It is in time through %(day)s anyway."), day=day_of(case.demand.due_on)
    )
    _refuse_too_long(until, max(case.demand.due_on, today))
    written = [_extension(making, case, until, None)]
    for row in case.posting_rows:
        if today <= case.lasts[row.pk] < until:
            written.append(_extension(making, case, until, row))
    return written


def _refuse_too_long(until: date, since: date) -> None:
    refuse_unless(
        until <= add_months(since, LONGEST_EXTENSION),
        _("An extension is of %(months)s months at most."),
        months=LONGEST_EXTENSION,
    )


def _extension(making: Making, case: DecisionCase, until: date, certification: Certification | None) -> Decision:
    track = certification.track if certification else making.plan.track
    return Decision.objects.create(
        person=case.person,
        track=track,
        act=Decision.Act.EXTEND,
        effective_from=making.today,
        effective_until=until,
        certification=certification,
        reason=making.reason.strip(),
        proposal=making.proposal,
        recorded_at=making.now,
        recorded_by=making.recorder,
    )
