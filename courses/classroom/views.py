"""The learner's side of the classroom: sessions, one's own place in one, and signing in with the phone."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academy.requests.signed_in import SignedInRequest
from courses.classroom import sign_in as signing
from courses.classroom.places import (
    engaged_refusal,
    give_up,
    over_refusal,
    paths_of,
    place_in_queue,
    sign_up,
    sign_up_refusal,
)
from courses.classroom.screens import OwnPlace, sessions_shown_to, with_own_place
from courses.models import Attendee, ClassSession

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

PAST_SHOWN = 50


@login_required
@never_cache
@require_safe
def sessions(request: SignedInRequest) -> HttpResponse:
    """One's own sessions that come, those one may sign up for, and those that were."""
    now = timezone.now()
    shown = with_own_place(sessions_shown_to(request.user, now), request.user)
    coming = list(shown.filter(ends_at__gt=now, cancelled_at=None).order_by("starts_at")[:200])
    own = [
        class_session for class_session in coming if _standing(class_session) not in (None, Attendee.Standing.GIVEN_UP)
    ]
    past = shown.filter(ends_at__lte=now, attendees__person=request.user).order_by("-starts_at")[:PAST_SHOWN]
    groups = [
        (_("I am expected"), own),
        (
            _("Open for signing up"),
            [
                class_session
                for class_session in coming
                if class_session not in own and class_session.open_to_all and now < class_session.starts_at
            ],
        ),
        (_("Past"), list(past)),
    ]
    count = sum(len(found) for _heading, found in groups)
    return render(request, "courses/classroom/sessions.html", {"groups": groups, "count": count, "now": now})


def _standing(session: "WithAnnotations[ClassSession, OwnPlace]") -> str | None:
    return session.own_places[0].standing if session.own_places else None


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One session: when, where, with whom; signing up and giving up. Whom it is not for finds nothing."""
    now = timezone.now()
    shown = with_own_place(sessions_shown_to(request.user, now), request.user)
    found: WithAnnotations[ClassSession, OwnPlace] = get_object_or_404(shown, uuid=uuid)
    place = found.own_places[0] if found.own_places else None
    coming = place is not None and place.standing != Attendee.Standing.GIVEN_UP
    may_give_up = (
        place is not None
        and coming
        and place.signed_in_at is None
        and now < found.starts_at
        and over_refusal(found, now) is None
    )
    if request.method == "POST":
        if request.POST.get("do") == "sign_up":
            place = sign_up(session=found, person=request.user, now=now)
            seated = place.standing == Attendee.Standing.SEATED
            messages.success(request, _("You have a seat.") if seated else _("All seats are taken; you wait for one."))
        elif request.POST.get("do") == "give_up" and may_give_up and not request.POST.get("sure"):
            # A seat that goes is not had again by a second press.
            waits = place.standing == Attendee.Standing.WAITING if place else False
            told = {
                "session": found,
                "place": place,
                "free": max(0, found.seats - found.taken),
                "deed": _("Leave the waiting list") if waits else _("I am not coming"),
            }
            return render(request, "courses/classroom/give_up.html", told)
        elif request.POST.get("do") == "give_up" and place is not None:
            waited = place.standing == Attendee.Standing.WAITING
            give_up(attendee=place, actor=request.user, now=now)
            messages.success(request, _("You have left the waiting list.") if waited else _("You are off the list."))
        else:
            raise Http404
        return redirect("classroom:session", uuid=uuid)
    return render(
        request,
        "courses/classroom/session.html",
        {
            "session": found,
            "place": place if coming else None,
            "queue": place_in_queue(place) if place and place.standing == Attendee.Standing.WAITING else 0,
            "result": found.own_results[0] if found.own_results else None,
            "free": max(0, found.seats - found.taken),
            "refusal": sign_up_refusal(found, person_paths=paths_of(request.user, now), now=now)
            or (None if coming else engaged_refusal(found, request.user)),
            "may_give_up": may_give_up,
            "may_sign_in": coming
            and place is not None
            and place.signed_in_at is None
            and signing.window_refusal(found, now) is None,
            "now": now,
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The page behind the code on the screen. Reading it writes nothing; the button signs in.

    Whoever is not on the list sees it with a code that is right just now, or where walk-ins are let in.
    """
    now = timezone.now()
    class_session = get_object_or_404(ClassSession, uuid=uuid)
    place = class_session.attendees.filter(person=request.user).first()
    code = (request.POST.get("code") or request.GET.get("code") or "")[:12]
    right = signing.code_is_right(class_session, code, now)
    if place is None and not right and not class_session.walk_ins:
        raise Http404
    if request.method == "POST":
        signing.sign_in(session=class_session, person=request.user, code=code, now=now)
        return redirect("classroom:sign_in", uuid=uuid)
    return render(
        request,
        "courses/classroom/sign_in.html",
        {
            "session": class_session,
            "place": place,
            "code": code if right else "",
            "refusal": signing.window_refusal(class_session, now),
        },
    )
