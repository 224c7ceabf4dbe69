"""Addresses as ``reverse`` gives them, worked out once a process for each name: Django looks through its patterns each time."""

from functools import cache
from uuid import UUID

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

# No row of a bank has one of these.
FIRST = 0xACADE << 100


def address_of(name: str, *uuids: UUID, current_app: str | None = None) -> str:
    """The address of a name that takes nothing, or UUIDs. Raises ``NoReverseMatch``."""
    patterns = get_urlconf() or settings.ROOT_URLCONF
    address = _with_marks(name, len(uuids), current_app, get_script_prefix(), patterns, get_language())
    for number, uuid in enumerate(uuids):
        address = address.replace(str(UUID(int=FIRST + number)), str(uuid))
    return address


@cache
def _with_marks(
    name: str, count: int, current_app: str | None, _prefix: str, _patterns: str, _language: str | None
) -> str:
    return reverse(name, args=[UUID(int=FIRST + number) for number in range(count)], current_app=current_app)
