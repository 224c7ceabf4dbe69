"""What somebody did in person or signed here, by its day: exams sat, practices observed, score sheets handed in."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.doors import Deed
from quizzes.models import Attempt, Observation, Quiz, ScoreSheet


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    begins, ends = (datetime.combine(day, time()) for day in (first, last + timedelta(days=1)))
    return timezone.make_aware(begins), timezone.make_aware(ends)


def deeds_of_measuring(people: Collection[int], first: date, last: date) -> list[Deed]:
    """Three queries."""
    begins, ends = _moments(first, last)
    sat = Attempt.objects.filter(
        learner__in=people, quiz__kind=Quiz.Kind.EXAM, finished_at__gte=begins, finished_at__lt=ends
    ).select_related("quiz")
    observed = Observation.objects.filter(person__in=people, observed_on__range=(first, last), annulled_at=None)
    sheets = ScoreSheet.objects.filter(assessor__in=people, handed_in_at__gte=begins, handed_in_at__lt=ends)
    return [
        *(
            Deed(attempt.learner_id, local_day(attempt.finished_at), _("Exam sat"), _title(attempt.quiz))
            for attempt in sat
            if attempt.finished_at is not None
        ),
        *(
            Deed(seen.person_id, seen.observed_on, _("Observed practice"), _name(seen.practice))
            for seen in observed.select_related("practice")
            if seen.observed_on is not None
        ),
        *(
            Deed(
                sheet.assessor_id,
                local_day(sheet.handed_in_at),
                _("Score sheet signed"),
                _name(sheet.observation.practice),
            )
            for sheet in sheets.select_related("observation__practice")
            if sheet.handed_in_at is not None
        ),
    ]


_title = lazy(lambda quiz: quiz.local_title, str)
_name = lazy(lambda practice: practice.local_name, str)
