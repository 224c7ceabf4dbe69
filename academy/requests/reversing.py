"""Addresses as ``reverse`` gives them, worked out once a process for each name: Django looks through its patterns each time."""

from collections.abc import Callable
from functools import cache
from uuid import UUID

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

# No row of a bank has one of these.
FIRST = 0xACADE << 100
NUMBER = 9_007_199_254_000_000


def address_of(name: str, *uuids: UUID, current_app: str | None = None) -> str:
    """The address of a name that takes nothing, or UUIDs. Raises ``NoReverseMatch``."""
    patterns = get_urlconf() or settings.ROOT_URLCONF
    address = _with_marks(name, len(uuids), current_app, get_script_prefix(), patterns, get_language())
    for number, uuid in enumerate(uuids):
        address = address.replace(str(UUID(int=FIRST + number)), str(uuid))
    return address


def addresses_of_numbers(name: str, uuid: UUID) -> Callable[[int], str]:
    """The address of a name that takes a UUID and a number, for each number: a paper has many places."""
    patterns = get_urlconf() or settings.ROOT_URLCONF
    marked = _with_number(name, get_script_prefix(), patterns, get_language())
    before, _mark, after = marked.replace(str(UUID(int=FIRST)), str(uuid)).partition(str(NUMBER))
    return lambda number: f"{before}{number}{after}"


@cache
def _with_number(name: str, _prefix: str, _patterns: str, _language: str | None) -> str:
    return reverse(name, args=[UUID(int=FIRST), NUMBER])


@cache
def _with_marks(
    name: str, count: int, current_app: str | None, _prefix: str, _patterns: str, _language: str | None
) -> str:
    return reverse(name, args=[UUID(int=FIRST + number) for number in range(count)], current_app=current_app)
