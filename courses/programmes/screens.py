"""Programmes as people see them: one's own, that of somebody one answers for, and those whom one mentors."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from academy.calendar.clock import local_day
from academy.errors.refusals import BESIDE, RuleViolation
from academy.models import User
from academy.requests.asked import own_address
from academy.requests.kept.presence import none_of
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to, team_of
from academy.viewsets.panels import TodoItem, duties_today, duty_item, open_duties
from courses.models import ProgrammeAssignee, ProgrammeStep, ProgrammeTick
from courses.programmes.acts import (
    may_name_mentor,
    may_read_programme,
    name_mentor,
    refuse_mentor,
    tick_task,
    ticks_on,
    untick_task,
)
from courses.programmes.mentors import colleagues_of, mentor_refusal, possible_mentors
from courses.programmes.plan import DONE, LATER, Planned
from courses.programmes.stands import OwnProgramme, programmes_in, programmes_of

# So many steps stand on the home page.
SHOWN = 3


@dataclass(frozen=True)
class ShownProgramme:
    """One programme on its page: ``ticks`` says whose tasks the reader may tick, ``names`` whether the mentor may be named."""

    own: OwnProgramme
    ticks: frozenset[str] = frozenset()
    names: bool = False
    # Who is proposed as mentor.
    colleagues: tuple[User, ...] = ()
    # The ticks that stand, by step: whoever reads the programme reads who ticked and what they saw.
    seen: Mapping[int, ProgrammeTick] = field(default_factory=dict)

    def may_tick(self, planned: Planned) -> bool:
        if planned.step.ticked_by not in self.ticks or planned.state == LATER:
            return False
        return planned.state == DONE or not self.own.lacks_mentor

    def tick_of(self, planned: Planned) -> ProgrammeTick | None:
        return self.seen.get(planned.step.pk)


@login_required
@never_cache
@require_safe
def programme(request: SignedInRequest) -> HttpResponse:
    """One's own months: what to learn, practise and be observed in, with whom."""
    today = local_day(timezone.now())
    seen = _ticks_of(request.user.pk)
    shown = [ShownProgramme(own, seen=seen) for own in programmes_of([request.user.pk], today)]
    return render(request, "courses/programmes/programme.html", {"shown": shown, "today": today, "own": True})


@login_required
@never_cache
@require_safe
def programme_of(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same of somebody one answers for or mentors, with the tasks that are ticked."""
    today = local_day(timezone.now())
    person = get_object_or_404(User, pk=pk)
    found = [
        programme for programme in programmes_of([pk], today) if may_read_programme(request.user, programme.row, today)
    ]
    if not found:
        raise Http404
    colleagues, seen = possible_mentors(person, today), _ticks_of(pk)
    shown = [
        ShownProgramme(own, frozenset(ticks_on(request.user, own.row, today)), names, colleagues if names else (), seen)
        for own in found
        for names in [may_name_mentor(request.user, own.row, today)]
    ]
    context = {"shown": shown, "today": today, "person": person, "own": request.user.pk == pk}
    context["back"] = own_address(request.GET.get("back", ""))
    context["mentors"] = any(own.row.mentor_id == request.user.pk for own in found)
    return render(request, "courses/programmes/programme.html", context)


def _ticks_of(person: int) -> dict[int, ProgrammeTick]:
    standing = ProgrammeTick.objects.filter(person=person, withdrawn_at=None, step__isnull=False)
    return {tick.step_id: tick for tick in standing.select_related("ticked_by") if tick.step_id is not None}


@login_required
@never_cache
@require_safe
def mentees(request: SignedInRequest) -> HttpResponse:
    """Those whom one mentors, who is late first, with what waits for the mentor."""
    today = local_day(timezone.now())
    found = _mentored_by(request.user, today)
    found.sort(key=lambda shown: (-shown.plan.late, shown.row.person.staff_number))
    rows = [(own, [planned for planned in own.plan.next if planned.step.ticked_by == "mentor"]) for own in found]
    return render(request, "courses/programmes/mentees.html", {"rows": rows, "today": today})


def _mentored_by(mentor: User, today: date) -> list[OwnProgramme]:
    return programmes_in(ProgrammeAssignee.objects.filter(mentor=mentor), today)


def _row(request: SignedInRequest, pk: int) -> ProgrammeAssignee:
    """A row that the person of the request may read; else it is not there."""
    today = local_day(timezone.now())
    found = programmes_in(ProgrammeAssignee.objects.filter(pk=pk), today)
    if not found or not may_read_programme(request.user, found[0].row, today):
        raise Http404
    return found[0].row


@login_required
@require_POST
def tick(request: SignedInRequest, pk: int, task: int) -> HttpResponse:
    """``do`` is tick or untick; a tick is taken back once it is said again, with its day in sight."""
    row = _row(request, pk)
    asked = get_object_or_404(ProgrammeStep, pk=task, programme=row.assignment.programme_id)
    if request.POST.get("do") == "untick":
        standing = ProgrammeTick.objects.select_related("ticked_by").filter(person=row.person_id, step=asked)
        known = standing.filter(withdrawn_at=None).first()
        if known is not None and request.POST.get("sure") != "1":
            back = own_address(request.POST.get("back", ""))
            context = {"row": row, "step": asked, "tick": known, "person": row.person, "back": back}
            return render(request, "courses/programmes/untick.html", context)
        untick_task(row=row, step=asked, now=timezone.now(), actor=request.user)
        messages.success(request, _("The tick is taken back."), extra_tags=f"{BESIDE} step-{asked.pk}")
    else:
        note = request.POST.get("note", "")
        tick_task(row=row, step=asked, note=note, now=timezone.now(), actor=request.user)
        said = _("Ticked: %(task)s") % {"task": asked.local_name}
        messages.success(request, said, extra_tags=f"{BESIDE} step-{asked.pk}")
    return redirect(f"{_back_to_programme(request, row)}#step-{asked.pk}")


@login_required
@require_POST
def mentor(request: SignedInRequest, pk: int) -> HttpResponse:
    """Named by staff number, or by the name that one colleague has. Another one takes the place of who was named once that
    is said again; who cannot be mentor is refused before."""
    row = _row(request, pk)
    chosen = _chosen(request.user, row.person, request.POST.get("mentor", "").strip()[:32])
    refuse_mentor(row=row, mentor=chosen, today=local_day(timezone.now()), actor=request.user)
    replaced = row.mentor is not None and row.mentor_id != chosen.pk
    if replaced and request.POST.get("sure") != "1":
        context = {"row": row, "chosen": chosen, "back": own_address(request.POST.get("back", ""))}
        return render(request, "courses/programmes/another_mentor.html", context)
    name_mentor(row=row, mentor=chosen, now=timezone.now(), actor=request.user)
    messages.success(request, _("%(name)s is the mentor now.") % {"name": chosen.display_name})
    return redirect(_back_to_programme(request, row))


def _chosen(actor: User, person: User, words: str) -> User:
    """Whom the words name: by number anybody who can be mentor, by name a colleague of the branch or one whom the actor sees.
    Of others nothing is told. Raises ``RuleViolation`` where they name nobody, or several."""
    today = local_day(timezone.now())
    known = Q()
    for people in (colleagues_of(person, today), team_of(actor, today), people_visible_to(actor, today)):
        known |= Q(pk__in=people.order_by().values("pk"))
    numbered = Q(staff_number=words)
    named = list(User.objects.filter(known, numbered | Q(display_name=words, is_active=True))[:2])
    if len(named) == 1:
        return named[0]
    said = {"words": words or "–"}
    if named:
        raise RuleViolation(_("Several are called %(words)s: write the staff number of the mentor.") % said)
    elsewhere = User.objects.filter(numbered).first()
    if elsewhere is not None and mentor_refusal(person, elsewhere, today) is None:
        return elsewhere
    raise RuleViolation(_("Nobody at the branch or among your people has the name or number %(words)s.") % said)


def _back_to_programme(request: SignedInRequest, row: ProgrammeAssignee) -> str:
    """The page of the programme, with the way back that it was opened with."""
    back = own_address(request.POST.get("back", ""))
    return address_of_programme(row.person_id) + (f"?{urlencode({'back': back})}" if back else "")


def address_of_programme(person: int) -> str:
    return reverse("courses:programme_of", args=[person])


def home_panels(request: SignedInRequest) -> list[dict[str, Any]]:
    """One's own programme beside the ladder, without a query for who is in none; and the way to those whom one mentors."""
    today, found = local_day(timezone.now()), []
    if any("programme" in duty.facts for duty in duties_today(request)):
        rows = [(own, own.plan.next[:SHOWN]) for own in programmes_of([request.user.pk], today)]
        context: dict[str, Any] = {"rows": rows, "today": today}
        found.append({"column": "side", "order": 20, "template": "courses/programmes/panel.html", "context": context})
    if none_of(ProgrammeAssignee, [request.user.pk]):
        return []
    count = ProgrammeAssignee.objects.filter(mentor=request.user, until=None).count()
    if count:
        context, template = {"count": count}, "courses/programmes/mentees_panel.html"
        found.append({"column": "side", "order": 25, "template": template, "context": context})
    return found


def todo_items(request: SignedInRequest) -> list[TodoItem]:
    """Steps that are no course; courses stand among those that are assigned."""
    return [
        replace(duty_item(duty), tag=duty_item(duty).tag or _("Programme"))
        for duty in open_duties(request, "programme")
    ]


def person_panels(request: SignedInRequest, person: User) -> list[dict[str, Any]]:
    """HR's page of a person says where the programme stands. One query for who is in none."""
    found = programmes_of([person.pk], local_day(timezone.now()))
    if not found:
        return []
    context = {"programmes": found}
    return [{"section": "learning", "order": 5, "template": "courses/programmes/person_panel.html", "context": context}]
