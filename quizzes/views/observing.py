"""Observed practice, phone first: the list of the day, one occasion, the written case and the score sheet."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.house_rules.reading import values_for
from academy.models import Role, User
from academy.requests.kept.answers import versions_of
from academy.requests.signed_in import SignedInRequest, is_signed_in
from academy.staff.access import has_role
from quizzes.engaged import engaged_from
from quizzes.forms import OfferForm, is_day_off
from quizzes.models import Observation, ObservedPractice, ScoreSheet
from quizzes.models.observing import OPEN, sheets_handed_in
from quizzes.observing import booking, scoring, written_case
from quizzes.observing.absence import take_absence_back
from quizzes.observing.panels import needed_by
from quizzes.observing.printing import LANGUAGES, role_card_pdf, rubric_pdf
from quizzes.observing.reach import (
    assessed_by,
    assessing_refusal,
    beyond,
    calibrations_of,
    readable_by,
    without_place,
)
from quizzes.observing.showing import criteria_of
from quizzes.views.occasion import context_of
from quizzes.views.private_files import file_answer
from quizzes.views.score_sheets import LONGEST_LIST, ScoringScreen, keep_draft, score_sheet


@login_required
@never_cache
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """What I assess today, what waits for an assessor, and what I am observed in."""
    now = timezone.now()
    today, states = local_day(now), Observation.State
    rows = (
        assessed_by(request.user, today).annotate(sheets_done=sheets_handed_in()).select_related("practice", "person")
    )
    open_rows = rows.filter(state__in=[states.ASKED, states.OFFERED, states.BOOKED]).order_by("starts_at", "asked_at")
    assessing = list(open_rows[:LONGEST_LIST])
    observed = Observation.objects.filter(person=request.user).annotate(sheets_done=sheets_handed_in())
    mine = list(observed.select_related("practice", "person")[:LONGEST_LIST])
    sheets = ScoreSheet.objects.filter(assessor=request.user, observation__in=assessing)
    own = dict(sheets.values_list("observation", "handed_in_at"))
    done = [row for row in assessing if own.get(row.pk) is not None]
    booked = [
        row
        for row in assessing
        if row.pk in own and row not in done and row.state == states.BOOKED and row.starts_at is not None
    ]
    short = [row for row in assessing if row.state == states.BOOKED and row.pk not in own]
    asking = [row for row in assessing if row.state == states.ASKED or row in short]
    closed = without_place(short, request.user, today) | beyond(asking, request.user, today)
    waiting = [row for row in asking if row.pk not in closed]
    groups = [
        (_("To score today"), [row for row in booked if row.starts_at and local_day(row.starts_at) <= today]),
        (_("Booked"), [row for row in booked if row.starts_at and local_day(row.starts_at) > today]),
        (_("Offered, not yet accepted"), [row for row in assessing if row.state == states.OFFERED]),
        (_("Waiting for an assessor"), waiting),
        (_("Handed in by me, the result is still to come"), done),
        (
            _("Scored by me"),
            list(rows.filter(state__in=[states.SCORED, states.UNCOUNTED]).order_by("-observed_on")[:20]),
        ),
    ]
    # What is asked for already is followed above, not asked for again.
    followed = [observation.practice_id for observation in mine if observation.state in OPEN]
    practices = ObservedPractice.objects.filter(active=True).exclude(pk__in=followed)
    ahead = booking.asked_from(request.user, today)
    return render(
        request,
        "quizzes/observe/index.html",
        {
            "groups": groups,
            "assesses": has_role(request.user, today, Role.ASSESSOR),
            "any": any(rows for _heading, rows in groups),
            "mine": mine,
            "calibrations": calibrations_of(request.user, today)[:LONGEST_LIST],
            "practices": [(practice, ahead.get(practice.pk)) for practice in practices],
            "now": now,
            "today": today,
        },
    )


@login_required
@never_cache
def practice(request: SignedInRequest, code: str) -> HttpResponse:
    """What is observed and by which sheet, with the button that asks for it."""
    observed_practice = get_object_or_404(ObservedPractice.objects.select_related("rubric"), code=code)
    now = timezone.now()
    empty = request.method == "POST" and not request.POST.get("words", "").strip()
    if request.method == "POST" and not empty:
        try:
            made = booking.ask(
                practice=observed_practice,
                person=request.user,
                actor=request.user,
                words=request.POST.get("words", ""),
                now=now,
            )
        except RuleViolation as refusal:
            messages.error(request, str(refusal))
            return redirect(observed_practice)
        messages.success(
            request, _("Asked for. An assessor offers you a time; you find it here and among your notices.")
        )
        return redirect(made)
    return render(
        request,
        "quizzes/observe/practice.html",
        {
            "practice": observed_practice,
            "criteria": criteria_of(observed_practice.terms()["rubric"]),
            "brief": observed_practice.words("brief"),
            "refusal": booking.asking_refusal(practice=observed_practice, person=request.user, today=local_day(now)),
            "mine": Observation.objects.filter(practice=observed_practice, person=request.user).annotate(
                sheets_done=sheets_handed_in()
            ),
            "limit": booking.WORDS_LIMIT,
            "empty": empty,
        },
        status=400 if empty else 200,
    )


@login_required
@never_cache
@require_safe
def rubric_printed(request: SignedInRequest, code: str, language: str) -> HttpResponse:
    """The score sheet on one page, to print."""
    found = get_object_or_404(ObservedPractice.objects.select_related("rubric"), code=code)
    return _printed(request, found, language, rubric_pdf, found.rubric.name)


def _printed(
    request: SignedInRequest, found: ObservedPractice, language: str, made: Callable[..., bytes], name: str
) -> HttpResponse:
    if language not in LANGUAGES:
        raise Http404
    values = values_for(request.user.pk, now=timezone.now(), versions=versions_of(request, request.user.pk))
    response = HttpResponse(made(found, language=language, values=values), content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(False, f"{name}.pdf") or ""
    return response


def _get_or_404(request: SignedInRequest, uuid: UUID) -> Observation:
    """Fetches and checks in one step: what is not the reader's to see is not there."""
    rows = readable_by(request.user, local_day(timezone.now()))
    return get_object_or_404(
        rows.select_related("practice", "person", "asked_by", "offered_by", "ended_by").distinct(), uuid=uuid
    )


@login_required
@never_cache
def observation(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One occasion: where it stands and what may be done; with the sheets once it has a result."""
    found, now = _get_or_404(request, uuid), timezone.now()
    data = request.POST if request.POST.get("act") == "offer" else None
    until = now + booking.AHEAD
    busy, taken = engaged_from(assessor=request.user, person=found.person, now=now, until=until, but=found)
    form = OfferForm(data, now=now, busy=busy, taken=taken, starts_at=found.starts_at, place=found.place)
    if request.POST.get("act") == "absent" and request.POST.get("reason", "").strip() and "sure" not in request.POST:
        begins = found.starts_at
        waited = int((now - begins).total_seconds()) // 60 if begins is not None and begins <= now else None
        said = {"observation": found, "practice": found.practice, "reason": request.POST["reason"], "waited": waited}
        return render(request, "quizzes/observe/absent.html", said)
    if request.method == "POST":
        if data is None or form.is_valid():
            try:
                _act(request, found, form)
            except RuleViolation as refusal:
                messages.error(request, str(refusal))
                if data is None:
                    return redirect(found)
            else:
                return redirect(found)
        else:
            messages.error(request, offer_problem(form))
    # An offer that was refused stands as it was typed: day, hour and place are not chosen anew.
    return render(request, "quizzes/observe/observation.html", context_of(request, found, form, now))


def offer_problem(form: OfferForm) -> str:
    """What of the offer is missing, else what is wrong with it."""
    missing = any(form.has_error(name, "required") for name in form.fields)
    said = [str(text) for texts in form.errors.values() for text in texts]
    return _("Say when and where.") if missing or not said else said[0]


def _act(request: SignedInRequest, found: Observation, form: OfferForm) -> None:
    """One act of one side. Whoever is not of it meets a page that is not there."""
    now, user, act = timezone.now(), request.user, request.POST.get("act", "")
    reason = request.POST.get("reason", "")
    try:
        if act == "offer":
            values = form.cleaned_data
            booking.offer(observation=found, assessor=user, starts_at=form.starts_at, place=values["place"], now=now)
            done = _("Offered. You will be notified when it is accepted.")
            if is_day_off(local_day(form.starts_at)):
                done += " " + _("It is not a working day.")
            last = needed_by(found, local_day(now))
            if last is not None and local_day(form.starts_at) > last:
                done += " " + _("This is after the last day for it, %(day)s.") % {
                    "day": date_format(last, "SHORT_DATE_FORMAT")
                }
        elif act == "join":
            booking.join(observation=found, assessor=user, now=now)
            done = _("You assess this one.")
        elif act == "step_back":
            booking.step_back(observation=found, assessor=user, now=now)
            done = _("You do not assess this one any more. Its time stands.")
        elif act == "accept":
            booking.accept(observation=found, person=user, now=now)
            done = _("Booked.")
        elif act == "put_off":
            booking.put_off(observation=found, actor=user, reason=reason, now=now)
            done = _("Put off. Another time is offered by an assessor.")
            if user.pk == found.person_id:
                done = _("Asked for. The assessors read what you wrote and offer another time.")
            if has_role(user, local_day(now), Role.ASSESSOR) and user.pk != found.person_id:
                done = _("Put off. The request is open again: offer another time here, or another assessor does.")
        elif act in ("withdraw", "absent"):
            booking.end(observation=found, actor=user, came=act == "withdraw", reason=reason, now=now)
            done = _("The request is withdrawn.") if act == "withdraw" else _("Noted.")
        elif act == "came":
            take_absence_back(observation=found, actor=user, now=now)
            done = _("Taken back. The booking stands as before.")
        elif act == "answer":
            scoring.answer(observation=found, person=user, words=request.POST.get("words", ""), now=now)
            done = _("Your answer is shown beside the result.")
            if found.state == Observation.State.NO_SHOW:
                done = _("Sent. The assessor and HR read it here.")
        else:
            raise Http404
    except LookupError:
        raise Http404 from None
    messages.success(request, done)


@login_required
@never_cache
@require_safe
def role_card_printed(request: SignedInRequest, uuid: UUID, language: str) -> HttpResponse:
    """The role card on one page: for who may assess this one, and never for the person who is observed."""
    found, on = _get_or_404(request, uuid), local_day(timezone.now())
    if not _assesses(request.user, found, on) or not found.practice.words("role_card"):
        raise Http404
    name = f"{found.practice.local_name} {found.practice.card_heading}"
    return _printed(request, found.practice, language, role_card_pdf, name)


def _assesses(user: User, found: Observation, on: date) -> bool:
    """Whether the person may assess this occasion, and so read how it is played."""
    assessor = has_role(user, on, Role.ASSESSOR) and user.pk != found.person_id
    return assessor and assessing_refusal(observation=found, assessor=user, on=on) is None


@login_required
@never_cache
def case(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The written case in its sections or as a file, by the person; the assessors read it on the score sheet."""
    found = get_object_or_404(
        Observation.objects.select_related("practice"), uuid=uuid, person=request.user, practice__kind="case"
    )
    kept = [section["text"] for section in found.case.get("sections", [])]
    texts = request.POST.getlist("section") if request.method == "POST" else kept
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            written_case.hand_in_case(
                observation=found, person=request.user, texts=texts, file=file, now=timezone.now()
            )
        except RuleViolation as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Handed in. You can change it until the first assessor has scored."))
            return redirect(found)
    headings = found.practice.headings
    sections = [(heading, texts[place] if place < len(texts) else "") for place, heading in enumerate(headings)]
    return render(
        request,
        "quizzes/observe/case.html",
        {"observation": found, "practice": found.practice, "sections": sections, "limit": written_case.CASE_LIMIT},
        status=400 if request.method == "POST" else 200,
    )


@login_required
@never_cache
@require_safe
def case_file(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """The written case as it was handed in, for the person, the assessors and whoever else reads the observation."""
    found = _get_or_404(request, uuid)
    if not found.case_file:
        raise Http404
    return file_answer(found.case_file, f"case-{found.pk}")


def _sheet_or_404(request: SignedInRequest, uuid: UUID) -> ScoreSheet:
    rows = ScoreSheet.objects.select_related("observation__practice", "observation__person", "assessor")
    return get_object_or_404(rows, observation__uuid=uuid, assessor=request.user)


@login_required
@never_cache
def score(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The sheet in large targets; what is chosen is kept at once, on the phone and here."""
    sheet = _sheet_or_404(request, uuid)
    found, practice = sheet.observation, sheet.observation.practice
    early = scoring.before_start(found, timezone.now())
    reading: list[dict[str, Any]] = [
        {"heading": practice.card_heading, "text": practice.words("role_card")},
        {"heading": _("The written case"), "sections": found.case_sections},
    ]
    return score_sheet(
        request,
        ScoringScreen(
            sheet=sheet,
            key=str(found.uuid),
            title=found.person.display_name,
            subtitle=practice.local_name,
            back=found.get_absolute_url(),
            address=reverse("observe:score", args=[uuid]),
            draft_address=reverse("observe:draft", args=[uuid]),
            rubric=found.terms["rubric"],
            pass_mark=found.terms["pass_mark"],
            refusal=scoring.scoring_refusal(observation=found, assessor=request.user, now=timezone.now()),
            weigh=scoring.weigh,
            hand_in=scoring.hand_in,
            done=_("Handed in. It is final now; a correction takes two people."),
            comment_label=_("In words, for the person"),
            read_by=_("What the person reads"),
            early=early,
            final=early or _("Once handed in it cannot be changed; a correction takes two people."),
            file=reverse("observe:case_file", args=[uuid]) if found.case_file else "",
            file_label=_("Written case as a file"),
            reading=[part for part in reading if part.get("text") or part.get("sections")],
            alone=found.sheets_wanted == 1,
            late=scoring.is_late(found, timezone.now()),
        ),
    )


@never_cache
@require_POST
def draft(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keeps a half-filled sheet; the script is told what became of it and keeps its own until then."""
    if not is_signed_in(request):
        return JsonResponse({"error": "signed out"}, status=401)
    return keep_draft(request, _sheet_or_404(request, uuid))
