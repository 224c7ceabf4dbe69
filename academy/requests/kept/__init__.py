"""What is read once a request: kept on the request, or on its person, and gone with it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from academy.models import User

ATTRIBUTE = "_kept"


def kept[Value](holder: HttpRequest | User, name: str, read: Callable[[], Value], *, of: object = None) -> Value:
    """What ``read`` gives, asked for the first time only; anew where it is kept ``of`` another day."""
    # A request's person is a proxy: only attributes reach the row behind it.
    values: dict[str, tuple[object, Any]] | None = getattr(holder, ATTRIBUTE, None)
    if values is None:
        values = {}
        setattr(holder, ATTRIBUTE, values)
    if name not in values or values[name][0] != of:
        values[name] = (of, read())
    return values[name][1]
