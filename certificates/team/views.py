"""The team page: a list that is worked through, and what is done about one, several or all."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from academy.calendar.clock import local_day
from academy.duties.duty import DutyState
from academy.models import Role, User
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from certificates.models import CertificationTrack
from certificates.team import acts
from certificates.team.members import Team, team_on

FILTERS = ("late", "soon", "fine")
STATES = {
    "late": (DutyState.OVERDUE,),
    "soon": (DutyState.SOON,),
    "fine": (DutyState.OPEN, DutyState.DONE, DutyState.PAUSED),
}


@login_required
@never_cache
@require_safe
def team(request: SignedInRequest) -> HttpResponse:
    """Who of the own people lacks what, by when; a deputy sees the same while standing in."""
    now = timezone.now()
    found = _team_or_404(request)
    wanted = request.GET.get("show", "")
    members = [one for one in found.members if wanted not in FILTERS or one.state in STATES[wanted]]
    return render(
        request,
        "certificates/team/team.html",
        {
            "team": found,
            "members": members,
            "shown": wanted if wanted in FILTERS else "",
            "today": local_day(now),
            "counts": [(name, found.count(*STATES[name])) for name in FILTERS],
            "words": acts.default_words(),
            "words_limit": acts.WORDS_LIMIT,
            "states": DutyState,
        },
    )


@login_required
@require_POST
def act(request: SignedInRequest) -> HttpResponse:
    """``act`` is ``nudge:picked``, ``nudge:late``, or ``recommend``, ``take_back`` or ``observe`` with person and track."""
    now, form, manager = timezone.now(), request.POST, request.user
    kind, _colon, rest = form.get("act", "").partition(":")
    words = form.get("words", "")
    if kind == "nudge":
        people = _picked(request, rest)
        _tell_nudged(request, acts.nudge(manager=manager, people=people, words=words, now=now), len(people))
        return redirect("certificates:team")
    number, _colon, code = rest.partition(":")
    person = _members(request, [number])[0]
    track = get_object_or_404(CertificationTrack, code=code, active=True)
    if kind == "recommend":
        acts.recommend(manager=manager, person=person, track=track, words=words, now=now)
        done = _("%(name)s is recommended for %(level)s.")
    elif kind == "take_back":
        acts.take_back(manager=manager, person=person, track=track, reason=words, now=now)
        done = _("The recommendation of %(name)s for %(level)s is taken back.")
    elif kind == "observe":
        acts.ask_for_observation(manager=manager, person=person, track=track, words=words, now=now)
        done = _("The assessors were asked to observe %(name)s for %(level)s.")
    else:
        raise Http404
    messages.success(request, done % {"name": person.display_name, "level": track.level})
    return redirect(request.path.removesuffix("act/") + f"#person-{person.pk}")


def _team_or_404(request: SignedInRequest) -> Team:
    found = team_on(manager=request.user, now=timezone.now())
    if not found.members and not has_role(request.user, local_day(timezone.now()), Role.LINE_MANAGER):
        raise Http404
    return found


def _picked(request: SignedInRequest, whom: str) -> list[User]:
    if whom == "late":
        return [member.person for member in _team_or_404(request).members if member.late]
    if whom != "picked":
        raise Http404
    return _members(request, request.POST.getlist("person"))


def _members(request: SignedInRequest, numbers: list[str]) -> list[User]:
    """People by their keys, each of the own team; anything else is a 404."""
    if any(whole_number(one) is None for one in numbers):
        raise Http404
    try:
        return acts.in_team(manager=request.user, picked=[int(one) for one in numbers], now=timezone.now())
    except LookupError:
        raise Http404 from None


def _tell_nudged(request: SignedInRequest, told: int, chosen: int) -> None:
    if told:
        text = ngettext("%(count)s person was reminded.", "%(count)s people were reminded.", told)
        messages.success(request, text % {"count": told})
    if told < chosen:
        left = chosen - told
        text = ngettext(
            "%(count)s person was left out: on leave, or reminded by you today already.",
            "%(count)s people were left out: on leave, or reminded by you today already.",
            left,
        )
        messages.info(request, text % {"count": left})
