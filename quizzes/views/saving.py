"""What the script of the attempt posts: answers, each with its receipt."""

import json
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quizzes.models import Attempt
from quizzes.papers import versions_of
from quizzes.saving import save_answer
from quizzes.types import ResponseRefused, question_type
from quizzes.views.own import get_own_attempt_or_404

MAXIMUM_BODY = 512 * 1024


@login_required
@require_POST
def save_answers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Saves one or several answers at once; each gets its receipt. Bad ones are named, the others are saved."""
    mine = get_own_attempt_or_404(request, uuid)
    if len(request.body) > MAXIMUM_BODY:
        return JsonResponse({"error": _("This is too long.")}, status=413)
    try:
        data = json.loads(request.body)
        entries = data["answers"]
        tab = str(data.get("tab", ""))[:36]
        if not isinstance(entries, list) or len(entries) > len(mine.paper) * 4:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponseBadRequest(_("This cannot be read."))
    versions = versions_of([mine.paper])
    receipts = []
    for entry in entries:
        receipts.append(_save_entry(mine, versions, entry, tab))
    now = timezone.localtime()
    return JsonResponse({"receipts": receipts, "state": mine.state, "time": now.strftime("%H:%M:%S")})


def _save_entry(mine: Attempt, versions: dict, entry: object, tab: str) -> dict:
    try:
        slot, sequence = int(entry["slot"]), int(entry["sequence"])  # type: ignore[index]
        raw = entry["raw"]  # type: ignore[index]
        place = next(place for place in mine.paper if place["slot"] == slot)
        if not isinstance(raw, dict) or not 0 <= sequence < 2**62:
            raise ValueError
    except (ValueError, KeyError, TypeError, StopIteration):
        return {"status": "refused", "message": _("This question is not on your paper.")}
    version = versions[place["version"]]
    kind = question_type(version.type)
    try:
        response = kind.clean_response(kind.parse(version.body), raw, place["order"])
    except ResponseRefused as refused:
        return {"status": "refused", "slot": slot, "sequence": sequence, "message": str(refused.message)}
    receipt = save_answer(attempt=mine, slot=slot, response=response, tab=tab, sequence=sequence, now=timezone.now())
    return {
        "status": receipt.status,
        "slot": slot,
        "sequence": sequence,
        "at": timezone.localtime(receipt.saved_at).strftime("%H:%M:%S"),
        "answered": response is not None,
    }
