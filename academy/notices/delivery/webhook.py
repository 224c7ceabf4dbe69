"""One notice as a signed call to the bank's own messenger or SMS gateway. ``docs/webhook.md`` is its contract.

Only the address of the settings is called: no redirect is followed and no proxy of the environment asked.
"""

import http.client
import json
import ssl
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from academy.models import NoticeDelivery
from academy.notices.delivery.message import Answer, DeliveryFailed, Message
from academy.notices.delivery.signing import signature_of
from academy.notices.inbox import NOTICE_KINDS

READ_AT_MOST = 16 * 1024
LONGEST_WAIT = 24 * 3600


def payload_of(delivery: NoticeDelivery, message: Message) -> dict[str, Any]:
    """What the gateway needs and nothing more: the staff number to find the phone by, and the words."""
    return {
        "id": message.key,
        "kind": message.kind,
        "staff_number": delivery.notice.person.staff_number,
        "language": message.language,
        "title": message.title,
        "text": message.text,
        "url": message.url,
        "urgent": NOTICE_KINDS[message.kind].urgent,
        "created_at": delivery.notice.created_at.astimezone(UTC).isoformat(timespec="seconds"),
    }


class WebhookChannel:
    """The gateway, its connection kept open for one run of the queue."""

    def __init__(self) -> None:
        parts = urlsplit(settings.WEBHOOK_URL)
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.used = False
        if parts.scheme == "https":
            self.connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=settings.WEBHOOK_TIMEOUT, context=ssl.create_default_context()
            )
        else:
            self.connection = http.client.HTTPConnection(
                parts.hostname or "", parts.port, timeout=settings.WEBHOOK_TIMEOUT
            )

    def send(self, delivery: NoticeDelivery, message: Message) -> Answer:
        """Raises ``DeliveryFailed`` for every answer but 2xx."""
        body = json.dumps(payload_of(delivery, message), ensure_ascii=False).encode()
        status, said, wait = self._call(message.key, body)
        if not 200 <= status < 300:
            raise DeliveryFailed(f"HTTP {status} {said}".strip(), code=status, wait=wait)
        return Answer(code=status, number=_number(said))

    def _call(self, key: str, body: bytes) -> tuple[int, str, int]:
        timestamp = str(int(timezone.now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Academy",
            "Idempotency-Key": key,
            "Academy-Timestamp": timestamp,
            "Academy-Signature": signature_of(secret=settings.WEBHOOK_SECRET, timestamp=timestamp, body=body),
        }
        try:
            return self._request(body, headers)
        except (http.client.HTTPException, OSError) as fault:
            self.close()
            # A kept connection may have been ended by the other side meanwhile; a new one tells whether it listens.
            if not self.used or isinstance(fault, TimeoutError):
                raise DeliveryFailed(f"{type(fault).__name__}: {fault}") from fault
        self.used = False
        try:
            return self._request(body, headers)
        except (http.client.HTTPException, OSError) as fault:
            self.close()
            raise DeliveryFailed(f"{type(fault).__name__}: {fault}") from fault

    def _request(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, int]:
        self.connection.request("POST", self.target, body=body, headers=headers)
        response = self.connection.getresponse()
        said = response.read(READ_AT_MOST)
        if not response.isclosed():
            self.close()
        self.used = True
        wait = response.headers.get("Retry-After", "")
        seconds = min(int(wait), LONGEST_WAIT) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 0
        return response.status, said.decode("utf-8", errors="replace").strip(), seconds

    def close(self) -> None:
        self.connection.close()


def _number(said: str) -> str:
    """The gateway's own number of the message, where its answer is ``{"id": …}``."""
    try:
        answer = json.loads(said)
    except ValueError:
        return ""
    number = answer.get("id") if isinstance(answer, dict) else None
    return str(number)[:120] if isinstance(number, str | int) else ""
