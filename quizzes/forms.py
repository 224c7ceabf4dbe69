"""What a browser posts from a paper: read and checked before any rule sees it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from quizzes.attempts import Entry
from quizzes.models import Attempt, QuestionVersion
from quizzes.papers import place_of
from quizzes.types import Response, ResponseRefused, question_type

MAXIMUM_BODY = 512 * 1024
MAXIMUM_FIELDS = 200
MAXIMUM_WAIT = timedelta(days=30)
# The tab of a plain post, which has no counter of its own.
PLAIN_TAB = "form"


class Unreadable(Exception):
    """A body that no page of ours sends; ``status`` is the HTTP status to answer with."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class PostedAnswer:
    """One answer of a queue. ``waited``: how long it lay on the device before it was sent."""

    slot: int
    sequence: int
    tab: str
    raw: Mapping[str, Any]
    waited: timedelta


@dataclass(frozen=True)
class RefusedAnswer:
    """An answer that its question does not offer, and why."""

    slot: int
    sequence: int
    message: str


def read_queue(request: HttpRequest) -> list[PostedAnswer]:
    """The answers of a JSON body, or of the form field ``payload`` that a closing page sends. Raises ``Unreadable``."""
    if request.content_type == "application/json":
        body: bytes | str = request.body
    else:
        body = request.POST.get("payload", "")
    if len(body) > MAXIMUM_BODY:
        raise Unreadable(413)
    try:
        data = json.loads(body)
        entries = data["answers"]
        if not isinstance(entries, list) or not 0 < len(entries) <= MAXIMUM_FIELDS * 4:
            raise Unreadable
        return [_posted_answer(entry, str(data.get("tab") or "")) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise Unreadable from None


def _posted_answer(entry: Mapping[str, Any], tab: str) -> PostedAnswer:
    slot, sequence, raw, waited = entry["slot"], entry["sequence"], entry["raw"], entry.get("waited", 0)
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in (slot, sequence)):
        raise Unreadable
    if not 0 <= sequence < 2**62 or not isinstance(waited, int | float) or not _is_plain(raw):
        raise Unreadable
    return PostedAnswer(
        slot=slot,
        sequence=sequence,
        tab=(str(entry.get("tab") or "") or tab or "script")[:36],
        raw=raw,
        waited=min(timedelta(milliseconds=max(0, waited)), MAXIMUM_WAIT),
    )


def _is_plain(raw: Any) -> bool:
    """Texts and lists of texts by name, as form fields are."""
    return (
        isinstance(raw, dict)
        and len(raw) <= MAXIMUM_FIELDS
        and all(
            isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
            for value in raw.values()
        )
    )


def clean_queue(
    *, attempt: Attempt, versions: Mapping[int, QuestionVersion], posted: list[PostedAnswer], now: datetime
) -> tuple[list[Entry], list[RefusedAnswer]]:
    """What may be saved, and what no question of the paper offers. Slots are on the paper already."""
    entries, refused = [], []
    for one in posted:
        place = place_of(attempt, one.slot)
        version = versions[place["version"]]
        kind = question_type(version.type)
        try:
            response = kind.clean_response(kind.parse(version.body), one.raw, place["order"])
        except ResponseRefused as refusal:
            refused.append(RefusedAnswer(one.slot, one.sequence, str(refusal.message)))
        else:
            entries.append(Entry(one.slot, response, one.tab, one.sequence, now - one.waited))
    return entries, refused


def read_plain_post(*, attempt: Attempt, version: QuestionVersion, slot: int, data: Any, now: datetime) -> Entry | None:
    """The answer of a page without a script; None when it is the one the page was shown with.

    An untouched page that is merely left must not write over what another tab saved meanwhile. Raises
    ``ResponseRefused``.
    """
    kind = question_type(version.type)
    question = kind.parse(version.body)
    order = place_of(attempt, slot)["order"]
    response = kind.clean_response(question, kind.raw_from_post(question, data), order)
    if data.get("shown") == response_digest(response):
        return None
    # Without a script there is no counter: the moment of arrival orders the answers.
    return Entry(slot, response, PLAIN_TAB, int(now.timestamp() * 1_000_000))


def response_digest(response: Response) -> str:
    """A short mark by which a page knows again the answer it was shown with."""
    text = json.dumps(response, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def slot_or_404(attempt: Attempt, value: str | int | None) -> int:
    """A slot of the paper, the first where none is named; anything else than a number on it is a 404."""
    if value is None or value == "":
        return 1
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Http404(_("This question is not on your paper."))
    try:
        place_of(attempt, int(text))
    except LookupError:
        raise Http404(_("This question is not on your paper.")) from None
    return int(text)
