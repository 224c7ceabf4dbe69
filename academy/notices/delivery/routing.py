"""Which notice goes out by which channel. Decided once a notice, by the clock, never while a page is waited for."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.models import Leave, Notice, NoticeDelivery, User
from academy.notices.inbox import NOTICE_KINDS, NoticeKind, Telling, notify_many, register_notice

Channel, State = NoticeDelivery.Channel, NoticeDelivery.State
BATCH = 2_000
# So many are routed a minute, so that the other passes of the clock do not wait for a large day.
MOST_A_PASS = 40_000
# What is told of a past day (a rebuilt record, an imported year) is no news to send.
NEWS = timedelta(days=7)

RETURNED = register_notice(
    "academy.after_leave",
    title=_("Notices while you were away: %(count)s"),
    text=_("Nothing was sent to you during your leave. All of it is in your inbox."),
    icon="bell",
    required=True,
)

ROUTING = register_turns("route notices", label=_("Notices are passed to their channels"), model=Notice)
BACK = register_turns(
    "tell who is back from leave", label=_("Notifying people who are back from leave"), model=User, tries=3
)


def open_channels() -> list[str]:
    """The channels beside the inbox that this installation has."""
    found = []
    if settings.NOTICES_BY_MAIL:
        found.append(Channel.MAIL.value)
    if settings.WEBHOOK_URL:
        found.append(Channel.WEBHOOK.value)
    return found


def route_notices(*, now: datetime, most: int = MOST_A_PASS) -> int:
    """The minute's pass: queues what goes out. Returns how many notices were looked at.

    Where no channel is open they are marked in one statement: a channel that is set up later sends nothing old.
    """
    waiting = Notice.objects.filter(routed_at=None)
    channels = open_channels()
    if not channels:
        return waiting.update(routed_at=now)

    def route(batch: list[Notice]) -> int:
        away = on_leave({notice.person_id for notice in batch}, local_day(now))
        queued = [
            _delivery(notice, channel, away=notice.person_id in away, now=now)
            for notice in batch
            for channel in channels
            if notice.created_at > now - NEWS and goes_out(notice.kind, notice.person, channel)
        ]
        with transaction.atomic():
            NoticeDelivery.objects.bulk_create(queued, ignore_conflicts=True)
            Notice.objects.filter(pk__in=[notice.pk for notice in batch]).update(routed_at=now)
        return len(batch)

    return ROUTING.together(waiting.select_related("person"), route, now=now, size=BATCH, most=most)


def goes_out(kind_code: str, person: User, channel: str) -> bool:
    """Whether a notice of a kind is sent to a person by a channel at all."""
    kind = NOTICE_KINDS.get(kind_code)
    if kind is None or not person.is_active:
        return False
    if channel == Channel.MAIL and not person.email:
        return False
    return kind.required or person.optional_notices


def on_leave(people: Collection[int], today: date) -> set[int]:
    return set(Leave.objects.current().effective(today).filter(person__in=people).values_list("person_id", flat=True))


def first_try_at(kind: NoticeKind, now: datetime) -> datetime:
    """Now, or the hour at which messages may go out again: nobody's phone rings at midnight over a date in a month."""
    first, last = settings.DELIVERY_HOURS
    local = timezone.localtime(now)
    if kind.urgent or first <= local.hour < last:
        return now
    day = local.date() if local.hour < first else local.date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(first)))


def _delivery(notice: Notice, channel: str, *, away: bool, now: datetime) -> NoticeDelivery:
    return NoticeDelivery(
        notice=notice,
        channel=channel,
        state=State.HELD if away else State.QUEUED,
        queued_at=now,
        next_try_at=None if away else first_try_at(NOTICE_KINDS[notice.kind], now),
    )


def tell_returned(*, now: datetime, today: date) -> int:
    """The daily pass: whoever is back from leave is told once of what came up meanwhile. Returns how many people.

    What was read in the inbox during the leave is not told again.
    """
    held = NoticeDelivery.objects.filter(state=State.HELD)

    def tell(some: list[int]) -> int:
        back = set(some) - on_leave(some, today)
        unread = (
            Notice.objects.filter(deliveries__state=State.HELD, person__in=back, person__is_active=True, read_at=None)
            .values("person")
            .annotate(count=Count("pk", distinct=True))
            .values_list("person", "count")
        )
        tellings = [Telling(person, f"back:{today}", {"count": count}, reverse("notices")) for person, count in unread]
        with transaction.atomic():
            notify_many(kind=RETURNED, tellings=tellings, now=now)
            held.filter(notice__person__in=back).update(state=State.SUMMED)
        return len(tellings)

    people = User.objects.filter(pk__in=held.values("notice__person")).values_list("pk", flat=True)
    return BACK.together(people, tell, now=now, size=BATCH)
