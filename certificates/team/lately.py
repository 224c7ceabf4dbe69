"""How it ended lately: what a person sat or was expected at, and a level that was taken, for the line manager; no marks,
no answers and no reasons."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import pgettext

from academy.calendar.clock import local_day
from academy.models import User
from certificates.models import CertificationEnding
from quizzes.models import Attempt, Observation, Quiz, SpecialResult

LATELY = timedelta(days=90)
OVER = (Observation.State.SCORED, Observation.State.NO_SHOW, Observation.State.UNCOUNTED)


class Ended(NamedTuple):
    """``good`` is None where nothing was measured; ``again_on`` the day from which a failed practice is asked for anew."""

    on: date
    what: str
    how: str
    good: bool | None
    url: str = ""
    again_on: date | None = None


def ended_lately(person: User, now: datetime) -> list[Ended]:
    """The last first: level exams whose result is out, what was decided about a seat, observed practices, levels that a
    decision ended. Four queries."""
    between = (now - LATELY, now)
    papers = Attempt.objects.filter(
        learner=person, quiz__kind=Quiz.Kind.EXAM, released_at__range=between, annulled_at=None
    ).select_related("quiz")
    rulings = SpecialResult.objects.filter(person=person, withdrawn_at=None, recorded_at__range=between).select_related(
        "quiz"
    )
    observed = Observation.objects.filter(
        person=person, state__in=OVER, starts_at__range=between, annulled_at=None
    ).select_related("practice")
    taken = CertificationEnding.objects.filter(
        certification__person=person, effective_on__range=tuple(map(local_day, between))
    ).select_related("certification__track__level")
    ended = [
        *(
            Ended(ending.effective_on, str(ending.certification.track.level), str(ending.get_kind_display()), False)
            for ending in taken
        ),
        *(_paper(attempt, attempt.released_at) for attempt in papers if attempt.released_at is not None),
        *(
            Ended(local_day(ruling.recorded_at), str(ruling.quiz), str(ruling.get_kind_display()), None)
            for ruling in rulings
        ),
        *(
            _observed(observation, observation.starts_at)
            for observation in observed
            if observation.starts_at is not None
        ),
    ]
    return sorted(ended, key=lambda one: (one.on, one.what), reverse=True)


def _passed(passed: bool) -> str:
    return pgettext("quiz", "Passed") if passed else pgettext("quiz", "Not passed")


def _paper(attempt: Attempt, released_at: datetime) -> Ended:
    return Ended(local_day(released_at), str(attempt.quiz), _passed(bool(attempt.passed)), attempt.passed)


def _observed(observation: Observation, starts_at: datetime) -> Ended:
    how = str(observation.state_words) if observation.passed is None else _passed(observation.passed)
    on, what, url = local_day(starts_at), observation.practice.local_name, observation.get_absolute_url()
    return Ended(on, what, how, observation.passed, url, observation.again_on)
