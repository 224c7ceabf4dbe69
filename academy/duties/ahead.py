"""How many notices a step will send, before it is taken: it is taken for those it concerns, counted, and rolled back.

So nothing has to be foretold: an import, an assignment, another audience, a requirement, a rule or a reminder sends what
it sends here. Of very many people some are taken, evenly, and the number is said to be about right.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.calendar.clock import local_day
from academy.duties.reminding import reached, reminders_due
from academy.models import Notice

AT_MOST = 1_000


def notices_sent(now: datetime) -> str:
    """In words, how many notices a step has sent that was taken with this moment."""
    count = Notice.objects.filter(created_at=now).count()
    if not count:
        return _("No notice was sent: everybody concerned was notified before.")
    text = ngettext("%(count)s notice was sent.", "%(count)s notices were sent.", count)
    return text % {"count": intcomma(count)}


# Takes the step for some of the keys, and gives the keys of the people whose duties it changes.
Step = Callable[[list[int]], Iterable[int]]


@dataclass(frozen=True)
class NoticesAhead:
    """How many notices; ``exact`` unless only some of very many were looked at, and then ``people`` are the keys of
    those who get them."""

    count: int
    exact: bool = True
    people: tuple[int, ...] = ()

    def __str__(self) -> str:
        if not self.count:
            return _("This sends no notice.")
        facts = {"count": intcomma(self.count)}
        if self.exact and self.people:
            facts["people"] = intcomma(len(self.people))
            if self.count == 1:
                return _("This sends 1 notice to 1 person.")
            text = ngettext(
                "This sends %(count)s notices to %(people)s person.",
                "This sends %(count)s notices to %(people)s people.",
                len(self.people),
            )
            return text % facts
        if self.exact:
            return ngettext("This sends %(count)s notice.", "This sends %(count)s notices.", self.count) % facts
        return _("This sends about %(count)s notices.") % facts


def notices_ahead(*, keys: Sequence[int], step: Step, now: datetime, on: date | None = None) -> NoticesAhead:
    """``keys`` are those for whom the step is taken: people, or rows of a file. ``now`` is the moment that the step is
    given, by which the notices that it writes itself are known; ``on`` the day on which it takes effect."""
    day = on or local_day(now)
    some = list(keys) if len(keys) <= AT_MOST else [keys[at * len(keys) // AT_MOST] for at in range(AT_MOST)]
    if not some:
        return NoticesAhead(0)
    with transaction.atomic():
        people = reached(list(step(some)))
        after = _events(people, day)
        told = list(Notice.objects.filter(created_at=now).values_list("person", flat=True))
        transaction.set_rollback(True)
    # What these people are told that day without the step is not sent by it.
    told += [person for person, _kind, _event in after - _events(people, day)]
    count = len(told)
    if len(some) == len(keys):
        return NoticesAhead(count, people=tuple(sorted(set(told))))
    return NoticesAhead(round(count * len(keys) / len(some)), exact=False)


def _events(people: list[int], day: date) -> set[tuple[int, str, str]]:
    return (
        {(reminder.person, reminder.kind, reminder.event) for reminder in reminders_due(people, day)}
        if people
        else set()
    )
