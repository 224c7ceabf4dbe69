"""A page that exists in the other language only: its words stay, and all around them is in the reader's language."""

from typing import Any

from django.db.models.query import QuerySet
from django.utils import translation

from academy.requests.signed_in import SignedInRequest


def speak_to_reader(request: SignedInRequest, same: QuerySet[Any]) -> str:
    """In which language the words are, where the reader's own has none of them live, else ''. From then on the request
    speaks the reader's. ``same``: the pages of that identity. No query for who reads the page in the own language."""
    own, shown = request.user.language, translation.get_language() or ""
    if not own or own == shown or same.filter(live=True, locale__language_code=own).exists():
        return ""
    translation.activate(own)
    request.LANGUAGE_CODE = own
    return shown
