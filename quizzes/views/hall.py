"""Exam day's pages outside the admin: the invigilator's sessions and console, the candidate's slip."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academy.calendar.clock import local_day
from academy.models import Role
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from quizzes.entry import closed_words, last_entry, next_session_words, waits_before
from quizzes.hall import console as rules
from quizzes.hall.seating import ARRANGERS
from quizzes.models import Candidate, ExamSession, HallAct

MAXIMUM_PICKED = 5000


def get_session_or_404(request: SignedInRequest, uuid: UUID) -> ExamSession:
    """Fetches and checks in one step: a session that is not the person's to look after is not there."""
    sessions = rules.sessions_for(request.user, timezone.now())
    return get_object_or_404(sessions.select_related("quiz", "branch"), uuid=uuid)


@login_required
@never_cache
@require_safe
def sessions(request: SignedInRequest) -> HttpResponse:
    """The sessions this person looks after: those of today first, then what comes, then what was."""
    now = timezone.now()
    if not has_role(request.user, local_day(now), Role.INVIGILATOR, Role.AUDITOR, *ARRANGERS):
        raise Http404
    found = list(
        rules.sessions_for(request.user, now)
        .filter(cancelled_at=None, ends_at__gte=now - rules.AFTER, starts_at__lte=now + rules.BEFORE)
        .select_related("quiz", "branch")
        .order_by("starts_at")[:200]
    )
    today = local_day(now)
    groups = [
        (_("Today"), [session for session in found if local_day(session.starts_at) == today]),
        (_("Coming"), [session for session in found if local_day(session.starts_at) > today]),
        (_("Over"), [sitting for sitting in reversed(found) if local_day(sitting.starts_at) < today]),
    ]
    return render(request, "quizzes/hall/sessions.html", {"groups": groups, "count": len(found), "now": now})


@login_required
@never_cache
def console(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Who is in and how far; a post acts on one, several or all."""
    session, now = get_session_or_404(request, uuid), timezone.now()
    acting = rules.may_act(user=request.user, session=session, now=now)
    if request.method == "POST":
        if not acting:
            raise Http404
        _act(request, session)
        return redirect("hall:console", uuid=uuid)
    return render(
        request,
        "quizzes/hall/console.html",
        {
            **_board(session),
            "acting": acting,
            "token": uuid4(),
            "kinds": HallAct.Kind,
            "most_minutes": rules.MOST_MINUTES,
            "last_entry": last_entry(session),
            "acts": session.acts.select_related("actor").prefetch_related("candidates__person")[:20],
        },
    )


@login_required
@never_cache
@require_safe
def board(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What the console refreshes in place."""
    session = get_session_or_404(request, uuid)
    acting = rules.may_act(user=request.user, session=session, now=timezone.now())
    return render(request, "quizzes/hall/console.html#board", {**_board(session), "acting": acting})


def _board(session: ExamSession) -> dict[str, Any]:
    now = timezone.now()
    return {"session": session, "board": rules.board_of(session, now), "now": now}


def _act(request: SignedInRequest, session: ExamSession) -> None:
    """Reads the form; every candidate is checked against the session, a foreign one is a 404."""
    now, form = timezone.now(), request.POST
    try:
        token = UUID(form.get("token", ""))
        picked = {int(pk) for pk in form.getlist("candidate")[:MAXIMUM_PICKED] if pk.isascii() and len(pk) < 19}
    except ValueError:
        raise Http404 from None
    mine = list(session.candidates.select_related("person", "session", "attempt"))
    if picked - {sitting.pk for sitting in mine}:
        raise Http404
    whom = form.get("whom", "picked")
    chosen = [sitting for sitting in mine if rules.is_meant(sitting, whom, picked)]
    minutes = form.get("minutes", "")
    outcome = rules.act(
        session=session,
        kind=form.get("kind", ""),
        candidates=chosen,
        token=token,
        reason=form.get("reason", ""),
        actor=request.user,
        now=now,
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else 0,
    )
    if outcome.again:
        messages.info(request, _("This was done already; it was not done twice."))
        return
    if outcome.done:
        done = ngettext("Done for %(count)s candidate.", "Done for %(count)s candidates.", outcome.done)
        messages.success(request, done % {"count": outcome.done})
    for candidate, why in outcome.refused[:20]:
        messages.error(request, f"{candidate.seat} {candidate.person.display_name}: {why}".strip())


@login_required
@never_cache
@require_safe
def slip(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """准考信息: the candidate's own, to read on the phone or print; before the exam is open it says what is missing."""
    now = timezone.now()
    candidate = get_object_or_404(
        Candidate.objects.select_related("session__quiz", "session__branch", "person"),
        session__uuid=uuid,
        person=request.user,
    )
    closed = "" if candidate.attempt_id is not None else closed_words(candidate.session, now)
    return render(
        request,
        "quizzes/hall/slip.html",
        {
            "candidate": candidate,
            "closed": closed,
            "next_session": next_session_words(candidate.session, now) if closed else "",
            "session": candidate.session,
            "last_entry": last_entry(candidate.session),
            "result": candidate.special_results.filter(withdrawn_at=None).first(),
            "waits": []
            if candidate.attempt_id is not None
            else waits_before(candidate.session.quiz, request.user, now),
            "now": now,
        },
    )
