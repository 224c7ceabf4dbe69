"""The inbox as its person sees it: a reminder goes with its duty, done, withdrawn or given to somebody else."""

from collections.abc import Iterable

from django.db.models import Q
from django.db.models.query import QuerySet

from academy.duties.duty import Duty
from academy.duties.reminding import REMINDERS, event_of
from academy.models import Notice, User
from academy.notices.inbox import unread_by_kind
from academy.requests.signed_in import SignedInRequest
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


def unread_shown(request: SignedInRequest) -> int:
    """How many of them are unread, for the head of every page. One query where no reminder is among them."""
    found = unread_by_kind(request.user)
    if not found.keys() & set(REMINDERS):
        return sum(found.values())
    return shown_notices(request.user, duties_today(request)).filter(read_at=None).count()
