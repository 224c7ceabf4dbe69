"""Observations of a round, asked for at once: what is still missing of everybody who is eligible goes to the assessors."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import User
from certificates.models import CertificationRound, Requirement
from certificates.rounds.facts import keeping_refusal, phase_of, rules_of
from certificates.rounds.judging import verdicts
from certificates.rounds.phases import Phase
from quizzes.models import Observation, ObservedPractice
from quizzes.models.observing import OPEN
from quizzes.observing import booking

# One press asks for so many; the next one for those behind them.
MOST = 200
PHASES = (Phase.ELIGIBILITY, Phase.EXAMINING)


@dataclass(frozen=True)
class AskedForMany:
    """How many observations were asked for, how many wait behind them, and who could not be asked for: name and reason."""

    asked: int
    left: int
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class MissingObservation:
    """A requirement of a person that nobody observes yet: its first practice."""

    person: User
    practice: int


def missing_observations(certification_round: CertificationRound, now: datetime) -> list[MissingObservation]:
    """Of everybody eligible who is still in the round, in the order of staff numbers. A constant number of queries."""
    version = rules_of(certification_round)
    if not version.requirements.filter(kind=Requirement.Kind.OBSERVATION, active=True).exists():
        return []
    rows = certification_round.applications.filter(eligible=True, closed_at=None).select_related("person")
    people = [row.person for row in rows.order_by("person__staff_number")]
    going_on: dict[int, set[int]] = {}
    open_ones = Observation.objects.filter(person__in=people, state__in=OPEN)
    for key, practice in open_ones.values_list("person", "practice"):
        going_on.setdefault(key, set()).add(practice)
    judged = verdicts(certification_round=certification_round, version=version, people=people, on=local_day(now))
    found: dict[tuple[int, int], MissingObservation] = {}
    for person in people:
        standing = judged[person.pk].judgement.standing
        for line in standing.missing if standing else ():
            keys = line.asked.practices if line.asked.kind == Requirement.Kind.OBSERVATION else ()
            if keys and not going_on.get(person.pk, set()) & set(keys):
                found[person.pk, keys[0]] = MissingObservation(person, keys[0])
    return list(found.values())


@transaction.atomic
def ask_for_all(*, certification_round: CertificationRound, actor: User, now: datetime) -> AskedForMany:
    """Asks for each observation that is missing. Twice is once. Raises ``RuleViolation`` where it is not the time for it."""
    refusal = keeping_refusal(certification_round, actor, local_day(now))
    if refusal is None and (
        certification_round.judged_at is None or phase_of(certification_round, local_day(now)) not in PHASES
    ):
        refusal = _("Observations are asked for between the judging of eligibility and the results.")
    if refusal:
        raise RuleViolation(refusal)
    missing = missing_observations(certification_round, now)
    practices = ObservedPractice.objects.select_related("rubric").in_bulk({each.practice for each in missing})
    words = in_every_language(lambda: _("For the round “%(round)s”") % {"round": certification_round.local_name})
    refused = []
    for each in missing[:MOST]:
        try:
            with transaction.atomic():
                booking.ask(practice=practices[each.practice], person=each.person, actor=actor, words=words, now=now)
        except (RuleViolation, LookupError) as why:
            reason = why.message if isinstance(why, RuleViolation) else _("Outside your part of the bank.")
            refused.append(f"{each.person.display_name}: {reason}")
    return AskedForMany(len(missing[:MOST]) - len(refused), max(0, len(missing) - MOST), tuple(refused))
