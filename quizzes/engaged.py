"""Where people have to be at a time, by what stands in the house: nobody is booked for two places at once, whether an
observation, an exam or a class comes second."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q
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


def engagements(
    *, people: Iterable[User], begins: datetime, ends: datetime, but: Observation | None = None
) -> dict[int, list[Engagement]]:
    """Where each of the people has to be between the two moments, the first first: occasions offered and booked, on either
    side, rooms to invigilate, and what upper floors know of. ``but`` is the occasion in hand. Two queries and theirs."""
    keys = {person.pk for person in people}
    occasions = (
        Observation.objects.filter(
            Q(sheets__assessor__in=keys) | Q(person__in=keys),
            state__in=[Observation.State.OFFERED, Observation.State.BOOKED],
            starts_at__gt=begins - LASTS,
            starts_at__lt=ends,
        )
        .exclude(pk=but.pk if but is not None else 0)
        .select_related("practice", "person")
        .annotate(assessor=F("sheets__assessor"))
    )
    rooms = (
        ExamSession.objects.filter(invigilators__in=keys, cancelled_at=None, starts_at__lt=ends, ends_at__gt=begins)
        .select_related("quiz")
        .annotate(invigilator=F("invigilators"))
    )
    # A set, as an occasion of three assessors is found with each of them.
    found = {
        *(
            Engagement(
                one,
                occasion.starts_at,
                f"{occasion.practice.local_name} · {occasion.person.display_name}",
                occasion.place,
            )
            for occasion in occasions
            for one in (occasion.assessor, occasion.person_id)
            if occasion.starts_at is not None
        ),
        *(
            Engagement(room.invigilator, room.starts_at, f"{_('Invigilating')} · {room.quiz.local_title}", room.room)
            for room in rooms
        ),
        *engagements_of(keys, begins, ends),
    }
    by_person: dict[int, list[Engagement]] = {}
    for engagement in sorted(found, key=lambda one: one.begins):
        if engagement.person_id in keys:
            by_person.setdefault(engagement.person_id, []).append(engagement)
    return by_person


def engaged_refusal(*, person: User, starts_at: datetime, but: Observation) -> str | None:
    """Why the person cannot assess then, naming what stands there, or None."""
    standing = engagements(people=[person], begins=starts_at, ends=starts_at + LASTS, but=but).get(person.pk)
    if not standing:
        return None
    return _("You are expected elsewhere at that time: %(what)s. Offer another time.") % {"what": _named(standing)}


def expected_refusal(*, person: User, begins: datetime, ends: datetime) -> str | None:
    """Why the person cannot put themselves down for that time, naming what stands there, or None."""
    standing = engagements(people=[person], begins=begins, ends=ends).get(person.pk)
    return _("You are expected elsewhere: %(what)s.") % {"what": _named(standing)} if standing else None


def expected_elsewhere(*, people: Iterable[User], begins: datetime, ends: datetime) -> dict[int, str]:
    """Why some of the people cannot be put down for that time, by person. The queries are the same for any number."""
    found = engagements(people=people, begins=begins, ends=ends)
    return {
        pk: _("Is expected elsewhere at that time: %(what)s.") % {"what": _named(standing)}
        for pk, standing in found.items()
    }


def engaged_from(*, person: User, now: datetime, until: datetime, but: Observation) -> list[str]:
    """What stands between the two moments, in words, the nearest first."""
    found = engagements(people=[person], begins=now, ends=until, but=but).get(person.pk, [])
    return [in_words(engagement) for engagement in found[:NAMED]]


def in_words(engagement: Engagement) -> str:
    """When, what and where."""
    when = date_format(timezone.localtime(engagement.begins), "SHORT_DATETIME_FORMAT")
    return " · ".join(part for part in (when, engagement.what, engagement.place) if part)


def _named(standing: list[Engagement]) -> str:
    return listed(in_words(engagement) for engagement in standing[:NAMED])
