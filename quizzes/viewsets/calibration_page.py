"""One calibration's page in the admin: its reference, who is invited, and how far their scores lie apart."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from wagtail.admin import messages

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.requests.asked import DayInput, whole_number
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import Column, ColumnKind, Sheet, columns_of, workbook_answer
from academy.staff.access import branches_visible_to
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import scope_of
from quizzes.hall.seating import read_lines
from quizzes.models import Calibration
from quizzes.observing import calibrating
from quizzes.observing.comparing import Comparison, compare
from quizzes.observing.reach import KEEPERS
from quizzes.observing.showing import criteria_of, levels_in, vetoes_of
from quizzes.views.private_files import file_answer

EXPORT = register_action("quizzes.export_calibration", gettext_lazy("Result of a calibration exported"))
LONGEST_PASTE = 20_000


def get_calibration_or_404(request: SignedInRequest, pk: int) -> Calibration:
    viewer, today = scope_of(request)
    rows = Calibration.objects.select_related("rubric", "branch", "reference_by")
    return get_object_or_404(rows, pk=pk, branch__in=branches_visible_to(viewer, today))


def is_blind(calibration: Calibration, viewer: User, today: date) -> bool:
    """Whether the viewer is an invited assessor for whom reference and comparison are not open yet."""
    sheet = calibration.sheets.filter(assessor=viewer).select_related("calibration").first()
    return sheet is not None and not calibrating.comparison_is_open(sheet=sheet, today=today)


def calibration_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything about one calibration; a post does one of ``_DEEDS`` and leads back."""
    found = get_calibration_or_404(request, pk)
    viewer, today = scope_of(request)
    may_change = branches_visible_to(viewer, today, KEEPERS).filter(pk=found.branch_id).exists()
    if request.method == "POST":
        deed = _DEEDS.get(request.POST.get("do", ""))
        if deed is None or not may_change:
            raise Http404
        try:
            deed(request, found, timezone.now())
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
        return redirect("calibrations:calibration", pk=pk)
    phase, phases = found.phase_on(today), Calibration.Phase
    blind = is_blind(found, viewer, today)
    comparison = None if blind or found.announced_at is None else compare(found)
    if found.reference and not blind:
        calibrating.note_reader(calibration=found, reader=viewer)
    rubric = found.terms.get("rubric") or found.rubric.as_data(observed=True)
    reference = {} if blind else found.reference
    return admin_page(
        request,
        "quizzes/admin/calibration.html",
        {
            "calibration": found,
            "phase": phases(phase).label,
            "draft": phase == phases.DRAFT,
            "closed": phase == phases.CLOSED,
            "running": phase in (phases.DRAFT, phases.COMING, phases.OPEN),
            "may_change": may_change,
            "blind": blind,
            "criteria": criteria_of(rubric, reference.get("levels", {})),
            "vetoes": vetoes_of(rubric, reference.get("vetoes", []), reference.get("levels", {})),
            "reference": reference,
            "refusal": calibrating.announcing_refusal(found, today) if phase == phases.DRAFT else None,
            "waiting": list(found.sheets.filter(handed_in_at=None).select_related("assessor")),
            "invited": found.sheets.count(),
            "comparison": comparison if comparison and comparison.sheets else None,
            "day_input": DayInput().render("closes_on", "", {"id": "closes-on", "required": True}),
        },
        title=found.local_name,
        icon="view",
        above=[(reverse("calibrations:index"), _("Calibrations"))],
    )


def calibration_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The recording or paper, for who looks after it."""
    found = get_calibration_or_404(request, pk)
    viewer, today = scope_of(request)
    waiting = found.phase_on(today) in (Calibration.Phase.DRAFT, Calibration.Phase.COMING)
    if not found.file or (waiting and found.sheets.filter(assessor=viewer).exists()):
        raise Http404
    return file_answer(found.file, f"calibration-{found.pk}")


def results_workbook(request: SignedInRequest, pk: int) -> HttpResponse:
    """Assessors and criteria as a workbook; the journal keeps who took it."""
    found, now = get_calibration_or_404(request, pk), timezone.now()
    viewer, today = scope_of(request)
    if found.announced_at is None or is_blind(found, viewer, today):
        raise Http404
    comparison = compare(found)
    calibrating.note_reader(calibration=found, reader=viewer)
    with transaction.atomic():
        record(EXPORT, now=now, actor=viewer, about=found, after={"rows": len(comparison.sheets)})
    return workbook_answer(f"calibration-{found.pk}", *_sheets_of(found, comparison))


def _sheets_of(found: Calibration, comparison: Comparison) -> list[Sheet]:
    number = ColumnKind.NUMBER
    header = [
        (_("Calibration"), found.local_name),
        (_("Branch"), found.branch.name),
        (pgettext("calibration", "Open"), f"{found.opens_on.isoformat()} – {found.closes_on.isoformat()}"),
        (_("Score of the reference"), comparison.reference),
        (_("Listed from (levels)"), found.terms["drift_from"]),
    ]
    columns = [
        Column(_("Staff number"), ColumnKind.TEXT),
        Column(_("Assessor")),
        Column(pgettext("score sheet", "Handed in"), ColumnKind.MOMENT, 22),
        Column(_("Score of 100"), number),
        Column(_("Pass or fail")),
        Column(_("Drift from the overall median (levels)"), number),
        Column(_("Mean distance (levels)"), number),
        Column(_("From the reference (levels)"), number),
        Column(_("Listed as")),
        Column(_("Vetoes that differ"), width=40),
        *(Column(criterion.name, number) for criterion in comparison.criteria),
    ]
    rows = [
        [
            sheet.assessor.staff_number,
            sheet.assessor.display_name,
            sheet.sheet.handed_in_at,
            sheet.score,
            sheet.verdict,
            round(sheet.drift.drift, 2),
            round(sheet.drift.distance, 2),
            round(sheet.drift.from_reference, 2),
            str(sheet.leaning),
            "; ".join(sheet.vetoes),
            *(sheet.level_of(criterion) for criterion in comparison.criteria),
        ]
        for sheet in comparison.sheets
    ]
    spread = [
        [
            criterion.name,
            criterion.spread.median,
            criterion.spread.lowest,
            criterion.spread.highest,
            criterion.spread.reference,
        ]
        for criterion in comparison.criteria
    ]
    headings = columns_of(
        _("Criterion"),
        _("Median level"),
        pgettext("level", "Lowest"),
        pgettext("level", "Highest"),
        pgettext("calibration", "Reference"),
    )
    return [
        Sheet(_("Assessors"), columns, rows, header, frozen=2),
        Sheet(_("Criteria"), headings, spread, [(pgettext("rubric", "Levels"), _("counted from 0, the lowest"))]),
    ]


def _reference(request: SignedInRequest, found: Calibration, now: datetime) -> None:
    calibrating.set_reference(
        calibration=found,
        levels=levels_in(request.POST),
        vetoes=request.POST.getlist("veto"),
        words=request.POST.get("words", ""),
        words_en=request.POST.get("words_en", ""),
        actor=request.user,
        now=now,
    )
    messages.success(request, _("The reference is set."))


def _invite(request: SignedInRequest, found: Calibration, now: datetime) -> None:
    able = calibrating.assessors_of(found, local_day(now))
    text = request.POST.get("numbers", "")[:LONGEST_PASTE]
    if request.POST.get("whom") == "all":
        day, knowing = local_day(now), found.reference_known_to.values("pk")
        free = able.exclude(pk__in=knowing)
        people = [assessor for assessor in free if not calibrating.sees_all(assessor, found, day)]
    else:
        numbers = [number for _line, number in read_lines(text)]
        by_number = {assessor.staff_number: assessor for assessor in able.filter(staff_number__in=numbers)}
        unknown = [number for number in numbers if number not in by_number]
        if unknown:
            raise RuleViolation(
                _("No assessors of this branch: %(names)s")
                % {"names": ", ".join(number[:32] for number in unknown[:10])}
            )
        people = list({number: by_number[number] for number in numbers}.values())
    if not people:
        raise RuleViolation(_("Name at least one person."))
    count = calibrating.invite(calibration=found, people=people, actor=request.user, now=now)
    done = ngettext("%(count)s assessor invited.", "%(count)s assessors invited.", count)
    messages.success(request, done % {"count": count})


def _let_off(request: SignedInRequest, found: Calibration, now: datetime) -> None:
    number = whole_number(request.POST.get("sheet", "")) or 0
    sheet = get_object_or_404(found.sheets.select_related("calibration"), pk=number)
    calibrating.let_off(sheet=sheet, reason=request.POST.get("reason", ""), actor=request.user, now=now)
    messages.success(request, _("Let off."))


def _announce(request: SignedInRequest, found: Calibration, now: datetime) -> None:
    calibrating.announce(calibration=found, actor=request.user, now=now)
    messages.success(request, _("Announced. The assessors are told."))


def _extend(request: SignedInRequest, found: Calibration, now: datetime) -> None:
    try:
        day = parse_date(request.POST.get("closes_on", ""))
    except ValueError:
        day = None
    if day is None or day.year > 2199:
        raise RuleViolation(_("Enter a date, such as 2026-12-31."))
    reason = request.POST.get("reason", "")
    calibrating.extend(calibration=found, closes_on=day, reason=reason, actor=request.user, now=now)
    messages.success(request, _("Extended. Anyone who has not handed in is notified."))


def _call_off(request: SignedInRequest, found: Calibration, now: datetime) -> None:
    calibrating.call_off(calibration=found, reason=request.POST.get("reason", ""), actor=request.user, now=now)
    messages.success(request, _("Called off."))


_DEEDS: dict[str, Callable[[SignedInRequest, Calibration, datetime], Any]] = {
    "reference": _reference,
    "invite": _invite,
    "let_off": _let_off,
    "announce": _announce,
    "extend": _extend,
    "call_off": _call_off,
}
