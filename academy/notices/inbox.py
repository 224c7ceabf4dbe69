"""The inbox: a notice is a kind and its facts; its words are made in the reader's language when it is read.

What else carries a notice to a person is ``academy.notices.delivery``; whoever tells something only ever calls ``notify``.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.query import QuerySet

from academy.bilingual import pick, with_single_stops
from academy.models import Notice, NoticeDelivery, User
from academy.requests.prepared import PreparedQuery
from academy.requests.prepared_writes import PreparedInsert


@dataclass(frozen=True)
class NoticeKind:
    """Title and text are lazy strings with ``%(name)s`` places filled from the notice's facts.

    ``required``: goes out by mail and messenger also to those who want no optional ones; ``urgent``: at any hour.
    """

    code: str
    title: Any
    text: Any
    icon: str = "bell"
    required: bool = False
    urgent: bool = False


NOTICE_KINDS: dict[str, NoticeKind] = {}
type Needed = Callable[[Collection[Notice], datetime], set[int]]
# Of kinds whose notices lose their reason while they wait: the keys of those that are still to be sent.
STILL_NEEDED: dict[str, Needed] = {}
BATCH = 2_000
NEW = PreparedInsert(Notice)


def register_notice(
    code: str, *, title: Any, text: Any, icon: str = "bell", required: bool = False, urgent: bool = False
) -> str:
    NOTICE_KINDS[code] = NoticeKind(code, title, text, icon, required, urgent)
    return code


def register_needed(needed: Needed, *kinds: str) -> None:
    """Before a notice of these kinds leaves the house, ``needed`` is asked which of some notices still have their reason."""
    STILL_NEEDED.update(dict.fromkeys(kinds, needed))


def needless(notices: Collection[Notice], now: datetime) -> set[int]:
    """The keys of those notices whose reason is gone: what they ask for was done, or is not asked any more."""
    waiting: dict[Needed, list[Notice]] = {}
    for notice in notices:
        if notice.kind in STILL_NEEDED:
            waiting.setdefault(STILL_NEEDED[notice.kind], []).append(notice)
    found: set[int] = set()
    for needed, some in waiting.items():
        found |= {notice.pk for notice in some} - needed(some, now)
    return found


def notify(
    *, person: User, kind: str, event: str, now: datetime, facts: dict[str, Any] | None = None, path: str = ""
) -> None:
    """Tells a person once about an event. A bilingual dict among the facts is picked in the reader's language."""
    notify_many(kind=kind, tellings=[Telling(person.pk, event, facts or {}, path)], now=now)


@dataclass(frozen=True, slots=True)
class Telling:
    """One of many: the key of a person, the event, and what the words are made of."""

    person: int
    event: str
    facts: dict[str, Any] = field(default_factory=dict)
    path: str = ""


def notify_many(*, kind: str, tellings: Iterable[Telling], now: datetime) -> None:
    """Tells many people once each, some thousand rows a statement; who was told of the event before is left alone.

    A digest is a kind whose event is the span it tells of, so that there is one a week: ``event="2026-W48"``.
    """
    if kind not in NOTICE_KINDS:
        raise KeyError(f"notice kind {kind!r} is not registered")
    for batch in batched(tellings, BATCH):
        notices = [
            Notice(
                person_id=telling.person,
                kind=kind,
                event=telling.event,
                facts=telling.facts,
                path=telling.path,
                created_at=now,
            )
            for telling in batch
        ]
        if len(notices) == 1:
            NEW.write_once(notices[0])
        else:
            Notice.objects.bulk_create(notices, ignore_conflicts=True)


def take_notices_back(*, kind: str, events: Collection[str], told_at: datetime) -> list[int]:
    """Unread notices of an act that was undone are gone, with what waits to be sent of them; those that were read or have
    left the house stay. Returns who knows of it, for the word that takes it back. ``told_at``: the moment of telling."""
    told = Notice.objects.filter(created_at=told_at, kind=kind, event__in=events)
    left = NoticeDelivery.objects.filter(notice=OuterRef("pk"), sent_at__isnull=False)
    told.filter(Q(read_at=None) & ~Exists(left)).delete()
    return list(told.values_list("person", flat=True))


def settle_notices_about(*, path: str, people: Collection[int], now: datetime) -> None:
    """Unread notices that lead some people to what does not concern them any more are gone; what has left the house already
    counts as read."""
    told = Notice.objects.filter(person__in=people, path=path, read_at=None)
    left = NoticeDelivery.objects.filter(notice=OuterRef("pk"), sent_at__isnull=False)
    told.filter(~Exists(left)).delete()
    told.update(read_at=now)


class _Facts(dict[str, Any]):
    """Facts of a notice; what was erased reads as three stars."""

    def __missing__(self, key: str) -> str:
        return "***"


@dataclass(frozen=True)
class ReadNotice:
    """A notice in words."""

    pk: int
    title: str
    text: str
    icon: str
    path: str
    created_at: datetime
    unread: bool


def read_notices(notices: Iterable[Notice], language: str) -> list[ReadNotice]:
    """The notices in the reader's language; kinds that no longer exist are left out."""
    result = []
    for notice in notices:
        kind = NOTICE_KINDS.get(notice.kind)
        if kind is None:
            continue
        facts = _Facts(
            {key: pick(value, language) if isinstance(value, dict) else value for key, value in notice.facts.items()}
        )
        result.append(
            ReadNotice(
                pk=notice.pk,
                title=with_single_stops(str(kind.title) % facts),
                text=with_single_stops(str(kind.text) % facts),
                icon=kind.icon,
                path=notice.path,
                created_at=notice.created_at,
                unread=notice.read_at is None,
            )
        )
    return result


def unread(person: User) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, read_at=None)


def unread_by_kind(person: User) -> dict[str, int]:
    """How many are unread, by kind. One query."""
    return dict(UNREAD.rows(person=person.pk))


UNREAD = PreparedQuery(
    lambda person: (
        Notice.objects.filter(person=person, read_at=None)
        .order_by()
        .values("kind")
        .annotate(count=Count("pk"))
        .values_list("kind", "count")
    )
)


def mark_read(*, person: User, now: datetime, notices: Collection[int] | None = None) -> int:
    """Marks what is in the person's inbox as read, all of it or some. Returns how many."""
    found = unread(person) if notices is None else unread(person).filter(pk__in=notices)
    return found.update(read_at=now)
