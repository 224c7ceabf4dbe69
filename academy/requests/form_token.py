"""The token of a page's forms, masked for each page as Django masks it: chance is asked for once, not once a character.

The mask tells one showing of a form from the next: what is sent twice from one is one wish.
"""

import hashlib
import secrets

from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS, get_token

COUNT = len(CSRF_ALLOWED_CHARS)
NUMBERS = {character: number for number, character in enumerate(CSRF_ALLOWED_CHARS)}
# Of the values of a byte those below are as many for each character.
FAIR = 256 // COUNT * COUNT


def form_token(request: HttpRequest) -> str:
    """What ``get_token`` gives, and likewise the answer renews the cookie."""
    secret = request.META.get("CSRF_COOKIE")
    if secret is None:
        return get_token(request)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    mask = _mask(len(secret))
    masked = [(NUMBERS[character] + number) % COUNT for character, number in zip(secret, mask, strict=True)]
    return "".join([CSRF_ALLOWED_CHARS[number] for number in mask + masked])


def key_of_form(request: HttpRequest) -> str | None:
    """The same for the same fields out of the same showing of a form, however often its button is pressed; for
    ``academy.jobs.carrying.ask``. None where nothing tells showings apart."""
    if not request.POST.get("csrfmiddlewaretoken"):
        return None
    sent = [request.path, str(request.user.pk), *(f"{name}={values}" for name, values in sorted(request.POST.lists()))]
    return hashlib.sha256("\n".join(sent).encode()).hexdigest()


def _mask(length: int) -> list[int]:
    numbers: list[int] = []
    while len(numbers) < length:
        numbers += [byte % COUNT for byte in secrets.token_bytes(2 * length) if byte < FAIR]
    return numbers[:length]
