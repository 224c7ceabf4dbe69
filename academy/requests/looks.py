"""The access log: who looked at what of others, when, and from which address. Every look is noted here."""

from datetime import datetime

from django.http import HttpRequest

from academy.models import AccessLog
from academy.requests.client_address import client_address


def note_look(request: HttpRequest, *, kind: str, about: str, outcome: str, now: datetime) -> None:
    """Notes one look of whoever asks; of a visitor the address alone."""
    person = request.user if request.user.is_authenticated else None
    AccessLog.objects.create(
        kind=kind,
        person=person,
        about=about[:120],
        outcome=outcome[:40],
        at=now,
        address=client_address(request)[:64],
    )
