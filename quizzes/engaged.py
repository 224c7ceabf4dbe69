"""Where people have to be at a time, by what stands in the house: nobody is booked for two places at once, whether an
observation, an exam or a class comes second. The same list says what is to come in a person's days."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.bilingual import listed
from academy.doors import Engagement, engagements_of
from academy.models import User
from quizzes.models import Candidate, ExamSession, Observation, SpecialResult

# So long is taken for an occasion, of which only the start is kept.
LASTS = timedelta(hours=1)
# What is to come is read so far ahead.
FAR = timedelta(days=366)
# So many are named beside the field of the time.
NAMED = 8


def engagements(
    *, people: Iterable[User], begins: datetime, ends: datetime, but: Observation | None = None
) -> dict[int, list[Engagement]]:
    """Where each of the people has to be between the two moments, by what every floor knows, the first first. ``but`` is the
    occasion in hand."""
    keys = {person.pk for person in people}
    # A set, as an occasion of three assessors is found with each of them.
    found = set(engagements_of(keys, begins, ends))
    by_person: dict[int, list[Engagement]] = {}
    for engagement in sorted(found, key=lambda one: (one.starts_at, one.what)):
        if engagement.person_id in keys and (but is None or engagement.occasion != but.pk):
            by_person.setdefault(engagement.person_id, []).append(engagement)
    return by_person


def measuring_engagements(keys: Collection[int], begins: datetime, ends: datetime) -> list[Engagement]:
    """Occasions offered and booked, on either side, seats at exams and rooms to invigilate. Three queries."""
    occasions = (
        Observation.objects.filter(
            Q(sheets__assessor__in=keys) | Q(person__in=keys),
            state__in=[Observation.State.OFFERED, Observation.State.BOOKED],
            starts_at__gt=begins - LASTS,
            starts_at__lt=ends,
        )
        .select_related("practice", "person")
        .annotate(assessor=F("sheets__assessor"))
    )
    rooms = (
        ExamSession.objects.filter(invigilators__in=keys, cancelled_at=None, starts_at__lt=ends, ends_at__gt=begins)
        .select_related("quiz")
        .annotate(invigilator=F("invigilators"))
    )
    decided = SpecialResult.objects.filter(withdrawn_at=None)
    seats = Candidate.objects.filter(
        person__in=keys, session__cancelled_at=None, session__starts_at__lt=ends, session__ends_at__gt=begins
    ).select_related("session__quiz")
    # A paper that is handed in is over, whatever the hall's clock says.
    seats = seats.exclude(attempt__finished_at__isnull=False).exclude(special_results__in=decided)
    return [
        *(
            Engagement(
                one,
                occasion.starts_at,
                None,
                _("Observed practice") if occasion.state == Observation.State.BOOKED else occasion.state_words,
                occasion.practice.local_name,
                occasion.place,
                "" if one == occasion.person_id else occasion.person.display_name,
                occasion=occasion.pk,
            )
            for occasion in occasions
            for one in (occasion.assessor, occasion.person_id)
            if occasion.starts_at is not None
        ),
        *(_in_room(room, room.invigilator, _("Invigilating")) for room in rooms),
        *(_in_room(seat.session, seat.person_id, _("Exam")) for seat in seats),
    ]


def _in_room(room: ExamSession, person: int, kind: str) -> Engagement:
    return Engagement(person, room.starts_at, room.ends_at, kind, room.quiz.local_title, room.room)


def to_come(person: User, now: datetime) -> list[Engagement]:
    """What of the person's days is not over yet, the next first."""
    return engagements(people=[person], begins=now, ends=now + FAR).get(person.pk, [])


def _barring(
    people: Iterable[User], begins: datetime, ends: datetime, but: Observation | None = None
) -> dict[int, list[Engagement]]:
    """What keeps each of the people from being put down there as well; a hope for a seat does not."""
    found = engagements(people=people, begins=begins, ends=ends, but=but)
    firm = {pk: [one for one in standing if not one.waits] for pk, standing in found.items()}
    return {pk: standing for pk, standing in firm.items() if standing}


def engaged_refusal(*, assessor: User, person: User, starts_at: datetime, but: Observation) -> str | None:
    """Why the two cannot meet then, or None. What the assessor is expected at is named; of the person it is not said."""
    standing = _barring([assessor, person], starts_at, starts_at + LASTS, but)
    if assessor.pk in standing:
        return _("You are expected elsewhere at that time: %(what)s. Offer another time.") % {
            "what": _named(standing[assessor.pk])
        }
    if person.pk in standing:
        return _("%(name)s is expected elsewhere at that time. Offer another time.") % {"name": person.display_name}
    return None


def expected_refusal(*, person: User, begins: datetime, ends: datetime, but: Observation | None = None) -> str | None:
    """Why the person cannot put themselves down for that time, naming what stands there, or None."""
    standing = _barring([person], begins, ends, but).get(person.pk)
    return _("You are expected elsewhere: %(what)s.") % {"what": _named(standing)} if standing else None


def expected_elsewhere(*, people: Iterable[User], begins: datetime, ends: datetime) -> dict[int, str]:
    """Why some of the people cannot be put down for that time, by person. The queries are the same for any number."""
    found = _barring(people, begins, ends)
    return {
        pk: _("Is expected elsewhere at that time: %(what)s.") % {"what": _named(standing)}
        for pk, standing in found.items()
    }


def engaged_from(
    *, assessor: User, person: User, now: datetime, until: datetime, but: Observation
) -> tuple[list[str], list[str]]:
    """What keeps the two from meeting between the two moments, the nearest first: the assessor's in words, the person's by
    the hours alone."""
    found = _barring([assessor, person], now, until, but)
    own, theirs = found.get(assessor.pk, []), found.get(person.pk, [])
    return [in_words(one) for one in own[:NAMED]], [hours_of(one) for one in theirs[:NAMED]]


def hours_of(engagement: Engagement) -> str:
    """From when and, where it is kept, until when."""
    starts = date_format(timezone.localtime(engagement.starts_at), "SHORT_DATETIME_FORMAT")
    return starts if engagement.ends_at is None else f"{starts}–{timezone.localtime(engagement.ends_at):%H:%M}"


def in_words(engagement: Engagement) -> str:
    """When, what, with whom and where."""
    parts = (hours_of(engagement), engagement.kind, engagement.what, engagement.whom, engagement.place)
    return " · ".join(part for part in parts if part)


def _named(standing: list[Engagement]) -> str:
    return listed(in_words(engagement) for engagement in standing[:NAMED])
