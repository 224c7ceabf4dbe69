"""Reminders: each day every person's duties are read, and who has come to a new stage of one is told of it once.

The stages of a duty are: it was given, so many days are left, it is overdue. A day knows one stage of each duty, the
latest that has begun; so after days without a server, or after leave, one notice goes out and not every missed one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import (
    ask_for,
    asked_is_answered,
    cursor_of,
    daily_pass_is_due,
    end_lease,
    extend_lease,
    local_day,
    take_lease,
)
from academy.calendar.turns import register_turns
from academy.doors import by_name, waiting_for_others
from academy.duties.duty import Duty, duties_of
from academy.models import Employment, Notice, User
from academy.notices.inbox import Telling, notify_many, register_needed, register_notice

READING = "remind people"
REMINDING = register_turns(READING, label=_("Reminding people"), model=User, tries=3)
CHUNK = 2_000
# A worker ends its turn after so many people and asks for another, so that documents and exports are not held up.
TURN = 40_000

ASSIGNED = register_notice(
    "academy.assigned",
    title=_("Assigned: %(title)s"),
    text=_("Please complete it by %(due)s."),
    icon="clipboard-list",
    required=True,
)
ASSIGNED_UNDATED = register_notice(
    "academy.assigned_undated",
    title=_("Assigned: %(title)s"),
    text=_("It has no due date and is listed among what is to be done."),
    icon="clipboard-list",
    required=True,
)
RECOMMENDED = register_notice(
    "academy.recommended",
    title=_("Recommended: %(title)s"),
    text=_("It is not required. You find it among what is to be done."),
    icon="pick",
)
POST_ASKS = register_notice(
    "academy.post_asks",
    title=_("Your post asks: %(title)s"),
    text=_("Please do so by %(due)s."),
    icon="clipboard-list",
    required=True,
)
RENEWAL_OPEN = register_notice(
    "academy.renewal_open",
    title=_("Open now: %(title)s"),
    text=_("Your certification is valid through %(due)s. What you complete from %(since)s on counts for the renewal."),
    icon="rotate",
    required=True,
)
DUE_SOON = register_notice(
    "academy.due_soon",
    title=_("Due on %(due)s: %(title)s"),
    text=_("Days left: %(days)s."),
    icon="time",
    required=True,
)
RENEWAL_CLOSING = register_notice(
    "academy.renewal_closing",
    title=_("Until %(due)s: %(title)s"),
    text=_("Your certification is valid through %(due)s. Days left: %(days)s."),
    icon="time",
    required=True,
)
RECOMMENDED_SOON = register_notice(
    "academy.recommended_soon",
    title=_("Until %(due)s: %(title)s"),
    text=_("It is not required. Days left: %(days)s."),
    icon="time",
)
OVERDUE = register_notice(
    "academy.overdue",
    title=_("Overdue since %(due)s: %(title)s"),
    text=_("Please complete it now. If you cannot, talk to your line manager."),
    icon="warning",
    required=True,
)
RENEWAL_MISSED = register_notice(
    "academy.renewal_missed",
    title=_("Not done by %(due)s: %(title)s"),
    text=_(
        "Your certification was valid through %(due)s. Please complete what is missing, or talk to your line manager."
    ),
    icon="warning",
    required=True,
)
LAPSED = register_notice(
    "academy.lapsed",
    title=_("Lapsed on %(since)s: %(title)s"),
    text=_("Your ladder says what brings it back."),
    icon="warning",
    required=True,
)
REMINDERS = (
    ASSIGNED,
    ASSIGNED_UNDATED,
    RECOMMENDED,
    POST_ASKS,
    RENEWAL_OPEN,
    DUE_SOON,
    RENEWAL_CLOSING,
    RECOMMENDED_SOON,
    OVERDUE,
    RENEWAL_MISSED,
    LAPSED,
)


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a person is to be told of a duty: the kind of notice, and the event that makes it once only."""

    person: int
    kind: str
    event: str
    facts: dict[str, Any]
    path: str


def reminder_of(duty: Duty, today: date) -> Reminder | None:
    """The latest stage that the duty has reached, or None: done, on leave, or not begun.

    A due date that moved makes its stages anew, and what lay before the duty was given is no stage of it: whoever is
    assigned something with 20 days to go hears of the assignment and not of the 30 days.
    """
    if duty.paused or duty.since > today or (duty.done_on is not None and duty.done_on <= today):
        return None
    due, renewal = duty.due_on, duty.kind == "renewal"
    stage = ""
    if duty.kind == "lapsed":
        kind = LAPSED
    elif due is None:
        kind = ASSIGNED_UNDATED if duty.required else RECOMMENDED
    elif today > due and duty.required:
        kind, stage = (RENEWAL_MISSED if renewal else OVERDUE), f"{due}:late"
    else:
        left = (due - today).days
        reached = [days for days in duty.remind_days if days >= left and due - timedelta(days=days) > duty.since]
        if reached and left >= 0:
            kind = RENEWAL_CLOSING if renewal else DUE_SOON if duty.required else RECOMMENDED_SOON
            stage = f"{due}:{min(reached)}"
        elif not duty.required:
            kind = RECOMMENDED
        else:
            kind = {"renewal": RENEWAL_OPEN, "post": POST_ASKS}.get(duty.kind, ASSIGNED)
    facts: dict[str, Any] = {"title": duty.title, "since": str(duty.since)}
    if due is not None:
        facts |= {"due": str(due), "days": max((due - today).days, 0)}
    event = f"{event_of(duty)}:{stage}" if stage else event_of(duty)
    return Reminder(duty.person_id, kind, event, facts, duty.path)


def pressing_duties(people: Collection[int], today: date) -> list[Duty]:
    """The duties of people that are theirs to do: where everything is done, and somebody else decides, nobody is urged."""
    found = [duty for duties in duties_of(people=people, on=today).values() for duty in duties]
    # What others decide about has a name of its own: a level.
    named = {duty.person_id for duty in found if duty.subject}
    waiting = set(waiting_for_others(named)) if named else set()
    return [duty for duty in found if (duty.person_id, duty.about) not in waiting]


def event_of(duty: Duty) -> str:
    """What the events of a duty's reminders are, or begin with before the stage."""
    return f"{duty.kind}:{duty.key}"


def still_asked(notices: Collection[Notice], now: datetime) -> set[int]:
    """Which of these reminders speak of something that is still to be done today, by the day that they say."""
    today = local_day(now)
    asked = {
        (duty.person_id, event)
        for duty in pressing_duties(sorted({notice.person_id for notice in notices}), today)
        if reminder_of(duty, today) is not None
        for event in (event_of(duty), f"{event_of(duty)}:{duty.due_on}")
    }
    # Of a stage the event ends in the due date and how near that was.
    return {
        notice.pk
        for notice in notices
        if (notice.person_id, notice.event) in asked or (notice.person_id, notice.event.rpartition(":")[0]) in asked
    }


register_needed(still_asked, *REMINDERS)


def ask_for_reminders(*, now: datetime) -> None:
    """The minute's pass: until the bank has been read today, a worker is asked to read on. The clock does not wait for it."""
    if daily_pass_is_due(READING, today=local_day(now)):
        ask_for(READING, by_name("academy.duties.tasks.remind_task").enqueue, now=now)


def remind_everybody(*, now: datetime, today: date, most: int = TURN) -> bool:
    """Reads on where the last turn of the day ended. Returns True when everybody has been read.

    A turn that is killed goes on after its lease at the chunk it was in; whoever was told already is not told again.
    """
    asked_is_answered(READING, now=now)
    if not daily_pass_is_due(READING, today=today) or not take_lease(READING, now=now):
        return True
    seen, over, everybody = 0, False, _people(today).values_list("pk", flat=True)

    def note(people: list[int]) -> None:
        nonlocal seen
        seen += len(people)
        extend_lease(READING, now=timezone.now(), cursor=f"{today}:{people[-1]}")

    try:
        REMINDING.together(
            everybody.filter(pk__gt=_read_cursor(today)),
            lambda people: remind(people=people, now=now, today=today),
            now=now,
            size=CHUNK,
            most=most,
            whole=everybody,
            step=note,
        )
        over = seen < most
    finally:
        end_lease(READING, now=timezone.now(), day=today if over else None)
    return over


def remind(*, people: list[int], now: datetime, today: date) -> int:
    """Tells these people what is new for them today, in a fixed number of queries. Returns how many notices."""
    fresh = reminders_due(people, today)
    for kind in REMINDERS:
        tellings = [
            Telling(reminder.person, reminder.event, reminder.facts, reminder.path)
            for reminder in fresh
            if reminder.kind == kind
        ]
        if tellings:
            notify_many(kind=kind, tellings=tellings, now=now)
    return len(fresh)


def reminders_due(people: list[int], today: date) -> list[Reminder]:
    """What these people would be told today: the stages that have begun and that they were not told of."""
    due = [reminder for duty in pressing_duties(people, today) if (reminder := reminder_of(duty, today)) is not None]
    if not due:
        return []
    events = {reminder.event for reminder in due}
    told = set(
        Notice.objects.filter(person__in=people, kind__in=REMINDERS, event__in=events)
        .order_by()
        .values_list("person", "kind", "event")
    )
    return [duty_due for duty_due in due if (duty_due.person, duty_due.kind, duty_due.event) not in told]


def told_events(people: Collection[int], beginning: str) -> list[tuple[int, str]]:
    """Of which events reminders have told each of these people, of those that begin so. One query."""
    told = Notice.objects.filter(person__in=people, kind__in=REMINDERS, event__startswith=beginning)
    return list(told.order_by().values_list("person", "event"))


def reached(people: Collection[int]) -> list[int]:
    """Those who may be told anything: who came with a load that HR has not opened is left in peace."""
    return list(User.objects.filter(pk__in=people, quiet_load=None).values_list("pk", flat=True))


def _people(today: date) -> Any:
    working = Employment.objects.current().effective(today).filter(person=OuterRef("pk"))
    return User.objects.filter(Exists(working), is_active=True, quiet_load=None).order_by("pk")


def _read_cursor(today: date) -> int:
    day, _colon, last = cursor_of(READING).partition(":")
    return int(last) if day == str(today) and last.isdigit() else 0
