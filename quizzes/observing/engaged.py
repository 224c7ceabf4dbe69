"""Where an assessor has to be at a time, by what stands in the house: nobody is booked for two places at once."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.bilingual import listed
from academy.doors import Engagement, engagements_of
from academy.models import User
from quizzes.models import ExamSession, Observation

# So long is taken for an occasion, of which only the start is kept.
LASTS = timedelta(hours=1)
# So many are named beside the field of the time.
NAMED = 8


def engagements(*, person: User, begins: datetime, ends: datetime, but: Observation | None = None) -> list[Engagement]:
    """Where the person has to be between the two moments, the first first: occasions offered and booked, on either side,
    rooms to invigilate, and what upper floors know of. ``but`` is the occasion in hand. Two queries and theirs."""
    open_states = [Observation.State.OFFERED, Observation.State.BOOKED]
    occasions = Observation.objects.filter(
        Q(sheets__assessor=person) | Q(person=person),
        state__in=open_states,
        starts_at__gt=begins - LASTS,
        starts_at__lt=ends,
    ).select_related("practice", "person")
    if but is not None:
        occasions = occasions.exclude(pk=but.pk)
    rooms = ExamSession.objects.filter(
        invigilators=person, cancelled_at=None, starts_at__lt=ends, ends_at__gt=begins
    ).select_related("quiz")
    found = [
        *(
            Engagement(
                occasion.starts_at, f"{occasion.practice.local_name} · {occasion.person.display_name}", occasion.place
            )
            for occasion in occasions.distinct()
            if occasion.starts_at is not None
        ),
        *(Engagement(room.starts_at, f"{_('Invigilating')} · {room.quiz.local_title}", room.room) for room in rooms),
        *engagements_of(person, begins, ends),
    ]
    return sorted(found, key=lambda engagement: engagement.begins)


def engaged_refusal(*, person: User, starts_at: datetime, but: Observation) -> str | None:
    """Why the person cannot assess then, naming what stands there, or None."""
    standing = engagements(person=person, begins=starts_at, ends=starts_at + LASTS, but=but)
    if not standing:
        return None
    text = _("You are expected elsewhere at that time: %(what)s. Offer another time.")
    return text % {"what": listed(in_words(engagement) for engagement in standing)}


def engaged_from(*, person: User, now: datetime, until: datetime, but: Observation) -> list[str]:
    """What stands between the two moments, in words, the nearest first."""
    found = engagements(person=person, begins=now, ends=until, but=but)
    return [in_words(engagement) for engagement in found[:NAMED]]


def in_words(engagement: Engagement) -> str:
    """When, what and where."""
    when = date_format(timezone.localtime(engagement.begins), "SHORT_DATETIME_FORMAT")
    return " · ".join(part for part in (when, engagement.what, engagement.place) if part)
