"""The assessor's side of a calibration, phone first: the case, the sheet, and later how one scored beside the others."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from academy.calendar.clock import local_day
from academy.requests.signed_in import SignedInRequest, is_signed_in
from quizzes.models import Calibration, CalibrationSheet
from quizzes.observing import calibrating
from quizzes.observing.comparing import compare
from quizzes.observing.reach import calibrations_of
from quizzes.observing.showing import weighed_words
from quizzes.views.private_files import file_answer
from quizzes.views.score_sheets import ScoringScreen, keep_draft, score_sheet


def _sheet_or_404(request: SignedInRequest, uuid: UUID) -> CalibrationSheet:
    """One's own sheet: who is not invited finds nothing, whatever the role."""
    rows = calibrations_of(request.user, local_day(timezone.now())).select_related("assessor")
    return get_object_or_404(rows, calibration__uuid=uuid)


@login_required
@never_cache
@require_safe
def calibration(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Where it stands; the case once it is open, the comparison once it may be seen."""
    sheet, now = _sheet_or_404(request, uuid), timezone.now()
    found, today = sheet.calibration, local_day(now)
    phase = found.phase_on(today)
    comparison = None
    if calibrating.comparison_is_open(sheet=sheet, today=today):
        comparison = compare(found, own=request.user)
    mine = [sheet for sheet in comparison.sheets if sheet.assessor.pk == request.user.pk] if comparison else []
    return render(
        request,
        "quizzes/observe/calibration.html",
        {
            "calibration": found,
            "sheet": sheet,
            "phase": Calibration.Phase(phase).label,
            "open": phase == Calibration.Phase.OPEN,
            "case": found.words("case") if phase != Calibration.Phase.COMING else "",
            "refusal": None if sheet.handed_in_at else calibrating.scoring_refusal(sheet=sheet, now=now),
            "comparison": comparison,
            "mine": mine[0] if mine else None,
            "own": weighed_words(sheet.fraction, sheet.chosen, found.terms["rubric"])
            if sheet.fraction is not None
            else None,
            "reference_words": found.reference_words if comparison else "",
        },
    )


@login_required
@never_cache
def calibration_score(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The sheet of an observation, for the case."""
    sheet = _sheet_or_404(request, uuid)
    found = sheet.calibration
    refusal = calibrating.scoring_refusal(sheet=sheet, now=timezone.now())
    reading: list[dict[str, Any]] = [{"heading": _("The case"), "text": found.words("case"), "open": True}]
    return score_sheet(
        request,
        ScoringScreen(
            sheet=sheet,
            key=str(found.uuid),
            title=found.local_name,
            subtitle=_("Calibration of assessors"),
            back=found.get_absolute_url(),
            address=reverse("observe:calibration_score", args=[uuid]),
            draft_address=reverse("observe:calibration_draft", args=[uuid]),
            rubric=found.terms["rubric"],
            pass_mark=found.terms["pass_mark"],
            refusal=refusal,
            weigh=calibrating.weigh,
            hand_in=calibrating.hand_in,
            done=_("Handed in. You see how the others scored as soon as the comparison opens."),
            comment_label=_("In words: why these levels"),
            read_by=_("What your HR training administrator reads"),
            final=_("Once handed in it cannot be changed."),
            reading=[] if refusal else reading,
            file=_file_address(found) if not refusal else "",
        ),
    )


@never_cache
@require_POST
def calibration_draft(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keeps a half-filled sheet; the script is told what became of it and keeps its own until then."""
    if not is_signed_in(request):
        return JsonResponse({"error": "signed out"}, status=401)
    return keep_draft(request, _sheet_or_404(request, uuid))


@login_required
@never_cache
@require_safe
def calibration_file(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """The recording or paper, for who is invited, from the day on which it opens."""
    found = _sheet_or_404(request, uuid).calibration
    if not found.file or found.phase_on(local_day(timezone.now())) == Calibration.Phase.COMING:
        raise Http404
    return file_answer(found.file, f"calibration-{found.pk}")


def _file_address(found: Calibration) -> str:
    return reverse("observe:calibration_file", args=[found.uuid]) if found.file else ""
