"""催办: people are reminded once a day, in the manager's words. Who is on leave is left in peace. It is logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext

from academy.bilingual import as_proposed, pick
from academy.calendar.clock import local_day
from academy.duties.duty import DutyState
from academy.duties.reminding import pressing_duties
from academy.duties.reminding import reached as reached_by_notices
from academy.errors.refusals import refuse_nothing_ticked
from academy.journal import Entry, record_many, register_action
from academy.models import Leave, Notice, User
from academy.notices.inbox import Telling, notify_many, register_notice
from certificates.team.words import checked_words

NUDGE = register_action("certificates.nudge", gettext_lazy("Nudged"))
NUDGED = register_notice(
    "certificates.nudge", title=gettext_lazy("%(manager)s reminds you"), text=gettext_lazy("%(words)s"), icon="bell"
)
DEFAULT_WORDS = gettext_lazy(
    "Some of your training is overdue or due soon. Please plan a time for it this week, and tell me if something is in the way."
)
# So many stand on a person's page.
LISTED = 3
PRESSING = (DutyState.OVERDUE, DutyState.SOON)


@dataclass(frozen=True)
class Nudged:
    """How many were told, and how many were left out: on leave, told today already, with nothing due."""

    told: int
    away: int
    told_already: int
    nothing_due: int

    @property
    def sentences(self) -> list[tuple[int, str]]:
        """What the manager or HR reads: (level of the message, sentence)."""
        said = [
            (
                messages.SUCCESS,
                self.told,
                ngettext("%(count)s person was reminded.", "%(count)s people were reminded.", self.told),
            ),
            (
                messages.INFO,
                self.away,
                ngettext(
                    "%(count)s person was left out: on leave.",
                    "%(count)s people were left out: on leave.",
                    self.away,
                ),
            ),
            (
                messages.INFO,
                self.told_already,
                ngettext(
                    "%(count)s person was left out: reminded by you today already. A person is reminded once a day.",
                    "%(count)s people were left out: reminded by you today already. A person is reminded once a day.",
                    self.told_already,
                ),
            ),
            (
                messages.INFO,
                self.nothing_due,
                ngettext(
                    "%(count)s person was left out: nothing of theirs is overdue or due soon. Write words of your own.",
                    "%(count)s people were left out: nothing of theirs is overdue or due soon. Write words of your own.",
                    self.nothing_due,
                ),
            ),
        ]
        return [(level, sentence % {"count": count}) for level, count, sentence in said if count]


class Reminder(NamedTuple):
    """One that was sent: by whom, its words in the language of who reads them here, and when."""

    manager: str
    words: str
    sent_at: datetime


def default_words() -> str:
    """What stands in the field before the manager changes it."""
    return str(DEFAULT_WORDS)


@transaction.atomic
def nudge(*, manager: User, people: Sequence[User], words: str, now: datetime) -> Nudged:
    """Tells people once a day, and notes it.

    The words that stood in the field are read by each in their own language; they speak of what is overdue: nobody gets
    them without anything due.
    """
    words = checked_words(words)
    refuse_nothing_ticked(people)
    today = local_day(now)
    ids = [person.pk for person in people]
    away, already, idle = left_out(manager=manager, people=ids, words=words, today=today)
    event = event_of(manager, today)
    reached = [person for person in people if person.pk not in away | already | idle]
    facts = {"manager": manager.display_name, "words": as_proposed(words, DEFAULT_WORDS)}
    path = reverse("todo")
    notify_many(kind=NUDGED, tellings=[Telling(person.pk, event, facts, path) for person in reached], now=now)
    record_many(
        [Entry(NUDGE, f"academy.user:{person.pk}", person.pk, reason=words) for person in reached],
        now=now,
        actor=manager,
    )
    return Nudged(len(reached), len(away), len(already), len(idle))


def is_reminded(person: User, *, by: User, today: date) -> bool:
    """Whether this manager did so today: nobody is reminded twice."""
    return Notice.objects.filter(person=person, kind=NUDGED, event=event_of(by, today)).exists()


def last_reminders(person: User) -> list[Reminder]:
    """The newest reminders of the person, whoever sent them."""
    language = get_language() or settings.LANGUAGE_CODE
    newest = Notice.objects.filter(person=person, kind=NUDGED).order_by("-created_at")[:LISTED]
    return [
        Reminder(notice.facts["manager"], pick(notice.facts["words"], language), notice.created_at) for notice in newest
    ]


def speaks_every_language(words: str) -> bool:
    """Whether these are the words that stood in the field."""
    return not isinstance(as_proposed(words, DEFAULT_WORDS), str)


def event_of(manager: User, today: date) -> str:
    """One reminder a manager, person and day."""
    return f"{manager.pk}:{today}"


def left_out(*, manager: User, people: Sequence[int], words: str, today: date) -> tuple[set[int], set[int], set[int]]:
    """Whom a reminder does not reach: (on leave or not opened yet, told today already, with nothing due)."""
    ids = set(people)
    away = set(Leave.objects.current().effective(today).filter(person__in=ids).values_list("person", flat=True))
    # Who came with a load that HR has not opened hears nothing yet.
    away |= ids - set(reached_by_notices(list(ids)))
    told = Notice.objects.filter(kind=NUDGED, event=event_of(manager, today), person__in=ids - away)
    already = set(told.values_list("person", flat=True))
    idle: set[int] = set()
    if speaks_every_language(words):
        idle = ids - away - already - _with_something_due(list(ids), today)
    return away & ids, already, idle


def _with_something_due(people: Sequence[int], today: date) -> set[int]:
    """Who waits for a decision of others has nothing due."""
    return {duty.person_id for duty in pressing_duties(people, today) if duty.state_on(today) in PRESSING}
