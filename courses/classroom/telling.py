"""Who comes to a classroom session, and how they are told of it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from academy.models import User
from academy.notices.inbox import Telling, notify_many
from courses.models import Attendee, ClassSession


def coming_to(session: ClassSession) -> list[User]:
    return [attendee.person for attendee in session.attendees.coming().select_related("person")]


def tell(
    *,
    session: ClassSession,
    people: list[User],
    kind: str,
    event: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """One notice for each; its words are made in the reader's language."""
    said = {"title": titles_of(session), "when": when_of(session), "place": session.place, **(facts or {})}
    path = session.get_absolute_url()
    tellings = [Telling(person=person.pk, event=f"class:{event}", facts=said, path=path) for person in people]
    notify_many(kind=kind, tellings=tellings, now=now)


def titles_of(session: ClassSession) -> dict[str, str]:
    return {"zh-hans": session.title, **({"en": session.title_en} if session.title_en else {})}


def when_of(session: ClassSession) -> dict[str, str]:
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = date_format(timezone.localtime(session.starts_at), "SHORT_DATETIME_FORMAT")
    return found


def seats_taken(session: ClassSession) -> int:
    return session.attendees.filter(standing=Attendee.Standing.SEATED).count()
