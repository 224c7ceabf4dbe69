"""申请观察: what a level still wants to be observed in is asked of the assessors who answer for the person's branch."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import User
from certificates.models import CertificationTrack
from certificates.rules.judging import judge
from certificates.team.words import checked_words, words_of_taking_back
from quizzes.models import Observation, ObservedPractice
from quizzes.models.observing import OPEN
from quizzes.observing import booking


@transaction.atomic
def ask_for_observation(
    *, manager: User, person: User, track: CertificationTrack, words: str, now: datetime
) -> list[Observation]:
    """Asks for each requirement that is still missing and not yet asked for, by its first practice. Twice is once.

    Raises ``RuleViolation`` where the level wants nothing to be observed, or nobody could observe it.
    """
    words = checked_words(words)
    wanted = _wanted(person, track, now)
    if not wanted:
        raise RuleViolation(_("This level asks for no observation."))
    going_on = _open(person, {key for keys in wanted for key in keys})
    running = {observation.practice_id for observation in going_on}
    missing = [keys[0] for keys in wanted if not running & set(keys)]
    practices = ObservedPractice.objects.select_related("rubric").in_bulk(missing)
    return going_on + [
        booking.ask(practice=practices[key], person=person, actor=manager, words=words, now=now)
        for key in dict.fromkeys(missing)
    ]


@transaction.atomic
def take_request_back(*, manager: User, person: User, track: CertificationTrack, words: str, now: datetime) -> int:
    """Ends what a manager asked for; on its own day without a reason. Returns how many."""
    keys = {key for keys in _wanted(person, track, now) for key in keys}
    asked = [observation for observation in _open(person, keys) if observation.asked_by_id != person.pk]
    for observation in asked:
        reason = words_of_taking_back(words, made_on=local_day(observation.asked_at), today=local_day(now))
        reason = reason or _("Undone on the same day.")
        booking.end(observation=observation, actor=manager, came=True, reason=reason, now=now)
    return len(asked)


def _wanted(person: User, track: CertificationTrack, now: datetime) -> list[tuple[int, ...]]:
    """The practices of each requirement of observation that is missing."""
    standing = judge(person=person, track=track, today=local_day(now)).standing
    missing = standing.missing if standing else ()
    return [line.asked.practices for line in missing if line.asked.kind == "observation" and line.asked.practices]


def _open(person: User, practices: set[int]) -> list[Observation]:
    return list(Observation.objects.filter(person=person, practice__in=practices, state__in=OPEN))
