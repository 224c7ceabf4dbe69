"""What the gateway reports back: a message arrived on the phone, or could not be brought there. See ``docs/webhook.md``."""

import json
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from academy.models import NoticeDelivery
from academy.notices.delivery.signing import is_signed

State = NoticeDelivery.State
READ_AT_MOST = 16 * 1024
ARRIVED, FAILED = "arrived", "failed"


@csrf_exempt
def report_arrival(request: HttpRequest) -> HttpResponse:
    """Signed by the gateway with the same secret; whoever cannot sign learns nothing, not even that the address exists."""
    now = timezone.now()
    if request.method != "POST" or not settings.WEBHOOK_URL:
        raise Http404
    body = request.read(READ_AT_MOST + 1)
    signed = len(body) <= READ_AT_MOST and is_signed(
        secret=settings.WEBHOOK_SECRET,
        timestamp=request.headers.get("Academy-Timestamp", ""),
        signature=request.headers.get("Academy-Signature", ""),
        body=body,
        now=now,
    )
    if not signed:
        raise Http404
    try:
        report = json.loads(body)
        key, state = UUID(report["id"]), report["state"]
        reason = report.get("reason", "")
        if state not in (ARRIVED, FAILED) or not isinstance(reason, str):
            raise ValueError(state)
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"error": 'Send {"id": …, "state": "arrived" or "failed", "reason": …}.'}, status=400)
    if not note_arrival(key=key, arrived=state == ARRIVED, reason=reason, now=now):
        raise Http404
    return HttpResponse(status=204)


@transaction.atomic
def note_arrival(*, key: UUID, arrived: bool, reason: str, now: datetime) -> bool:
    """Keeps the gateway's word; told twice it is the same, and what has arrived stays so. False for an unknown message."""
    delivery = (
        NoticeDelivery.objects.select_for_update().filter(key=key, channel=NoticeDelivery.Channel.WEBHOOK).first()
    )
    if delivery is None or delivery.state in (State.HELD, State.SUMMED):
        return False
    if delivery.state == State.ARRIVED:
        return True
    delivery.sent_at = delivery.sent_at or now
    delivery.next_try_at = None
    if arrived:
        delivery.state, delivery.arrived_at, delivery.last_error = State.ARRIVED, now, ""
    else:
        delivery.state, delivery.last_error = State.GIVEN_UP, " ".join(reason.split())[:255]
    delivery.save(update_fields=["sent_at", "next_try_at", "state", "arrived_at", "last_error"])
    return True
