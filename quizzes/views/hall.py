"""Exam day's pages outside the admin: the invigilator's sessions and console, the candidate's slip."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import Role
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from quizzes.entry import closed_words, last_entry, next_session_words, waits_before
from quizzes.hall import console as rules
from quizzes.hall.room import code_shown_from, note_of_room
from quizzes.hall.seating import ARRANGERS
from quizzes.models import Candidate, ExamSession, HallAct, SpecialResult

MAXIMUM_PICKED = 5000
# So many are named in the answer to an act.
NAMED = 12


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
        .filter(cancelled_at=None, starts_at__lte=now + rules.BEFORE)
        .filter(Q(ends_at__gte=now - rules.AFTER) | Q(pk__in=request.user.invigilated_sessions.values("pk")))
        .select_related("quiz", "branch")
        .order_by("-starts_at")[:200]
    )[::-1]
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
    asked = None
    if request.method == "POST":
        if not acting:
            raise Http404
        asked = _asked(request, session)
        if asked.kind in rules.ASKED_FIRST and asked.reason and "sure" not in request.POST:
            able = tuple(one for one in asked.candidates if rules.fits(asked.kind, one, now))
            if able:
                others = [one for one in asked.candidates if one not in able]
                rows = [(one, asked.goes_on_until(one, now)) for one in able]
                sure = {"session": session, "asked": replace(asked, candidates=able), "rows": rows, "others": others}
                return render(request, "quizzes/hall/sure.html", sure)
        try:
            done = _act(request, session, asked)
        except RuleViolation as refusal:
            messages.error(request, str(refusal.message))
            done = False
        if done:
            return redirect("hall:console", uuid=uuid)
    # What did not go stands as it was written and ticked.
    return render(
        request,
        "quizzes/hall/console.html",
        {
            **_board(session),
            "acting": acting,
            "asked": asked,
            "token": uuid4(),
            "kinds": HallAct.Kind,
            "most_minutes": rules.MOST_MINUTES,
            "last_entry": last_entry(session),
            "code_from": code_shown_from(session),
            "acts": session.acts.select_related("actor").prefetch_related("candidates__person")[:20],
        },
        status=200 if asked is None else 400,
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


@dataclass(frozen=True)
class ActAsked:
    """What the console's form asks for: the act, for whom, how many minutes, in which words."""

    kind: str
    whom: str
    candidates: tuple[Candidate, ...]
    minutes: str
    reason: str
    token: UUID

    @property
    def whole_minutes(self) -> int:
        """As they were typed, 0 where that is no number."""
        typed = self.minutes
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0

    def goes_on_until(self, candidate: Candidate, now: datetime) -> datetime | None:
        """Until when, where a paper is to be opened again."""
        if self.kind != HallAct.Kind.REOPEN or candidate.attempt is None:
            return None
        return rules.goes_on_until(candidate.attempt, self.whole_minutes, now)

    @property
    def label(self) -> str:
        return str(HallAct.Kind(self.kind).label) if self.kind in HallAct.Kind.values else ""

    @property
    def picked(self) -> set[int]:
        """Whose boxes stay ticked."""
        return {candidate.pk for candidate in self.candidates} if self.whom == "picked" else set()


def _asked(request: SignedInRequest, session: ExamSession) -> ActAsked:
    """Reads the form; every candidate is checked against the session, a foreign one is a 404."""
    form = request.POST
    try:
        token = UUID(form.get("token", ""))
    except ValueError:
        raise Http404 from None
    ticked = [whole_number(pk) for pk in form.getlist("candidate")[:MAXIMUM_PICKED]]
    picked = {pk for pk in ticked if pk is not None}
    if None in ticked:
        raise Http404
    mine = list(
        session.candidates.select_related("person", "session", "attempt").order_by("seat", "person__staff_number")
    )
    if picked - {sitting.pk for sitting in mine}:
        raise Http404
    whom = form.get("whom", "picked")
    ruled = SpecialResult.objects.filter(candidate__session=session, withdrawn_at=None).values_list(
        "candidate", flat=True
    )
    settled = {pk for pk in ruled if pk is not None}
    chosen = tuple(sitting for sitting in mine if rules.is_meant(sitting, whom, picked, settled))
    reason = form.get("reason", "").strip()
    return ActAsked(form.get("kind", ""), whom, chosen, form.get("minutes", ""), reason, token)


def _act(request: SignedInRequest, session: ExamSession, asked: ActAsked) -> bool:
    """Does it and says what was done to whom. False where it was done to nobody. Raises ``RuleViolation``."""
    if asked.whom == "room":
        return _note_room(request, session, asked)
    outcome = rules.act(
        session=session,
        kind=asked.kind,
        candidates=asked.candidates,
        token=asked.token,
        reason=asked.reason,
        actor=request.user,
        now=timezone.now(),
        minutes=asked.whole_minutes,
    )
    if outcome.again:
        messages.info(request, _("This was done already; it was not done twice."))
        return True
    if outcome.done:
        names = listed(
            f"{candidate.seat} {candidate.person.display_name}".strip() for candidate in outcome.reached[:NAMED]
        )
        if outcome.done > NAMED:
            names += ngettext(" and %(count)s more", " and %(count)s more", outcome.done - NAMED) % {
                "count": outcome.done - NAMED
            }
        messages.success(request, _("%(act)s: %(names)s") % {"act": asked.label, "names": names})
    for candidate, why in outcome.refused[:20]:
        who = f"{candidate.seat} {candidate.person.display_name}".strip()
        messages.error(request, _("%(who)s: %(why)s") % {"who": who, "why": why})
    return bool(outcome.done)


def _note_room(request: SignedInRequest, session: ExamSession, asked: ActAsked) -> bool:
    """Of the room as a whole there are notes only. Raises ``RuleViolation``."""
    if asked.kind != HallAct.Kind.NOTE:
        raise RuleViolation(_("Only a note can be for the room as a whole."))
    kept = note_of_room(session=session, token=asked.token, reason=asked.reason, actor=request.user, now=timezone.now())
    if kept:
        messages.success(request, _("Noted for the room as a whole."))
    else:
        messages.info(request, _("This was done already; it was not done twice."))
    return True


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
