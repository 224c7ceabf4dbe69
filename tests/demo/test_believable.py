"""What the demo tells of people could have happened: nobody acts while away, or before or after working here."""

from datetime import date

import pytest

from academy.calendar.clock import local_day
from academy.models import Employment, Leave
from certificates.models import Appointment
from courses.models import Attendance, Enrolment, LessonProgress
from quizzes.models import Attempt, Observation, PracticeDay

type Deed = tuple[int, str, date]


def deeds() -> list[Deed]:
    """(person, what, on which day) of all that takes somebody's own presence."""
    found: list[Deed] = []
    for rows, who, days in (
        (Enrolment.objects.all(), "learner", ("opened_at", "completed_at")),
        (LessonProgress.objects.all(), "enrolment__learner", ("opened_at", "done_at", "tried_at")),
        (Attempt.objects.all(), "learner", ("started_at",)),
        (Observation.objects.all(), "person", ("asked_at",)),
        (Observation.objects.filter(state=Observation.State.SCORED), "person", ("starts_at",)),
        (Attendance.objects.all(), "person", ("signed_in_at",)),
        (Appointment.objects.all(), "person", ("recorded_at",)),
        (PracticeDay.objects.exclude(done_at=None), "person", ("done_at",)),
    ):
        for person, *moments in rows.values_list(who, *days):
            named = zip(days, moments, strict=True)
            found += [(person, f"{rows.model.__name__}.{name}", local_day(at)) for name, at in named if at is not None]
    return found


@pytest.mark.parametrize("kept", [Leave, Employment])
def test_nobody_acts_while_on_leave_or_outside_employment(kept):
    spans: dict[int, list[tuple[date, date]]] = {}
    for person, first, last in kept.objects.current().values_list("person", "effective_from", "effective_until"):
        spans.setdefault(person, []).append((first, last or date.max))
    told = deeds()

    wrong = [
        (person, what, day)
        for person, what, day in told
        if any(first <= day <= last for first, last in spans.get(person, [])) is (kept is Leave)
    ]

    assert len(told) > 500
    assert wrong == []
