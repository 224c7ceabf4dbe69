"""What stands in a person's days: exams, classes and observed practices with their time and place."""

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from academy.models import User
from courses.models import Attendee
from quizzes.engaged import LASTS
from quizzes.models import Candidate, Observation, SpecialResult


class Coming(NamedTuple):
    """``kind`` says what it is, in a word. Of an observed practice only the start is kept."""

    starts_at: datetime
    ends_at: datetime | None
    what: str
    place: str
    kind: Any


def coming_of(person: User, now: datetime) -> list[Coming]:
    """What is not over yet, the next first. Three queries."""
    decided = SpecialResult.objects.filter(withdrawn_at=None)
    seats = Candidate.objects.filter(person=person, session__ends_at__gt=now, session__cancelled_at=None)
    # A paper that is handed in is over, whatever the hall's clock says.
    seats = seats.exclude(attempt__finished_at__isnull=False).exclude(special_results__in=decided)
    classes = Attendee.objects.coming().filter(
        person=person, session__ends_at__gt=now, session__cancelled_at=None, session__closed_at=None
    )
    observed = Observation.objects.filter(
        person=person, state=Observation.State.BOOKED, starts_at__gt=now - LASTS
    ).select_related("practice")
    return sorted(
        [
            *(
                Coming(one.starts_at, one.ends_at, str(one.quiz), one.room, _("Exam"))
                for one in (seat.session for seat in seats.select_related("session__quiz"))
            ),
            *(
                Coming(one.starts_at, one.ends_at, one.local_title, one.place, _class_kind(place))
                for place in classes.select_related("session")
                for one in [place.session]
            ),
            *(
                Coming(one.starts_at, None, one.practice.local_name, one.place, _("Observed practice"))
                for one in observed
                if one.starts_at is not None
            ),
        ],
        key=lambda one: (one.starts_at, one.what),
    )


def _class_kind(place: Attendee) -> str:
    waits = place.standing == Attendee.Standing.WAITING
    return _("Waits for a seat") if waits else _("Classroom session")
