"""One classroom session in the admin: its people, sign-in, scores, closing, review; the printed list and the code screen."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Prefetch, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.deeds import LONGEST_PASTE, ToldFirst, try_deed
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import scope_of
from courses.classroom import closing
from courses.classroom import sign_in as signing
from courses.classroom.access import may_organise, sessions_visible_to
from courses.classroom.places import give_up, invite
from courses.classroom.sessions import cancel_session
from courses.models import Attendance, Attendee, ClassSession

A_PAGE = 100
CODE_REFRESH = 20


def session_state(session: ClassSession) -> Any:
    now = timezone.now()
    if session.cancelled_at is not None:
        return _("Cancelled")
    if session.closed_at is not None:
        return _("Reviewed") if session.reviewed_at else _("Closed, to be reviewed")
    if now < session.starts_at:
        return _("Coming")
    return _("Running") if now < session.ends_at else _("Over, to be closed")


def get_session_or_404(request: SignedInRequest, pk: int) -> ClassSession:
    viewer, today = scope_of(request)
    return get_object_or_404(
        sessions_visible_to(viewer, today).select_related("branch", "course", "closed_by", "reviewed_by"), pk=pk
    )


def _page(request: SignedInRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    return admin_page(
        request,
        template,
        context,
        title=title,
        icon="group",
        above=[(reverse("class_sessions:index"), _("Classroom sessions"))],
    )


def _in_turn(attendees: QuerySet[Attendee]) -> QuerySet[Attendee]:
    """Who has a seat by staff number; who waits in the order in which seats are given, with the turn; then the others."""
    waits = Q(standing=Attendee.Standing.WAITING)
    turn = Window(RowNumber(), partition_by="standing", order_by=("since", "pk"))
    return attendees.annotate(turn=turn).order_by(
        "standing", Case(When(waits, then="since")), Case(When(waits, then="pk")), "person__staff_number"
    )


def session_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything about one session; a post does one of ``_DEEDS`` and leads back."""
    session, now = get_session_or_404(request, pk), timezone.now()
    viewer, today = scope_of(request)
    may_change = may_organise(viewer, today, session)
    back = reverse("class_sessions:session", args=[pk])
    tried = try_deed(request, session, deeds=_DEEDS, allowed=may_change, back=back, told_first=_TOLD_FIRST)
    if tried.answer is not None:
        return tried.answer
    results = Prefetch("attendances", queryset=Attendance.objects.current(), to_attr="results")
    attendees = session.attendees.select_related("person").prefetch_related(results)
    page = Paginator(_in_turn(attendees), A_PAGE).get_page(request.GET.get("p"))
    working = may_change and session.cancelled_at is None and session.closed_at is None
    return _page(
        request,
        "courses/admin/class.html",
        session.local_title,
        {
            "session": session,
            "state": session_state(session),
            "page": page,
            "seated": session.attendees.seated().count(),
            "signed_in": session.attendees.filter(signed_in_at__isnull=False).count(),
            "without_score": session.attendees.filter(signed_in_at__isnull=False, score=None).count()
            if session.scored
            else 0,
            "may_change": may_change,
            "working": working,
            "may_sign_in": working and signing.typing_refusal(session, now) is None,
            "may_close": working and closing.closing_refusal(session, now) is None,
            "reviewable": may_change and closing.review_refusal(session, viewer) is None,
            "pasted": tried.pasted,
            "errors": tried.errors,
            "failed": tried.name if tried.errors else "",
        },
    )


def print_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The sign-in list on paper, with lines for those who come without being on it."""
    session = get_session_or_404(request, pk)
    people = session.attendees.seated().select_related("person").order_by("person__staff_number")
    return TemplateResponse(
        request, "courses/classroom/print_list.html", {"session": session, "attendees": people, "empty": range(5)}
    )


@never_cache
def code_screen(request: SignedInRequest, pk: int) -> HttpResponse:
    """For the projector: the code of this minute as a picture and in digits. The page renews itself."""
    session, now = get_session_or_404(request, pk), timezone.now()
    if not may_organise(*scope_of(request), session):
        raise Http404
    refusal, code = signing.window_refusal(session, now), signing.code_of(session, now)
    address = request.build_absolute_uri(reverse("classroom:sign_in", args=[session.uuid]))
    return TemplateResponse(
        request,
        "courses/classroom/code.html",
        {
            "session": session,
            "refusal": refusal,
            "code": "" if refusal else f"{code[:3]} {code[3:]}",
            "picture": "" if refusal else picture_of(f"{address}?code={code}"),
            "signed_in": session.attendees.filter(signed_in_at__isnull=False).count(),
            "seated": session.attendees.seated().count(),
            "seconds": CODE_REFRESH,
        },
    )


def picture_of(text: str) -> str:
    """A QR code as a picture that needs no request of its own."""
    import segno

    return segno.make(text, error="m", micro=False).png_data_uri(scale=8, border=2)


def _attendee(request: SignedInRequest, session: ClassSession) -> Attendee:
    """One of this session's people; a forged number is a 404."""
    pk = request.POST.get("attendee", "")
    known = session.attendees.select_related("person", "session")
    return get_object_or_404(known, pk=whole_number(pk))


def _text(request: SignedInRequest) -> str:
    text = request.POST.get("numbers", "")
    if len(text) > LONGEST_PASTE:
        raise RuleViolation(_("This is too long."))
    return text


def _invited(request: SignedInRequest, session: ClassSession, now: datetime) -> list[str]:
    invite(session=session, text=_text(request), actor=request.user, now=now)
    return []


def _cancelled(request: SignedInRequest, session: ClassSession, now: datetime) -> list[str]:
    cancel_session(session=session, reason=request.POST.get("reason", "")[:300], actor=request.user, now=now)
    return []


def _invite(request: SignedInRequest, session: ClassSession) -> list[Any]:
    listed = invite(session=session, text=_text(request), actor=request.user, now=timezone.now())
    if not listed.errors:
        count = len(listed.people)
        done = ngettext("%(count)s person entered and notified.", "%(count)s people entered and notified.", count)
        if timezone.now() >= session.starts_at:
            done = ngettext("%(count)s person entered.", "%(count)s people entered.", count)
        messages.success(request, done % {"count": count})
    return listed.errors


def _sign_in(request: SignedInRequest, session: ClassSession) -> list[Any]:
    listed = signing.sign_in_typed(session=session, text=_text(request), actor=request.user, now=timezone.now())
    if not listed.errors:
        count = len(listed.people)
        done = ngettext("%(count)s person signed in.", "%(count)s people signed in.", count)
        messages.success(request, done % {"count": count})
    return listed.errors


def _scores(request: SignedInRequest, session: ClassSession) -> list[Any]:
    listed = closing.enter_scores(session=session, text=_text(request), actor=request.user, now=timezone.now())
    if not listed.errors:
        done = ngettext("%(count)s score saved.", "%(count)s scores saved.", len(listed.people))
        messages.success(request, done % {"count": len(listed.people)})
    return listed.errors


def _mark(request: SignedInRequest, session: ClassSession) -> None:
    state = request.POST.get("state", "")
    if state not in ("present", "late", "left_early", "absent"):
        raise Http404
    signing.mark(
        attendee=_attendee(request, session),
        actor=request.user,
        now=timezone.now(),
        late=state == "late",
        left_early=state == "left_early",
        present=state != "absent",
        absence_reason=request.POST.get("reason", ""),
    )
    messages.success(request, _("Saved."))


def _remove(request: SignedInRequest, session: ClassSession) -> None:
    give_up(
        attendee=_attendee(request, session),
        actor=request.user,
        now=timezone.now(),
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, _("Taken out."))


def _close(request: SignedInRequest, session: ClassSession) -> None:
    count = closing.close_session(session=session, actor=request.user, now=timezone.now())
    done = ngettext(
        "Closed. Hours are entered for %(count)s person.", "Closed. Hours are entered for %(count)s people.", count
    )
    messages.success(request, done % {"count": count})


def _review(request: SignedInRequest, session: ClassSession) -> None:
    closing.review_session(session=session, actor=request.user, now=timezone.now())
    messages.success(request, _("Reviewed."))


def _cancel(request: SignedInRequest, session: ClassSession) -> None:
    _cancelled(request, session, timezone.now())
    messages.success(request, _("The session is cancelled; those who would have come have been notified."))


_DEEDS: dict[str, Callable[[SignedInRequest, ClassSession], Any]] = {
    "invite": _invite,
    "sign_in": _sign_in,
    "scores": _scores,
    "mark": _mark,
    "remove": _remove,
    "close": _close,
    "review": _review,
    "cancel": _cancel,
}
_TOLD_FIRST = {
    "invite": ToldFirst(gettext_lazy("Invite"), _invited),
    "cancel": ToldFirst(gettext_lazy("Cancel the session"), _cancelled),
}


def attendance_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person's result of a closed session, and its correction with a reason."""
    viewer, today = scope_of(request)
    attendance = get_object_or_404(
        Attendance.objects.filter(session__in=sessions_visible_to(viewer, today)).select_related(
            "session__branch", "person", "attendee", "recorded_by"
        ),
        pk=pk,
    )
    may_change = may_organise(viewer, today, attendance.session) and attendance.withdrawn_at is None
    if request.method == "POST":
        if not may_change:
            raise Http404
        try:
            right = closing.correct_attendance(
                attendance=attendance,
                seen=_seen(request, attendance),
                reason=request.POST.get("reason", ""),
                actor=viewer,
                now=timezone.now(),
            )
            messages.success(request, _("Corrected: %(result)s") % {"result": right.get_recognition_display()})
            return redirect("class_sessions:session", pk=attendance.session_id)
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    entry = attendance.hour_entries.first()
    return _page(
        request,
        "courses/admin/attendance.html",
        str(attendance.person),
        {"one": attendance, "session": attendance.session, "may_change": may_change, "entry": entry},
    )


def _seen(request: SignedInRequest, attendance: Attendance) -> closing.Seen:
    state, session = request.POST.get("state", ""), attendance.session
    if state not in ("present", "late", "left_early", "absent"):
        raise Http404
    try:
        score = closing.score_of(request.POST.get("score", "")[:10])
    except ValueError:
        raise RuleViolation(_("A score goes from 0 to 100, with one decimal place.")) from None
    if state == "absent":
        return closing.Seen(None, score=score, absence_reason=request.POST.get("absence", "").strip()[:300])
    return closing.Seen(
        attendance.signed_in_at or session.starts_at,
        late=state == "late",
        left_early_at=(attendance.left_early_at or session.ends_at) if state == "left_early" else None,
        score=score,
        how=attendance.signed_in_how or Attendee.How.TYPED,
    )
