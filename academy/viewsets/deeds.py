"""A page on which a post does one of several deeds, and leads back; what is refused is said there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.requests.signed_in import SignedInRequest

# What was pasted stands in the page again, up to this.
LONGEST_PASTE = 200_000


@dataclass(frozen=True)
class TriedDeed:
    """``name`` is the deed's, '' where nothing was posted; ``answer`` leads back where it was done, else ``errors`` says
    what is wrong with what was ``pasted``."""

    name: str = ""
    answer: HttpResponse | None = None
    errors: list[Any] = field(default_factory=list)
    pasted: str = ""


def try_deed[Thing](
    request: SignedInRequest,
    thing: Thing,
    *,
    deeds: Mapping[str, Callable[[SignedInRequest, Thing], list[Any] | None]],
    allowed: bool,
    back: str,
) -> TriedDeed:
    """Does what was posted, if anything. Raises ``Http404`` for no deed, and for whoever may do none."""
    name = request.POST.get("do", "")
    if request.method != "POST":
        return TriedDeed(name)
    deed = deeds.get(name)
    if deed is None or not allowed:
        raise Http404
    errors: list[Any] = []
    try:
        errors = deed(request, thing) or []
    except RuleViolation as refused:
        messages.error(request, str(refused.message))
    if not errors:
        return TriedDeed(name, redirect(f"{back}?p={request.GET.get('p', '')}"))
    return TriedDeed(name, errors=errors, pasted=request.POST.get("numbers", "")[:LONGEST_PASTE])
