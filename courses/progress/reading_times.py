"""How long people took over each lesson, for whoever sets the least reading time. From what stands, of nobody by name.

While a least time is asked the page tells how long it was in sight; of other visits it is known when the lesson was opened
and when it was done, which says something only where both were one sitting.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import F, Max, Q, Window
from django.db.models.functions import RowNumber

from courses.models import Lesson, LessonPage, LessonProgress

# Of a lesson so many count, those done last, if they are no older than this.
LAST, LATELY = 200, timedelta(days=365)
# From opening to done no longer than this is one sitting.
SITTING = timedelta(hours=1)


@dataclass(frozen=True)
class ReadingTime:
    """What a lesson states, in minutes, and the median of how long ``count`` people took, in seconds. ``measured``: by the
    page in sight; else from opening to done. None where nobody's time is known."""

    lesson: Lesson
    stated: int
    seconds: int | None = None
    count: int = 0
    measured: bool = False


def reading_times(now: datetime) -> list[ReadingTime]:
    """Of every lesson that is published, in the order of courses. Two queries."""
    stated = LessonPage.objects.live().filter(lesson__withdrawn_at=None).values_list("lesson")
    minutes = dict(stated.annotate(Max("minutes")).order_by())
    lessons = Lesson.objects.filter(pk__in=minutes).select_related("course").order_by("course__code", "code")
    took = _seconds_by_lesson(now)
    return [_time_of(lesson, minutes[lesson.pk], took.get(lesson.pk, [])) for lesson in lessons]


def _seconds_by_lesson(now: datetime) -> dict[int, list[tuple[int, int]]]:
    """By lesson (seconds in sight, seconds from opening to done) of those done last. One query."""
    known = Q(read_seconds__gt=0) | Q(done_at__lte=F("opened_at") + SITTING)
    rows = LessonProgress.objects.filter(known, done_at__gt=now - LATELY)
    place = Window(RowNumber(), partition_by=F("lesson"), order_by=F("done_at").desc())
    last = rows.annotate(place=place).filter(place__lte=LAST).order_by()
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for lesson, seen, opened_at, done_at in last.values_list("lesson", "read_seconds", "opened_at", "done_at"):
        if done_at is not None:
            found[lesson].append((seen, int((done_at - opened_at).total_seconds())))
    return found


def _time_of(lesson: Lesson, stated: int, took: list[tuple[int, int]]) -> ReadingTime:
    measured = [seen for seen, _passed in took if seen]
    sittings = [passed for seen, passed in took if not seen]
    counted = measured or sittings
    if not counted:
        return ReadingTime(lesson, stated)
    return ReadingTime(lesson, stated, round(median(counted)), len(counted), measured=bool(measured))
