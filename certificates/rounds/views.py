"""Rounds as a learner and a line manager see them: own rounds, the page of one, and the letter with the result."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import team_of
from certificates.models import CertificationRound, RoundApplication, RoundObjection
from certificates.rounds.applying import WORDS_LIMIT, apply_in_round, withdraw
from certificates.rounds.objecting import WORDS_LIMIT as OBJECTION_LIMIT
from certificates.rounds.objecting import object_to
from certificates.rounds.sheets import masked_number
from certificates.rounds.showing import page_of, rounds_of, rounds_of_team


@login_required
@never_cache
@require_safe
def own_rounds(request: SignedInRequest) -> HttpResponse:
    """The rounds in which one stands or stood, those to which one may apply, and those in which one applies for the team."""
    today = local_day(timezone.now())
    own = rounds_of(request.user, today)
    known = {found.round.pk for found in own}
    led = [found for found in rounds_of_team(request.user, today) if found.round.pk not in known]
    return render(request, "certificates/rounds/mine.html", {"rounds": [*own, *led]})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_round(request: SignedInRequest, pk: int) -> HttpResponse:
    """One round; a post does one of ``_DEEDS`` and leads back."""
    known = CertificationRound.objects.select_related("track__level", "branch", "rule_version")
    certification_round, now = get_object_or_404(known, pk=pk), timezone.now()
    page = page_of(certification_round, request.user, now)
    if page is None:
        raise Http404
    if request.method == "POST":
        deed = _DEEDS.get(request.POST.get("do", ""))
        if deed is None:
            raise Http404
        messages.success(request, deed(request, certification_round, now))
        if request.POST.get("from") == "person":
            return redirect("certificates:team_person", pk=_person(request, now).pk)
        return redirect("certificates:round", pk=pk)
    return render(
        request,
        "certificates/rounds/round.html",
        {
            "page": page,
            "round": certification_round,
            "publicity": [(row, masked_number(row.person.staff_number)) for row in page.publicity],
            "words_limit": WORDS_LIMIT,
            "objection_limit": OBJECTION_LIMIT,
        },
    )


@login_required
@never_cache
@require_safe
def own_letter(request: SignedInRequest, pk: int) -> HttpResponse:
    """The own result as a letter, made to be printed."""
    rows = RoundApplication.objects.filter(round=pk, person=request.user).exclude(result="")
    row = get_object_or_404(rows.select_related("round__track__level", "person", "branch", "certification"))
    context = {"round": row.round, "rows": [row], "today": local_day(timezone.now())}
    return render(request, "certificates/rounds/letters.html", context)


def _apply(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> str:
    person = _person(request, now)
    apply_in_round(
        certification_round=certification_round,
        person=person,
        actor=request.user,
        words=request.POST.get("words", ""),
        now=now,
    )
    return _("%(name)s is entered in the round.") % {"name": person.display_name}


def _withdraw(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> str:
    person = _person(request, now)
    row = get_object_or_404(RoundApplication, round=certification_round, person=person)
    withdraw(application=row, actor=request.user, now=now)
    return _("The application is taken back.")


def _person(request: SignedInRequest, now: datetime) -> User:
    """Oneself, or one of the own people; anybody else is a 404."""
    asked = request.POST.get("person", "")
    if not asked:
        return request.user
    return get_object_or_404(team_of(request.user, local_day(now)), pk=whole_number(asked))


def _object(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> str:
    """To the own eligibility or result, or against somebody of the publicity."""
    about = request.POST.get("about", "")
    if about not in RoundObjection.About.values:
        raise Http404
    rows = RoundApplication.objects.filter(round=certification_round).select_related(
        "round__track__level", "round__branch", "person"
    )
    if about == RoundObjection.About.LISTED:
        row = get_object_or_404(rows, pk=whole_number(request.POST.get("application", "")))
    else:
        row = get_object_or_404(rows, person=request.user)
    object_to(application=row, about=about, words=request.POST.get("words", ""), actor=request.user, now=now)
    return _("Your objection is noted. The answer follows in writing.")


_DEEDS: dict[str, Callable[[SignedInRequest, CertificationRound, datetime], str]] = {
    "apply": _apply,
    "withdraw": _withdraw,
    "object": _object,
}
