"""One session's page in the admin: its candidates, their seats and results, the printed lists, cancelling."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import branches_visible_to
from academy.viewsets.deeds import LONGEST_PASTE, ToldFirst, try_deed
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import scope_of
from quizzes.entry import last_entry, waits_of_candidates
from quizzes.hall.results import rule_seat, take_back
from quizzes.hall.seating import ARRANGERS, Checked, add_candidates, assign_seats, give_seat, remove_candidate
from quizzes.hall.sessions import cancel_session, over_refusal
from quizzes.models import Candidate, ExamSession, SpecialResult

A_PAGE = 100


def get_session_or_404(request: SignedInRequest, pk: int) -> ExamSession:
    viewer, today = scope_of(request)
    visible = branches_visible_to(viewer, today)
    return get_object_or_404(ExamSession.objects.select_related("quiz", "branch"), pk=pk, branch__in=visible)


def session_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything about one session; a post does one of ``_DEEDS`` and leads back."""
    session = get_session_or_404(request, pk)
    viewer, today = scope_of(request)
    may_change = branches_visible_to(viewer, today, ARRANGERS).filter(pk=session.branch_id).exists()
    back = reverse("exam_sessions:session", args=[pk])
    tried = try_deed(request, session, deeds=_DEEDS, allowed=may_change, back=back, told_first=_TOLD_FIRST)
    if tried.answer is not None:
        return tried.answer
    standing = Prefetch("special_results", queryset=SpecialResult.objects.filter(withdrawn_at=None), to_attr="standing")
    candidates = (
        session.candidates.select_related("person", "attempt")
        .defer("attempt__paper")
        .prefetch_related(standing)
        .order_by("seat", "person__staff_number")
    )
    page = Paginator(candidates, A_PAGE).get_page(request.GET.get("p"))
    closed = waits_of_candidates(
        session.quiz, [candidate.person_id for candidate in page if candidate.attempt_id is None]
    )
    for candidate in page:
        vars(candidate)["closed"] = pgettext("between reasons", "; ").join(
            wait.label for wait in closed.get(candidate.person_id, ())
        )
    return admin_page(
        request,
        "quizzes/admin/session.html",
        {
            "session": session,
            "page": page,
            "may_change": may_change and session.cancelled_at is None,
            "over": over_refusal(session, timezone.now()),
            "invigilators": session.invigilators.all(),
            "last_entry": last_entry(session),
            "pasted": tried.pasted,
            "errors": tried.errors,
        },
        title=session.local_name,
        icon="date",
        above=[(reverse("exam_sessions:index"), _("Exam sessions"))],
    )


def print_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The slips, or the list for signing, of the whole session, on paper."""
    session = get_session_or_404(request, pk)
    candidates = session.candidates.select_related("person").order_by("seat", "person__staff_number")
    kind = "slips" if request.GET.get("what") == "slips" else "list"
    return TemplateResponse(
        request,
        f"quizzes/hall/print_{kind}.html",
        {"session": session, "candidates": candidates, "last_entry": last_entry(session)},
    )


def _candidate(request: SignedInRequest, session: ExamSession) -> Candidate:
    """One of this session's candidates; a forged number is a 404."""
    pk = request.POST.get("candidate", "")
    known = session.candidates.select_related("person", "session", "attempt")
    return get_object_or_404(known, pk=whole_number(pk))


def _entered(request: SignedInRequest, session: ExamSession, now: datetime) -> Checked:
    text = request.POST.get("numbers", "")
    if len(text) > LONGEST_PASTE:
        raise RuleViolation(_("This is too long."))
    return add_candidates(session=session, text=text, actor=request.user, now=now)


def _who_may_not_sit(request: SignedInRequest, session: ExamSession, now: datetime) -> list[str]:
    """Enters them, and names those for whom the exam is not open, before the slips go out."""
    checked = _entered(request, session, now)
    people = {} if checked.errors else {person.pk: person for person in checked.people}
    text = _("%(person)s: not open yet: %(what)s")
    return [
        text % {"person": people[pk], "what": pgettext("between reasons", "; ").join(wait.label for wait in waits)}
        for pk, waits in waits_of_candidates(session.quiz, list(people)).items()
        if waits
    ]


def _add(request: SignedInRequest, session: ExamSession) -> list[Any]:
    checked = _entered(request, session, timezone.now())
    if not checked.errors:
        count = len(checked.people)
        if not count:
            raise RuleViolation(_("Name at least one person."))
        done = ngettext(
            "%(count)s candidate entered and notified.", "%(count)s candidates entered and notified.", count
        )
        messages.success(request, done % {"count": count})
    return checked.errors


def _seats(request: SignedInRequest, session: ExamSession) -> None:
    count = assign_seats(session=session, actor=request.user, now=timezone.now())
    done = ngettext("%(count)s seat assigned.", "%(count)s seats assigned.", count)
    messages.success(request, done % {"count": count})


def _seat(request: SignedInRequest, session: ExamSession) -> None:
    give_seat(
        candidate=_candidate(request, session),
        seat=request.POST.get("seat", "")[:20],
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("Saved."))


def _remove(request: SignedInRequest, session: ExamSession) -> None:
    remove_candidate(
        candidate=_candidate(request, session),
        reason=request.POST.get("reason", ""),
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("Taken out."))


def _rule(request: SignedInRequest, session: ExamSession) -> None:
    result = rule_seat(
        kind=request.POST.get("kind", ""),
        candidate=_candidate(request, session),
        reason=request.POST.get("reason", ""),
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("Recorded: %(result)s") % {"result": result.get_kind_display()})


def _take_back(request: SignedInRequest, session: ExamSession) -> None:
    standing = _candidate(request, session).special_results.filter(withdrawn_at=None, attempt=None).first()
    if standing is None:
        raise Http404
    take_back(result=standing, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now())
    messages.success(request, _("Taken back."))


def _cancelled(request: SignedInRequest, session: ExamSession, now: datetime) -> list[str]:
    cancel_session(session=session, reason=request.POST.get("reason", ""), actor=request.user, now=now)
    return []


def _cancel(request: SignedInRequest, session: ExamSession) -> None:
    _cancelled(request, session, timezone.now())
    messages.success(request, _("The session is cancelled; its candidates have been notified."))


_DEEDS: dict[str, Callable[[SignedInRequest, ExamSession], Any]] = {
    "add": _add,
    "seats": _seats,
    "seat": _seat,
    "remove": _remove,
    "rule": _rule,
    "take_back": _take_back,
    "cancel": _cancel,
}
_TOLD_FIRST = {
    "add": ToldFirst(gettext_lazy("Enter candidates"), _who_may_not_sit),
    "cancel": ToldFirst(gettext_lazy("Cancel the session"), _cancelled),
}
