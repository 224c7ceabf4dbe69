"""A page on which a post does one of several deeds, and leads back; what is refused is said there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin import messages

from academy.duties.ahead import notices_ahead
from academy.errors.refusals import RuleViolation
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.pages import admin_page

# What was pasted stands in the page again, up to this.
LONGEST_PASTE = 200_000


@dataclass(frozen=True)
class ToldFirst[Thing]:
    """A deed that notifies people: its name on the button, and the step, which gives what else is to be known before."""

    label: Any
    step: Callable[[SignedInRequest, Thing, datetime], list[str]]


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
    told_first: Mapping[str, ToldFirst[Thing]] | None = None,
) -> TriedDeed:
    """Does what was posted, if anything; of those in ``told_first`` the number of notices is said and confirmed before, where
    several people hear of it. Raises ``Http404`` for no deed, and for whoever may do none."""
    name = request.POST.get("do", "")
    if request.method != "POST":
        return TriedDeed(name)
    deed = deeds.get(name)
    if deed is None or not allowed:
        raise Http404
    errors: list[Any] = []
    asks = (told_first or {}).get(name)
    try:
        page = _asked_first(request, thing, asks, back) if asks and request.POST.get("sure") != "1" else None
        if page is not None:
            return TriedDeed(name, page)
        errors = deed(request, thing) or []
    except RuleViolation as refused:
        messages.error(request, str(refused.message))
    if not errors:
        return TriedDeed(name, redirect(f"{back}?p={request.GET.get('p', '')}"))
    return TriedDeed(name, errors=errors, pasted=request.POST.get("numbers", "")[:LONGEST_PASTE])


def _asked_first[Thing](
    request: SignedInRequest, thing: Thing, asks: ToldFirst[Thing], back: str
) -> HttpResponse | None:
    """The page that says how many hear of it and what else is to be known; None where that is one person at most."""
    now, known = timezone.now(), list[str]()

    def taken(keys: list[int]) -> list[int]:
        known.extend(asks.step(request, thing, now))
        return []

    notices = notices_ahead(keys=[0], step=taken, now=now)
    if not known and notices.count < 2:
        return None
    kept = [(name, request.POST[name]) for name in ("do", "reason", "numbers") if request.POST.get(name)]
    context = {"thing": thing, "notices": notices, "known": known, "kept": kept, "label": asks.label, "back": back}
    return admin_page(
        request, "academy/admin/told_first.html", context, title=str(asks.label), icon="mail", above=[(back, thing)]
    )
