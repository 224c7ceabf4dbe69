"""What a learner sees of classroom sessions: those one is on the list of, and those open to one's part of the bank."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Count, Prefetch, Q
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from academy.calendar.clock import local_day
from academy.doors import Engagement
from academy.models import User
from academy.requests.kept.presence import none_of
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.panels import TodoItem
from courses.classroom.places import paths_of
from courses.models import Attendance, Attendee, ClassSession

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


def sessions_shown_to(person: User, now: datetime) -> QuerySet[ClassSession]:
    """On whose list the person stands, and those open to the branches the person is posted in."""
    above = {path[: end + 1] for path in paths_of(person, now) for end, sign in enumerate(path) if sign == "/" and end}
    mine = Q(pk__in=Attendee.objects.filter(person=person).values("session"))
    open_here = Q(open_to_all=True, branch__path__in=above, cancelled_at=None, closed_at=None)
    return ClassSession.objects.filter(mine | open_here)


class OwnPlace(TypedDict):
    """What a session is to one person, and how many seats are taken."""

    taken: int
    own_places: list[Attendee]
    own_results: list[Attendance]


def with_own_place(
    sessions: QuerySet[ClassSession], person: User
) -> "QuerySet[WithAnnotations[ClassSession, OwnPlace]]":
    """Each session with the seats taken and the person's own place and result."""
    seated = Count("attendees", filter=Q(attendees__standing=Attendee.Standing.SEATED))
    places = Prefetch("attendees", queryset=Attendee.objects.filter(person=person), to_attr="own_places")
    results = Prefetch(
        "attendances", queryset=Attendance.objects.current().filter(person=person), to_attr="own_results"
    )
    return sessions.select_related("branch").annotate(taken=seated).prefetch_related(places, results)


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """The sessions one is expected at, and those one waits for a seat of."""
    if none_of(Attendee, [request.user.pk]):
        return []
    return [
        _todo(attendee) for attendee in _to_come(timezone.now()).filter(person=request.user).select_related("session")
    ]


def moments_of_sessions(person: User, now: datetime) -> list[datetime]:
    """When one of these is over."""
    if none_of(Attendee, [person.pk]):
        return []
    return list(_to_come(now).filter(person=person).values_list("session__ends_at", flat=True))


def classes_of(people: Collection[int], begins: datetime, ends: datetime) -> list[Engagement]:
    """The sessions of the house that the people hold or come to between the two moments. Two queries."""
    taught = ClassSession.objects.filter(
        taught_by__in=people, cancelled_at=None, closed_at=None, starts_at__lt=ends, ends_at__gt=begins
    )
    visited = _to_come(begins).filter(person__in=people, session__starts_at__lt=ends).select_related("session")
    return [
        *(
            _engagement(session, session.taught_by_id, gettext("Teaching"))
            for session in taught
            if session.taught_by_id is not None
        ),
        *(
            _engagement(
                place.session, place.person_id, _kind_of(place), waits=place.standing == Attendee.Standing.WAITING
            )
            for place in visited
        ),
    ]


def _kind_of(place: Attendee) -> str:
    waits = place.standing == Attendee.Standing.WAITING
    return gettext("Waits for a seat") if waits else gettext("Classroom session")


def _engagement(session: ClassSession, person: int, kind: str, *, waits: bool = False) -> Engagement:
    title, place = session.local_title, session.place
    return Engagement(person, session.starts_at, session.ends_at, kind, title, place, waits=waits)


def _to_come(now: datetime) -> QuerySet[Attendee]:
    return Attendee.objects.coming().filter(
        session__ends_at__gt=now, session__cancelled_at=None, session__closed_at=None
    )


def _todo(place: Attendee) -> TodoItem:
    session = place.session
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    day = date_format(local_day(session.starts_at), "SHORT_DATE_FORMAT")
    text = f"{day} {starts:%H:%M}–{ends:%H:%M} · {session.place}"
    if place.standing == Attendee.Standing.WAITING:
        text += " · " + gettext("Waits for a seat")
    return TodoItem(
        title=session.local_title,
        text=text,
        url=reverse("classroom:session", args=[session.uuid]),
        tag=gettext("Classroom session"),
        due_on=local_day(session.starts_at),
        event=True,
    )
