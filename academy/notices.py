"""The inbox: a notice is a kind and its facts; its words are made in the reader's language when it is read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.query import QuerySet

from academy.bilingual import pick
from academy.models import Notice, User


@dataclass(frozen=True)
class NoticeKind:
    """Title and text are lazy strings with ``%(name)s`` places filled from the notice's facts."""

    code: str
    title: Any
    text: Any
    icon: str = "bell"


KINDS: dict[str, NoticeKind] = {}


def register_notice(code: str, *, title: Any, text: Any, icon: str = "bell") -> str:
    KINDS[code] = NoticeKind(code, title, text, icon)
    return code


def notify(
    *, person: User, kind: str, event: str, now: datetime, facts: dict[str, Any] | None = None, path: str = ""
) -> None:
    """Tells a person once about an event. A bilingual dict among the facts is picked in the reader's language."""
    if kind not in KINDS:
        raise KeyError(f"notice kind {kind!r} is not registered")
    Notice.objects.bulk_create(
        [Notice(person=person, kind=kind, event=event, facts=facts or {}, path=path, created_at=now)],
        ignore_conflicts=True,
    )


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
        kind = KINDS.get(notice.kind)
        if kind is None:
            continue
        facts = {
            key: pick(value, language) if isinstance(value, dict) else value for key, value in notice.facts.items()
        }
        result.append(
            ReadNotice(
                pk=notice.pk,
                title=str(kind.title) % facts,
                text=str(kind.text) % facts,
                icon=kind.icon,
                path=notice.path,
                created_at=notice.created_at,
                unread=notice.read_at is None,
            )
        )
    return result


def unread(person: User) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, read_at=None)


def mark_read(*, person: User, now: datetime) -> int:
    """Marks everything in the person's inbox as read. Returns how many."""
    return unread(person).update(read_at=now)
