"""Whoever missed an exam hears of it once, when their session is over, with what they can do next.

Who was marked absent, deferred or sent away was told so with the reason (``results.py``) and hears nothing more.
"""

from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.bilingual import in_every_language
from academy.calendar.turns import register_turns
from academy.models import Notice
from academy.notices.inbox import Telling, notify_many, register_notice
from quizzes.entry import closed_words, next_session_words
from quizzes.models import Candidate, ExamSession, SpecialResult

MISSED = register_notice(
    "quizzes.session_missed",
    title=gettext_lazy("Missed: %(quiz)s"),
    text=gettext_lazy("%(words)s"),
    icon="warning",
    required=True,
)
# A clock that stood still over a weekend still tells; what is older is no news.
TOLD_FOR = timedelta(days=4)


MISSING = register_turns("missed exams", label=gettext_lazy("Notices of missed exams"), model=Candidate)
BATCH = 500


def tell_missed(*, now: datetime) -> int:
    """The pass of the minute. Returns how many were told."""
    return MISSING.together(_missed(now), lambda seats: _tell(seats, now), now=now, size=BATCH)


def _tell(seats: list[Candidate], now: datetime) -> int:
    for session, some in groupby(sorted(seats, key=lambda seat: seat.session_id), key=lambda seat: seat.session):
        words = in_every_language(partial(_words, session, now))
        facts = {"quiz": session.quiz.titles or session.quiz.code, "words": words}
        path = reverse("hall:slip", args=[session.uuid])
        tellings = [Telling(seat.person_id, f"missed:{seat.pk}", facts, path) for seat in some]
        notify_many(kind=MISSED, tellings=tellings, now=now)
    return len(seats)


def _missed(now: datetime) -> QuerySet[Candidate]:
    """Seats of sessions that are over, where nothing was written, decided or told."""
    event = Concat(Value("missed:"), Cast(OuterRef("pk"), CharField()))
    known = Notice.objects.filter(person=OuterRef("person"), kind=MISSED, event=event)
    return Candidate.objects.filter(
        ~Exists(known),
        ~Exists(SpecialResult.objects.filter(candidate=OuterRef("pk"), withdrawn_at=None)),
        attempt=None,
        person__is_active=True,
        session__cancelled_at=None,
        session__ends_at__lte=now,
        session__ends_at__gt=now - TOLD_FOR,
    ).select_related("session__quiz")


def _words(session: ExamSession, now: datetime) -> str:
    closed, following = closed_words(session, now), next_session_words(session, now)
    return _("%(sentence)s %(following)s") % {"sentence": closed, "following": following} if following else closed
