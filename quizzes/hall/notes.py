"""Facts noticed while a paper is written: left the page, pasted, open in a second place, address changed.

They judge nothing. The page posts what it sees (``quizzes:notes``), and the same post is its sign of life, from which
the server sees the rest: the sign-in and tab, and the network address.

The page's contract: the attempt element of an exam carries ``data-notes`` with the address. The script posts JSON
``{"tab": "<a key of this page load>", "notes": [{"kind": "left", "seconds": 12}, {"kind": "paste", "characters": 80}]}`` with
the CSRF header, once when it loads (with no notes) and then as they happen; ``left`` when the person comes back. The
answer is ``{"kept": n}``. What was pasted is never sent. Going from page to page is no second place: that is another
sign-in beside a living one, or a page that speaks again after another one has taken its place.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from quizzes.models import Attempt, IntegrityNote, Presence

Kind = IntegrityNote.Kind

FROM_THE_PAGE = (Kind.LEFT, Kind.PASTE)
AT_ONCE = 20
# Enough to see what happened; a script gone wild fills no table.
MAXIMUM = 500
# Two places count as open side by side when both were seen within this.
SIDE_BY_SIDE = timedelta(minutes=5)


class NotesRefused(ValueError):
    """What was posted is no list of notes."""


@dataclass(frozen=True)
class Noted:
    """One fact from the page: its kind and a number that goes with it."""

    kind: str
    detail: str = ""


def read_notes(data: Any) -> list[Noted]:
    """What the page posted, of the kinds a page may tell. Pure; raises ``NotesRefused``."""
    entries = data.get("notes") if isinstance(data, Mapping) else None
    if not isinstance(entries, list) or len(entries) > AT_ONCE:
        raise NotesRefused
    notes = []
    for entry in entries:
        if not isinstance(entry, Mapping) or entry.get("kind") not in FROM_THE_PAGE:
            raise NotesRefused
        number = entry.get("seconds" if entry["kind"] == Kind.LEFT else "characters")
        known = isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= 10**6
        notes.append(Noted(entry["kind"], str(number) if known else ""))
    return notes


def digest_of(*parts: str) -> str:
    """A digest that names nobody. Pure."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def noticed_by_server(*, presence: Presence | None, place: str, page: str, address: str, now: datetime) -> list[Noted]:
    """What the sign of life shows beside the last one. Pure."""
    if presence is None:
        return []
    notes = []
    alive = now - presence.seen_at < SIDE_BY_SIDE
    speaks_again = page not in (presence.page, "") and page == presence.page_before
    if alive and (presence.place != place or speaks_again):
        notes.append(Noted(Kind.SECOND))
    if presence.address and address and presence.address != address:
        notes.append(Noted(Kind.ADDRESS, f"{presence.address} → {address}"[:200]))
    return notes


@transaction.atomic
def keep_notes(*, attempt: Attempt, notes: Sequence[Noted], place: str, page: str, address: str, now: datetime) -> int:
    """Keeps the page's notes and the server's own. Returns how many. A closed paper gets none."""
    if attempt.state != Attempt.State.IN_PROGRESS:
        return 0
    presence = Presence.objects.filter(attempt=attempt).first()
    found = [*notes, *noticed_by_server(presence=presence, place=place, page=page, address=address, now=now)]
    if found:
        room = MAXIMUM - IntegrityNote.objects.filter(attempt=attempt).count()
        found = found[: max(0, room)]
        IntegrityNote.objects.bulk_create(
            [IntegrityNote(attempt=attempt, kind=note.kind, detail=note.detail, at=now) for note in found]
        )
    before = "" if presence is None else presence.page if presence.page != page else presence.page_before
    Presence.objects.bulk_create(
        [Presence(attempt=attempt, place=place, page=page, page_before=before, address=address[:64], seen_at=now)],
        update_conflicts=True,
        unique_fields=["attempt"],
        update_fields=["place", "page", "page_before", "address", "seen_at"],
    )
    return len(found)
