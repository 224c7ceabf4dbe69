"""The inbox as its person sees it: a reminder goes with its duty, done, withdrawn or given to somebody else."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.duties.duty import Duty
from academy.duties.reminding import REMINDERS, event_of
from academy.models import Notice, User
from academy.notices.inbox import UNREAD, unread_by_kind
from academy.requests.prepared import BoundQuery
from academy.requests.signed_in import SignedInRequest
from academy.staff.roles import IN_FORCE
from academy.viewsets.panels import duties_today


def shown_notices(person: User, duties: Iterable[Duty]) -> QuerySet[Notice]:
    """The notices of a person but for reminders of what is not to be done any more. ``duties`` are those of today."""
    standing = Q()
    for duty in duties:
        if duty.done_on is None:
            event = event_of(duty)
            standing |= Q(event=event) | Q(event__startswith=f"{event}:")
    reminders = Q(kind__in=REMINDERS)
    return Notice.objects.filter(person=person).exclude(reminders & ~standing if standing else reminders)


def asks_of_shell(request: SignedInRequest) -> list[BoundQuery[Any] | None]:
    """What the head of a page asks about its person, for a view that asks it at once with its own."""
    person = request.user.pk
    return [IN_FORCE.bound(person=person, on=local_day(timezone.now())), UNREAD.bound(person=person)]


def unread_shown(request: SignedInRequest) -> int:
    """How many of them are unread, for the head of every page. One query where no reminder is among them."""
    found = unread_by_kind(request.user)
    if not found.keys() & set(REMINDERS):
        return sum(found.values())
    return shown_notices(request.user, duties_today(request)).filter(read_at=None).count()
