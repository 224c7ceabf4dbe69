"""One round's page in the admin: where it stands, what is next, its people, objections, sessions, lists and letters."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages

from academy.duties.ahead import notices_ahead, notices_sent
from academy.errors.refusals import RuleViolation, refuse_nothing_ticked
from academy.journal import record, register_action
from academy.models import Branch, Line, Proposal
from academy.models.roles import PEOPLE_ROLES
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import workbook_answer
from academy.staff.access import branches_visible_to, has_role, is_limited, people_visible_to
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import scope_of
from certificates.models import CertificationRound, RoundObjection
from certificates.rounds.arranging import announce, cancel, name_sessions, sessions_for
from certificates.rounds.facts import keeping_refusal, ready_for_award
from certificates.rounds.issuing import last_days_in_words, propose_award_list, waiting_proposal
from certificates.rounds.judging import judge_eligibility
from certificates.rounds.listing import list_results
from certificates.rounds.objecting import answer, answering_refusal
from certificates.rounds.observing import PHASES as OBSERVED
from certificates.rounds.observing import ask_for_all
from certificates.rounds.overview import objections_of, observed_in, overview_of, without_seat
from certificates.rounds.phases import OVER, Phase
from certificates.rounds.sheets import LISTS, list_of, objections_sheet
from certificates.rules.ladder_words import day_of
from quizzes.hall.seating import add_candidates

EXPORT = register_action("certificates.export_round", gettext_lazy("List of a round exported"))
A_PAGE = 100
# Who is out of it or closed stands behind the others, and who has no rank behind who has one, on every database.
IN_LIST = (F("closed_at").asc(nulls_first=True), F("rank").asc(nulls_last=True), "person__staff_number")
NAMING = (Phase.ANNOUNCED, Phase.APPLYING, Phase.ELIGIBILITY, Phase.EXAMINING)
RELATED = ("track__level", "branch", "rule_version", "announced_by", "judged_by", "listed_by")


def rounds_visible(request: SignedInRequest) -> Any:
    """Those of the whole bank, and those for a branch in the viewer's part or for one above it."""
    viewer, today = scope_of(request)
    if not has_role(viewer, today, *PEOPLE_ROLES):
        return CertificationRound.objects.none()
    visible = branches_visible_to(viewer, today)
    above = {int(key) for path in visible.values_list("path", flat=True) for key in path.split("/") if key}
    return CertificationRound.objects.filter(Q(branch=None) | Q(branch__in=Branch.objects.filter(pk__in=above)))


def get_round_or_404(request: SignedInRequest, pk: int) -> CertificationRound:
    return get_object_or_404(rounds_visible(request).select_related(*RELATED), pk=pk)


def round_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything about one round; a post does one of ``_DEEDS`` and leads back."""
    certification_round = get_round_or_404(request, pk)
    viewer, today = scope_of(request)
    now = timezone.now()
    may_change = keeping_refusal(certification_round, viewer, today) is None
    if request.method == "POST":
        deed = _DEEDS.get(request.POST.get("do", ""))
        if deed is None or not may_change:
            raise Http404
        try:
            with transaction.atomic():
                shown = deed(request, certification_round, now)
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
            shown = None
        return shown or redirect("rounds:round", pk=pk)
    found = overview_of(certification_round, now)
    people = people_visible_to(viewer, today)
    rows = certification_round.applications.filter(person__in=people).select_related("person", "branch", "round")
    page = Paginator(rows.order_by(*IN_LIST), A_PAGE).get_page(request.GET.get("p"))
    objections = [
        (row, answering_refusal(row, viewer, today))
        for row in objections_of(certification_round, viewer).filter(application__person__in=people)
    ]
    naming = may_change and found.phase in NAMING
    return admin_page(
        request,
        "certificates/admin/round.html",
        {
            "round": certification_round,
            "found": found,
            "page": page,
            "objections": objections,
            "sittings": certification_round.sittings.select_related("session__quiz", "session__branch"),
            "free_sessions": list(sessions_for(certification_round, viewer, today)) if naming else [],
            "unseated": without_seat(certification_round).count() if certification_round.judged_at else 0,
            "observed": observed_in(certification_round) if certification_round.judged_at else None,
            "may_observe": may_change and certification_round.judged_at is not None and found.phase in OBSERVED,
            "ready": len(ready_for_award(certification_round)) if certification_round.listed_at else 0,
            "proposal": waiting_proposal(certification_round),
            "decided": Proposal.objects.filter(action="certificates.award_round", facts__round=certification_round.pk),
            "line_labels": [Line(line).label for line in certification_round.lines if line in Line.values],
            "may_change": may_change,
            "may_cancel": may_change and found.phase not in (*OVER, Phase.DECIDED, Phase.ISSUED),
            "may_move": may_change and found.phase not in OVER,
            "lists": [(name, each.title) for name, each in LISTS.items()],
        },
        title=certification_round.local_name,
        icon="calendar-check",
        above=[(reverse("rounds:index"), _("Certification rounds"))],
    )


def download(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """One of the lists as a workbook; the journal keeps who took it."""
    certification_round, now = get_round_or_404(request, pk), timezone.now()
    viewer, today = scope_of(request)
    if name not in LISTS and name != "objections":
        raise Http404
    limited = is_limited(viewer, today)
    if name == "objections":
        if keeping_refusal(certification_round, viewer, today) is not None:
            raise Http404
        sheets = objections_sheet(certification_round, viewer, limited=limited, now=now)
    else:
        people = people_visible_to(viewer, today) if limited else None
        sheets = list_of(certification_round, name, people=people, limited=limited, now=now)
    with transaction.atomic():
        record(
            EXPORT,
            now=now,
            actor=viewer,
            about=certification_round,
            after={"report": name, "rows": len(list(sheets[0].rows))},
        )
    return workbook_answer(f"round-{certification_round.pk}-{name}-{today.isoformat()}", *sheets)


def letters(request: SignedInRequest, pk: int) -> HttpResponse:
    """A letter to each person with a result, made to be printed."""
    certification_round = get_round_or_404(request, pk)
    viewer, today = scope_of(request)
    if certification_round.listed_at is None:
        raise Http404
    rows = certification_round.applications.exclude(result="").filter(person__in=people_visible_to(viewer, today))
    rows = rows.select_related("person", "branch", "round", "certification").order_by("person__staff_number")
    context = {"round": certification_round, "rows": rows, "today": today}
    return TemplateResponse(request, "certificates/rounds/letters.html", context)


def _told_first(
    request: SignedInRequest,
    certification_round: CertificationRound,
    now: datetime,
    step: Callable[[], Any],
    facts: Callable[[], list[tuple[Any, Any]]] = list,
) -> Any:
    """How many will be told, and what else is to be checked, before anything is sent. None where the person has seen it."""
    if request.POST.get("sure") == "1":
        return None

    def taken(keys: list[int]) -> list[int]:
        step()
        return []

    notices = notices_ahead(keys=[certification_round.pk], step=taken, now=now)
    kept = [(name, request.POST.get(name, "")) for name in ("do", "reason", "number") if request.POST.get(name)]
    context = {
        "round": certification_round,
        "notices": notices,
        "facts": facts(),
        "kept": kept,
        "label": _LABELS[request.POST["do"]],
        "announces": request.POST["do"] == "announce",
    }
    return admin_page(
        request,
        "certificates/admin/round_sure.html",
        context,
        title=str(_LABELS[request.POST["do"]]),
        icon="mail",
        above=[
            (reverse("rounds:index"), _("Certification rounds")),
            (reverse("rounds:round", args=[certification_round.pk]), certification_round),
        ],
    )


def _step(step: Callable[..., Any], done: Any) -> Callable[..., Any]:
    """A step that tells people: counted first, then taken."""

    def deed(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> Any:
        def take() -> None:
            step(certification_round=certification_round, actor=request.user, now=now)

        shown = _told_first(request, certification_round, now, take)
        if shown is None:
            take()
            messages.success(request, _with_notices(done, now))
        return shown

    return deed


def _with_notices(done: Any, now: datetime) -> str:
    """What was done, and how many were told of it: what the page before it said."""
    return _("%(done)s %(sent)s") % {"done": done, "sent": notices_sent(now)}


def _cancel(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> Any:
    def take() -> None:
        cancel(
            certification_round=certification_round, reason=request.POST.get("reason", ""), actor=request.user, now=now
        )

    shown = _told_first(request, certification_round, now, take)
    if shown is None:
        take()
        messages.success(request, _with_notices(_("The round is cancelled."), now))
    return shown


def _propose(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> Any:
    """The award list: its number, dates and people are checked once more before it goes to a second person."""
    number, reason = request.POST.get("number", ""), request.POST.get("reason", "")

    def take() -> Proposal:
        return propose_award_list(
            certification_round=certification_round, document_number=number, reason=reason, actor=request.user, now=now
        )

    def facts() -> list[tuple[Any, Any]]:
        people = [row.person for row in ready_for_award(certification_round)]
        return [
            (_("Document number"), number.strip()),
            (_("Common award date"), day_of(certification_round.award_on)),
            (_("Holds through"), last_days_in_words(certification_round, people)),
            (_("People on the list"), len(people)),
            (_("Reason"), reason.strip()),
        ]

    shown = _told_first(request, certification_round, now, take, facts)
    if shown is None:
        waits = take().state == Proposal.State.WAITING
        done = _("Proposed. A second person decides.") if waits else _DECIDED
        messages.success(request, done)
    return shown


def _answer(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> None:
    known = RoundObjection.objects.filter(application__round=certification_round)
    objection = get_object_or_404(known, pk=whole_number(request.POST.get("objection", "")))
    upheld = request.POST.get("upheld")
    if upheld not in ("yes", "no"):
        raise RuleViolation(_("Say whether it is upheld."))
    words = request.POST.get("words", "")
    answer(objection=objection, upheld=upheld == "yes", words=words, actor=request.user, now=now)
    messages.success(request, _("Answered; whoever objected is notified."))


def _sessions(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> None:
    wanted = [whole_number(typed) for typed in request.POST.getlist("session")]
    chosen = [session for session in sessions_for(certification_round, *scope_of(request)) if session.pk in wanted]
    refuse_nothing_ticked(chosen)
    name_sessions(certification_round=certification_round, sessions=chosen, actor=request.user, now=now)
    messages.success(request, _("Saved."))


def _enter(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> None:
    """Whoever is eligible and sits nowhere yet is entered for one session, as far as its seats reach."""
    sitting = get_object_or_404(
        certification_round.sittings.select_related("session"), pk=whole_number(request.POST.get("sitting", ""))
    )
    session = sitting.session
    free = session.seats - session.candidates.count()
    numbers = list(
        without_seat(certification_round)
        .order_by("applied_at")
        .values_list("person__staff_number", flat=True)[: max(0, free)]
    )
    checked = add_candidates(session=session, text="\n".join(numbers), actor=request.user, now=now)
    if checked.errors:
        raise RuleViolation(f"{checked.errors[0].text} {checked.errors[0].message}".strip())
    count = len(checked.people)
    if not count:
        raise RuleViolation(_("Nobody could be entered: no seat is free, or everybody has one."))
    done = ngettext("%(count)s person entered and notified.", "%(count)s people entered and notified.", count)
    messages.success(request, done % {"count": count})


def _observe(request: SignedInRequest, certification_round: CertificationRound, now: datetime) -> None:
    """Every observation that is missing is asked for at once; who could not be asked for is named."""
    done = ask_for_all(certification_round=certification_round, actor=request.user, now=now)
    if done.asked:
        text = ngettext("%(count)s observation asked for.", "%(count)s observations asked for.", done.asked)
        messages.success(request, text % {"count": done.asked})
    elif not done.refused:
        messages.success(request, _("No observation is missing."))
    if done.left:
        messages.warning(request, _("%(count)s more wait: press again.") % {"count": done.left})
    for line in done.refused[:10]:
        messages.error(request, line)


_DECIDED = gettext_lazy("Decided. Certificates are issued on the common award date.")
_LABELS = {
    "announce": gettext_lazy("Announce the round"),
    "judge": gettext_lazy("Judge eligibility"),
    "list": gettext_lazy("List the results"),
    "cancel": gettext_lazy("Cancel the round"),
    "propose": gettext_lazy("Propose the award list"),
}
_DEEDS: dict[str, Callable[[SignedInRequest, CertificationRound, datetime], Any]] = {
    "announce": _step(announce, gettext_lazy("The round is announced.")),
    "judge": _step(judge_eligibility, gettext_lazy("Eligibility is judged.")),
    "list": _step(list_results, gettext_lazy("The results are listed.")),
    "cancel": _cancel,
    "propose": _propose,
    "answer": _answer,
    "sessions": _sessions,
    "enter": _enter,
    "observe": _observe,
}
