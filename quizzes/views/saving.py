"""What the script of the attempt posts and asks: answers with their receipts, and the pulse."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from academy.requests.form_token import form_token
from academy.requests.signed_in import is_signed_in
from quizzes.attempts.reading import read_response
from quizzes.attempts.saving import Receipt, Typed, save_answers, set_flags, stamp_of
from quizzes.attempts.steps import take_step
from quizzes.grading.frozen import frozen_questions
from quizzes.hall.messages import messages_to
from quizzes.models import Attempt
from quizzes.types import ParsedQuestion, ResponseRefused, question_type
from quizzes.views.own import OWN_ALONE, get_own_attempt_or_404, is_outside
from quizzes.views.screens import doubts_about, may_answer

MAXIMUM_BODY = 512 * 1024
MAXIMUM_SEQUENCE = 2**53
TAB = re.compile(r"[0-9A-Za-z-]{1,36}")


@require_POST
def save(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Saves one or several answers at once; each gets its receipt. Bad ones are named, the others are saved."""
    if not is_signed_in(request):
        return _signed_out()
    mine = get_own_attempt_or_404(request, uuid, query=OWN_ALONE)
    if is_outside(request, mine):
        # The browser keeps it in its queue and sends it from inside; the status tells it from a refused answer.
        return JsonResponse({"error": _("This quiz can be sat in the bank's exam network only.")}, status=423)
    if len(request.body) > MAXIMUM_BODY:
        return JsonResponse({"error": _("This is too long.")}, status=413)
    try:
        tab, entries, flags = _read(request.body, len(mine.paper))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return JsonResponse({"error": _("This cannot be read.")}, status=400)
    now = timezone.now()
    doubts: dict[int, str] = {}
    lines = _clean(mine, tab, entries, doubts)
    typed = [line for line in lines if isinstance(line, Typed)]
    receipts = dict(zip(typed, save_answers(attempt=mine, typed=typed, now=now), strict=True))
    set_flags(attempt=mine, flags=flags, now=now)
    # Answers that came together were saved at one moment: it is put into words once.
    moments = {receipt.saved_at for receipt in receipts.values()}
    told = {moment: timezone.localtime(moment).strftime("%H:%M:%S") for moment in moments}
    return JsonResponse(
        {
            "receipts": [
                _receipt(receipts[line], line, doubts.get(line.slot, ""), told) if isinstance(line, Typed) else line
                for line in lines
            ],
            "flags": [{"slot": slot, "flagged": flagged} for slot, flagged in flags.items()],
            **_pulse(request, mine),
        }
    )


@require_safe
@never_cache
def pulse(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The light beat of an open page: time left, state, and which saving of each slot is stored."""
    if not is_signed_in(request):
        return _signed_out()
    mine = get_own_attempt_or_404(request, uuid, query=OWN_ALONE)
    given = {answer.slot: answer for answer in mine.answers.all() if answer.response is not None}
    return JsonResponse(
        {
            "stamps": {slot: stamp_of(answer) for slot, answer in given.items()},
            "doubtful": sorted(doubts_about(mine, given)),
            "csrf": form_token(request),
            "outside": is_outside(request, mine),
            **_pulse(request, mine),
        }
    )


def _signed_out() -> HttpResponse:
    """For a script an answer that it can tell from a page."""
    return JsonResponse({"error": _("You are signed out."), "signin": reverse("account_login")}, status=401)


def _pulse(request: HttpRequest, mine: Attempt) -> dict[str, Any]:
    """What the page shows of the attempt's standing, and what is said to its seat in the room. Seconds, not moments: the
    person's clock may be wrong."""
    left = None if mine.deadline is None else (mine.deadline - timezone.now()).total_seconds()
    return {
        "state": mine.state,
        "left": left,
        "until": date_format(timezone.localtime(mine.deadline), "H:i") if mine.deadline else "",
        "messages": messages_to(mine) if request.GET.get("hall") else [],
    }


def _read(body: bytes, slots: int) -> tuple[str, list[Any], dict[int, bool]]:
    """The posted parts. Raises what JSON and plain look-ups raise where the shape is wrong."""
    data = json.loads(body)
    tab, entries, flags = data.get("tab"), data.get("answers", []), data.get("flags", [])
    if not isinstance(tab, str) or not TAB.fullmatch(tab):
        raise ValueError("tab")
    if not isinstance(entries, list) or not isinstance(flags, list) or len(entries) + len(flags) > slots * 4:
        raise ValueError("entries")
    flagged = {flag["slot"]: flag["flagged"] for flag in flags}
    if not all(_whole(slot, 1, slots) and isinstance(value, bool) for slot, value in flagged.items()):
        raise ValueError("flags")
    return tab, entries, flagged


def _clean(mine: Attempt, tab: str, entries: list[Any], doubts: dict[int, str]) -> list[Typed | dict[str, Any]]:
    """Each entry as a clean answer, or the line that says why it is refused. ``doubts`` receives what is said beside an
    answer that is kept, by its slot."""
    places = {place["slot"]: place for place in mine.paper}
    named = {entry.get("slot") for entry in entries if isinstance(entry, dict) and isinstance(entry.get("slot"), int)}
    asked = (places[slot]["version"] for slot in named if slot in places)
    questions = frozen_questions(asked, mine.house_rules)
    lines: list[Typed | dict[str, Any]] = []
    for entry in entries:
        entry = entry if isinstance(entry, dict) else {}
        slot, sequence, raw = entry.get("slot"), entry.get("sequence"), entry.get("raw")
        if not _whole(slot, 1, MAXIMUM_SEQUENCE) or slot not in places:
            lines.append({"status": "refused", "message": _("This question is not on your paper.")})
            continue
        counted = sequence if _whole(sequence, 0, MAXIMUM_SEQUENCE) else None
        echo = {"slot": slot, "sequence": counted}
        owner = entry.get("tab", tab)
        named_tab = isinstance(owner, str) and TAB.fullmatch(owner)
        if counted is None or not isinstance(raw, dict) or not named_tab:
            lines.append({"status": "refused", **echo, "message": _("This cannot be read.")})
            continue
        place = places[slot]
        question = questions[place["version"]]
        kind = question_type(question.type)
        try:
            if not may_answer(mine, place):
                raise ResponseRefused(_("This page was left and does not come back."))
            if kind.by_steps:
                lines.append(_take_step(mine, place, question, raw) | echo | {"tab": owner})
                continue
            response = read_response(place=place, question=question, raw=raw)
        except ResponseRefused as refused:
            lines.append({"status": "refused", **echo, "message": str(refused.message)})
            continue
        doubts[slot] = kind.doubt(question, response)
        base = entry.get("base")
        lines.append(
            Typed(slot, response, owner, counted, entry.get("waited") is True, base if isinstance(base, str) else "")
        )
    return lines


def _take_step(mine: Attempt, place: dict[str, Any], question: ParsedQuestion, raw: dict[str, Any]) -> dict[str, Any]:
    """A step is ordered by the number of steps, whichever page sent it; the receipt names the page's own counter."""
    kind, now = question_type(question.type), timezone.now()
    receipt = take_step(attempt=mine, place=place, kind=kind, question=question, raw=raw, now=now)
    stored = mine.answers.filter(slot=place["slot"]).first()
    return {
        "status": receipt.status if receipt else "saved",
        "at": timezone.localtime(receipt.saved_at if receipt else now).strftime("%H:%M:%S"),
        "answered": stored is not None and stored.response is not None and kind.is_over(question, stored.response),
        "stamp": stamp_of(stored),
    }


def _receipt(receipt: Receipt, typed: Typed, doubt: str, told: Mapping[datetime, str]) -> dict[str, Any]:
    return {
        "status": receipt.status,
        "slot": receipt.slot,
        "sequence": receipt.sequence,
        "tab": typed.tab,
        "at": told[receipt.saved_at],
        "answered": typed.response is not None and not doubt,
        "doubt": doubt,
        "stamp": f"{typed.tab}:{typed.sequence}",
    }


def _whole(value: Any, low: int, high: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
