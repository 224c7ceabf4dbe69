"""The queue of what goes out: tried at growing intervals, given up after the last try, said to HR, sent again by hand.

At least once: a worker that is killed after a message was taken and before the row says so sends that one message
again, under the same key (``Idempotency-Key``, ``Message-ID``), by which the other side knows it.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import ask_for, asked_is_answered, end_lease, extend_lease, take_lease
from academy.calendar.turns import apart
from academy.doors import by_name
from academy.errors.outage import database_is_away
from academy.journal import Entry, record_many, register_action
from academy.models import NoticeDelivery, User
from academy.notices.delivery.mail import MailChannel
from academy.notices.delivery.message import Answer, DeliveryFailed, Message, message_of
from academy.notices.delivery.routing import first_try_at, open_channels
from academy.notices.delivery.webhook import WebhookChannel
from academy.notices.inbox import NOTICE_KINDS, needless

logger = logging.getLogger(__name__)

State = NoticeDelivery.State
RESEND = register_action("academy.send_notice_again", _("Notice sent again"))
LEASE = "send notices"
# Seconds before the second try, the third and so on; the last one repeats.
WAITS = (60, 300, 900, 3600, 4 * 3600, 12 * 3600)
# A run ends after so many, so that a worker's other tasks get their turn.
BATCH = 500
# After so many in a row that nobody took, the channel rests until the next minute instead of waiting for each.
DEAD_AFTER = 3
# Faults of our own, in words; all else stands as the other side said it.
REASONS: dict[str, Any] = {
    "left": _("The person has left the bank."),
    "no address": _("No mail address is known."),
    "no message": _("It cannot be made because of a system fault."),
    "no words": _("This kind of notice is not sent any more."),
}


class Sender(Protocol):
    def send(self, delivery: NoticeDelivery, message: Message) -> Answer: ...

    def close(self) -> None: ...


SENDERS: dict[str, type[Any]] = {"mail": MailChannel, "webhook": WebhookChannel}


@dataclass
class Sent:
    """What a run of the queue did; ``more``: it ended before the queue did."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    more: bool = False


def ask_for_sending(*, now: datetime) -> None:
    """The minute's pass: a worker is asked to send what waits."""
    if _waiting(open_channels(), now).exists():
        ask_for(LEASE, by_name("academy.notices.tasks.send_notices_task").enqueue, now=now)


def send_waiting(*, now: datetime, most: int = BATCH) -> Sent:
    """Sends what is due, one run at a time in the whole installation. Each message is settled before the next."""
    result = Sent()
    asked_is_answered(LEASE, now=now)
    if not take_lease(LEASE, now=now):
        return result
    try:
        for channel in open_channels():
            _send_by(channel, now, most, result)
    finally:
        end_lease(LEASE, now=timezone.now())
    return result


def _waiting(channels: Iterable[str], now: datetime) -> QuerySet[NoticeDelivery]:
    return NoticeDelivery.objects.filter(
        channel__in=list(channels), state__in=NoticeDelivery.WAITING, next_try_at__lte=now
    )


def _send_by(channel: str, now: datetime, most: int, result: Sent) -> None:
    waiting = list(_waiting([channel], now).select_related("notice__person").order_by("next_try_at", "pk")[:most])
    due = _without_needless(waiting, now)
    sender: Sender = SENDERS[channel]()
    dead, extended = 0, timezone.now()
    try:
        for delivery in due:
            dead = 0 if _try_apart(delivery, sender, result) else dead + 1
            if dead >= DEAD_AFTER:
                logger.warning("%s: nobody takes messages; the next minute tries again", channel)
                break
            if timezone.now() - extended > timedelta(minutes=1):
                extended = timezone.now()
                extend_lease(LEASE, now=extended)
    finally:
        sender.close()
    result.more = result.more or (len(waiting) == most and dead < DEAD_AFTER)


def _without_needless(waiting: list[NoticeDelivery], now: datetime) -> list[NoticeDelivery]:
    """What still has its reason. Where that cannot be told by a fault of ours everything is sent: too much, never too little."""
    try:
        with apart():
            gone = needless([delivery.notice for delivery in waiting], now)
    except Exception as fault:
        if database_is_away(fault):
            raise
        logger.exception("what is not needed any more could not be told")
        return waiting
    over = [delivery.pk for delivery in waiting if delivery.notice_id in gone]
    if over:
        NoticeDelivery.objects.filter(pk__in=over, state__in=NoticeDelivery.WAITING).update(
            state=State.NEEDLESS, next_try_at=None
        )
    return [delivery for delivery in waiting if delivery.notice_id not in gone]


def _try_apart(delivery: NoticeDelivery, sender: Sender, result: Sent) -> bool:
    """A fault of ours in one message holds up no other: it has its tries as one that nobody took."""
    try:
        with apart():
            return _try(delivery, sender, result)
    except Exception as fault:
        if database_is_away(fault):
            raise
        logger.exception("notice %s by %s raised", delivery.notice_id, delivery.channel)
        with apart():
            _settle(delivery, DeliveryFailed("no message"), result)
        return True


def _try(delivery: NoticeDelivery, sender: Sender, result: Sent) -> bool:
    """One try. False when the other side could not be reached at all."""
    message = message_of(delivery)
    person = delivery.notice.person
    if message is None or not person.is_active:
        _settle(delivery, DeliveryFailed("left" if message else "no words", hopeless=True), result)
        return True
    delivery.language, delivery.subject = message.language, message.title[:255]
    try:
        answer = sender.send(delivery, message)
    except DeliveryFailed as fault:
        _settle(delivery, fault, result)
        return fault.code is not None or fault.hopeless
    # Only a row that still waits: the gateway may have reported the arrival before it answered.
    NoticeDelivery.objects.filter(pk=delivery.pk).update(
        tries=delivery.tries + 1,
        language=delivery.language,
        subject=delivery.subject,
        answer_code=answer.code,
        answer_id=answer.number,
    )
    NoticeDelivery.objects.filter(pk=delivery.pk, state__in=NoticeDelivery.WAITING).update(
        state=State.SENT, sent_at=timezone.now(), next_try_at=None, last_error=""
    )
    result.sent += 1
    return True


def _settle(delivery: NoticeDelivery, fault: DeliveryFailed, result: Sent) -> None:
    """Writes down a try that failed, and when the next one is."""
    now, tries = timezone.now(), delivery.tries + 1
    over = fault.hopeless or tries >= settings.DELIVERY_TRIES
    wait = max(WAITS[min(tries, len(WAITS)) - 1], fault.wait)
    NoticeDelivery.objects.filter(pk=delivery.pk, state__in=NoticeDelivery.WAITING).update(
        state=State.GIVEN_UP if over else State.FAILED,
        tries=tries,
        next_try_at=None if over else now + timedelta(seconds=wait),
        language=delivery.language,
        subject=delivery.subject,
        answer_code=fault.code,
        last_error=fault.reason[:255],
    )
    if over:
        result.given_up += 1
        logger.warning("notice %s by %s is given up: %s", delivery.notice_id, delivery.channel, fault.reason)
    else:
        result.failed += 1


def given_up() -> QuerySet[NoticeDelivery]:
    """What HR is told of: messages that did not go out and are not tried any more."""
    return NoticeDelivery.objects.filter(state=State.GIVEN_UP)


@transaction.atomic
def send_again(*, deliveries: QuerySet[NoticeDelivery], now: datetime, actor: User) -> int:
    """Puts what was given up back into the queue. Returns how many.

    One that the other side had taken and then reported as failed gets a new key, or it would be taken for known.
    """
    count = 0
    entries = []
    for delivery in deliveries.filter(state=State.GIVEN_UP).select_related("notice").select_for_update(of=("self",)):
        if delivery.sent_at is not None:
            delivery.key = uuid4()
        kind = NOTICE_KINDS.get(delivery.notice.kind)
        delivery.state, delivery.tries, delivery.sent_at = State.QUEUED, 0, None
        delivery.next_try_at = first_try_at(kind, now) if kind else now
        delivery.save(update_fields=["key", "state", "tries", "sent_at", "next_try_at"])
        entries.append(Entry(RESEND, f"academy.noticedelivery:{delivery.pk}", delivery.notice.person_id))
        count += 1
    record_many(entries, now=now, actor=actor)
    return count
