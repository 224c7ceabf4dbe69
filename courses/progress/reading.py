"""How long a lesson was before its reader, and how long it has to be: by the server's clock, over all visits.

The page tells how many seconds it was in sight since it last told; of these no more count than passed here since then.
So a page that was reloaded loses nothing, one without a line tells later, and nobody is credited with more than the time
that went by. While no reading time is asked, nothing is written.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.requests.kept.answers import kept_for_everybody
from courses.models import LeastReading, LessonPage, LessonProgress

# So long a page that has no script, and tells nothing, may stay open before one visit counts no further.
LONGEST_SILENCE = 30 * 60


def credited(*, told_at: datetime | None, now: datetime, said: int | None) -> int:
    """The seconds that count of a visit: what the page ``said``, else all since it last told; never more. Pure."""
    if told_at is None:
        return 0
    passed = max(0, int((now - told_at).total_seconds()))
    return min(passed, LONGEST_SILENCE) if said is None else min(passed, max(0, said))


def seconds_said(posted: str) -> int | None:
    """What the page posted of its reading; None where it tells nothing, or nonsense. Pure."""
    return int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 7 else None


def needed_seconds(minutes: int, share: int) -> int:
    """What a lesson of so many minutes asks. Pure."""
    return minutes * 60 * share // 100


def least_share() -> int:
    """Percent of a lesson's stated minutes; 0 while it is off. Kept for everybody."""
    return kept_for_everybody("least-reading", read_share)


def read_share() -> int:
    """What ``least_share`` keeps, from the database."""
    return LeastReading.objects.order_by("pk").values_list("share", flat=True).first() or 0


@transaction.atomic
def tell_reading(*, progress: LessonProgress, said: int | None, now: datetime, begins: bool = False) -> LessonProgress:
    """Adds what was read since the page last told; a page that ``begins`` only starts its time."""
    row = LessonProgress.objects.select_for_update().get(pk=progress.pk)
    if row.done_at is None:
        row.read_seconds += 0 if begins else credited(told_at=row.told_at, now=now, said=said)
        row.told_at = now
        row.save(update_fields=["read_seconds", "told_at"])
    progress.read_seconds, progress.told_at = row.read_seconds, row.told_at
    return progress


def seconds_missing(*, progress: LessonProgress | None, lesson: int, share: int | None = None) -> int:
    """How long the lesson has still to be read; 0 while nothing is asked. One query where something is, and one for the
    ``share`` where the caller has not read it."""
    share = least_share() if share is None else share
    if not share or (progress is not None and progress.done_at is not None):
        return 0
    # A lesson in two languages is read in one: the shorter one is enough.
    stated = LessonPage.objects.live().filter(lesson=lesson).order_by("minutes").values_list("minutes", flat=True)
    needed = needed_seconds(stated.first() or 0, share)
    return max(0, needed - (progress.read_seconds if progress is not None else 0))


def missing_words(seconds: int) -> str:
    """What the page says quietly."""
    minutes = -(-seconds // 60)
    return ngettext(
        "It counts after about %(count)s more minute of reading.",
        "It counts after about %(count)s more minutes of reading.",
        minutes,
    ) % {"count": minutes}


def reading_refusal(*, progress: LessonProgress | None, lesson: int) -> str | None:
    """Why the lesson does not count yet for its reading time, or None."""
    missing = seconds_missing(progress=progress, lesson=lesson)
    return _("Not yet. %(words)s") % {"words": missing_words(missing)} if missing else None
