"""Assignments in the admin: made after a look at what they would do, listed by person, extended and withdrawn."""

import uuid as uuids
from typing import Any

from django.db.models import Count
from django.forms import model_to_dict
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.dates.due_dates import Problem
from academy.duties.ahead import notices_sent
from academy.duties.assignments import ASSIGNMENT_KINDS
from academy.duties.assignments.access import (
    branches_to_assign_in,
    may_assign,
    may_read,
)
from academy.duties.assignments.evaluating import rows_of
from academy.duties.assignments.forecasting import forecast, hearing, notices_of_assignment, notices_of_letting_go
from academy.duties.assignments.listing import open_exceptions, overdue_rows
from academy.duties.assignments.words import due_words
from academy.duties.assignments.works import ask_for_work, assignment_of, chosen_rows
from academy.models import Assignment, AssignmentWork, Job, User
from academy.requests.asked import whole_number
from academy.requests.form_token import key_of_form
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import XLSX
from academy.staff.access import people_visible_to
from academy.staff.audiences import asked_back
from academy.viewsets.assignment_forms import ChosenForm, ExtendForm, assignment_form
from academy.viewsets.assignment_lists import (
    AssigneeListing,
    AssignmentListing,
    model_or_404,
    own_assignment,
    reader_of,
)
from academy.viewsets.assignment_undoing import undo_withdrawal
from academy.viewsets.audiences import audience, audiences
from academy.viewsets.base import Scope
from academy.viewsets.jobs import asked_already, job_page, send_file
from academy.viewsets.pages import PageViewSet, Place, admin_page
from academy.viewsets.panels import Shortcut, WaitingItem
from academy.viewsets.scoped import scope_of

PAGE, NAMES = 50, 20
MOST_EXCEPTIONS = 3
EXCEPTIONS = {
    Problem.SHORT.value: _("have not enough time left for “%(what)s”"),
    Problem.UNKNOWN.value: _("have no date from which the days of “%(what)s” could run"),
}


def render(request: SignedInRequest, template: str, title: str, context: dict[str, Any], *above: Place) -> Any:
    """A page of the assignments, with the way to it."""
    return admin_page(
        request, f"academy/admin/assignments/{template}.html", context, title=title or _t("Assignments"), icon="tasks",
        above=[(reverse("assignments:index"), _t("Assignments")), *above], leaf=title,
    )  # fmt: skip


def new(request: SignedInRequest, kind: str) -> HttpResponse:
    """The form, then what it would do, then one confirmation."""
    viewer, today = scope_of(request)
    if not may_assign(viewer, today):
        raise Http404
    model = model_or_404(kind)
    form_class = assignment_form(model)
    initial: dict[str, Any] = {
        name: request.GET[name] for name in (model.target_field, "audience") if name in request.GET
    }
    if "like" in request.GET:
        former = own_assignment(request, kind, whole_number(request.GET["like"]) or 0)
        initial = model_to_dict(former, fields=list(form_class.base_fields))
    if answered := asked_already(request):
        return answered
    if "new_audience" in request.POST:
        # What was typed goes along and comes back.
        typed = {name: request.POST[name] for name in form_class.base_fields if request.POST.get(name)}
        return redirect(f"{reverse('assignments:new_audience')}?{urlencode({'for': kind, **typed})}")
    form = form_class(request.POST or None, viewer=viewer, today=today, initial=initial)
    if "typed" in request.GET:
        form.initial.update({name: request.GET.get(name, "") for name in form_class.base_fields})
    title = _t("New: %(kind)s") % {"kind": model._meta.verbose_name}
    context: dict[str, Any] = {"form": form, "kind": kind, "relative": ["assigned", "hired", "posted", "completed"]}
    if request.method == "POST" and form.is_valid():
        wanted = form.instance
        found = forecast(assignment=wanted, today=today)
        everybody = people_visible_to(viewer, today).employed(today).count()
        back = asked_back(found.everybody.count, everybody)
        if "save" in request.POST and (not back or request.POST.get("sure") == "1"):
            now = timezone.now()
            count = found.everybody.count
            work = ask_for_work(
                assignment=wanted, act=AssignmentWork.Act.EVALUATE, size=count, now=now, actor=viewer,
                once=key_of_form(request), new=True,
            )  # fmt: skip
            done = ngettext("Assigned to %(count)s person.", "Assigned to %(count)s people.", count) % {"count": count}
            return _after(request, work, wanted, done)
        notices = notices_of_assignment(assignment=wanted, now=timezone.now(), actor=viewer)
        context.update(
            forecast=found, asked_back=back, wanted=wanted, due=due_words(wanted), unsure="save" in request.POST,
            notices=notices, hearing=hearing(found, notices),
        )  # fmt: skip
    return render(request, "form", title, context)


def _after(request: SignedInRequest, work: Job, assignment: Assignment, done: str) -> HttpResponse:
    """To the list when the work is done already, else to where one sees it go on."""
    if work.state == Job.State.DONE and assignment.pk is not None:
        messages.success(request, done)
        return redirect("assignments:people", kind=assignment.kind, pk=assignment.pk)
    return redirect("assignments:work", uuid=work.academy_assignmentwork.uuid)


@require_POST
def sheet(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """The listing as a workbook: written by a task when it is long."""
    listing = AssigneeListing()
    listing.setup(request, kind=kind, pk=pk)
    asked, assignment, viewer = listing.question, listing.assignment, listing.viewer
    size = asked.rows(assignment, people_visible_to(viewer, listing.today), listing.today).count()
    work = ask_for_work(
        assignment=assignment, act=AssignmentWork.Act.SHEET, size=size, now=timezone.now(), actor=viewer,
        details={"state": asked.state, "branch": asked.branch, "problem": asked.problem, "search": asked.search},
        once=key_of_form(request),
    )  # fmt: skip
    if work.state == Job.State.DONE:
        return redirect("assignments:file", uuid=work.academy_assignmentwork.uuid)
    return redirect("assignments:work", uuid=work.academy_assignmentwork.uuid)


def change(request: SignedInRequest, kind: str, pk: int, act: str) -> HttpResponse:
    """Extends or takes out people by number, of a branch, or all: shown by name, then confirmed."""
    if answered := asked_already(request):
        return answered
    assignment = own_assignment(request, kind, pk, to_change=True)
    viewer, today = scope_of(request)
    form_class = {"extend": ExtendForm, "take-out": ChosenForm}.get(act)
    if form_class is None:
        raise Http404
    title = _t("Extend") if act == "extend" else _t("Take people out")
    form = form_class(
        request.POST or None,
        viewer=viewer,
        today=today,
        initial={"numbers": "\n".join(number[:32] for number in request.GET.getlist("person")[:PAGE])},
    )
    context: dict[str, Any] = {"form": form, "assignment": assignment, "act": act, "due": due_words(assignment)}
    if request.method == "POST" and form.is_valid():
        details = form.details()
        rows = form.checked(chosen_rows(assignment, details))
        count = rows.count()
        if "save" in request.POST and count and not form.errors:
            kinds = {"extend": AssignmentWork.Act.EXTEND, "take-out": AssignmentWork.Act.TAKE_OUT}
            work = ask_for_work(
                assignment=assignment, act=kinds[act], size=count, now=timezone.now(), actor=viewer, details=details,
                once=key_of_form(request),
            )  # fmt: skip
            return _after(request, work, assignment, _said(act, work))
        context.update(
            chosen=None if form.errors else count, faults=form.pasted.faults if form.pasted else [],
            names=[row.person for row in rows.select_related("person").order_by("person__staff_number")[:NAMES]],
        )  # fmt: skip
        if act == "take-out":
            context["notices"] = notices_of_letting_go(rows=rows, now=timezone.now())
        context["outside"] = len(form.pasted.people) - count if form.pasted else 0
    return render(request, "change", title, context, _place(assignment))


def _said(act: str, work: Job) -> str:
    count = work.result.get("people", 0)
    if act == "extend":
        text = ngettext("%(count)s person has a later due date.", "%(count)s people have a later due date.", count)
        return text % {"count": count}
    return ngettext("%(count)s person is taken out.", "%(count)s people are taken out.", count) % {"count": count}


def _place(assignment: Assignment) -> Place:
    return reverse("assignments:people", args=[assignment.kind, assignment.pk]), str(assignment.target)


def withdraw(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """Ends the assignment for everybody, with a reason."""
    if answered := asked_already(request):
        return answered
    assignment = own_assignment(request, kind, pk, to_change=True)
    viewer, _today = scope_of(request)
    rows, problem = rows_of(assignment).filter(until=None), ""
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:1000]
        if reason:
            work = _withdrawal_of(assignment, reason, viewer, once=key_of_form(request))
            sent = notices_sent(work.academy_assignmentwork.requested_at)
            return _after(request, work, assignment, f"{_t('The assignment is withdrawn.')} {sent}")
        problem = _t("A reason is needed.")
    context = {
        "assignment": assignment,
        "due": due_words(assignment),
        "count": rows.count(),
        "notices": notices_of_letting_go(rows=rows, now=timezone.now()),
        "problem": problem,
    }
    return render(request, "withdraw", _t("Withdraw assignment"), context, _place(assignment))


def withdraw_several(request: SignedInRequest, kind: str) -> HttpResponse:
    """Ends each of the ticked assignments, all with one reason; one that is not the viewer's to change is a 404."""
    numbers = [whole_number(typed) for typed in request.GET.getlist("assignment")[:PAGE]]
    if not numbers:
        reader_of(request)
        messages.error(request, _t("Tick an assignment first."))
        return redirect(f"{reverse('assignments:index')}?kind={model_or_404(kind).kind}")
    chosen = [own_assignment(request, kind, number or 0, to_change=True) for number in numbers]
    problem = ""
    if request.method == "POST":
        if reason := request.POST.get("reason", "").strip()[:1000]:
            for assignment in chosen:
                key = key_of_form(request)
                _withdrawal_of(assignment, reason, request.user, once=key and f"{key} {assignment.pk}")
            messages.success(
                request,
                ngettext("%(count)s assignment is withdrawn.", "%(count)s assignments are withdrawn.", len(chosen))
                % {"count": len(chosen)},
            )
            return redirect(f"{reverse('assignments:index')}?kind={kind}")
        problem = _t("A reason is needed.")
    now = timezone.now()
    counted = [
        (assignment, rows.count(), notices_of_letting_go(rows=rows, now=now))
        for assignment in chosen
        for rows in [rows_of(assignment).filter(until=None)]
    ]
    return render(request, "withdraw_several", _t("Withdraw assignments"), {"chosen": counted, "problem": problem})


def _withdrawal_of(assignment: Assignment, reason: str, actor: User, *, once: str | None) -> Job:
    return ask_for_work(
        assignment=assignment,
        act=AssignmentWork.Act.WITHDRAW,
        size=rows_of(assignment).filter(until=None).count(),
        now=timezone.now(),
        actor=actor,
        details={"reason": reason},
        once=once,
    )


@require_POST
def evaluate(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """Finds anew who is in it, without waiting for the night."""
    if answered := asked_already(request):
        return answered
    assignment = own_assignment(request, kind, pk, to_change=True)
    size = rows_of(assignment).filter(until=None).count()
    work = ask_for_work(
        assignment=assignment, act=AssignmentWork.Act.EVALUATE, size=size, now=timezone.now(), actor=request.user,
        once=key_of_form(request),
    )  # fmt: skip
    return _after(
        request, work, assignment,
        ngettext("Updated: %(count)s person entered or dropped out.", "Updated: %(count)s people entered or dropped out.", work.result.get("people", 0)) % {"count": work.result.get("people", 0)},
    )  # fmt: skip


def _own_work(request: SignedInRequest, uuid: uuids.UUID) -> AssignmentWork:
    viewer, _today = reader_of(request)
    assignment_work = get_object_or_404(
        AssignmentWork.objects.select_related("job"), uuid=uuid, requested_by=viewer, job__isnull=False
    )
    if assignment_work.kind not in ASSIGNMENT_KINDS:
        raise Http404
    return assignment_work


def work(request: SignedInRequest, uuid: uuids.UUID) -> HttpResponse:
    """The progress bar; leaving the page does not stop the work."""
    one = _own_work(request, uuid)
    assignment = assignment_of(one)
    return job_page(
        request, one.begun, template="academy/admin/assignments/work.html", title=str(one.get_act_display()),
        above=[(reverse("assignments:index"), _t("Assignments")), _place(assignment)],
        context={"work": one, "assignment": assignment},
    )  # fmt: skip


def file(request: SignedInRequest, uuid: uuids.UUID) -> FileResponse:
    one = _own_work(request, uuid)
    if one.act != AssignmentWork.Act.SHEET:
        raise Http404
    return send_file(one.job, f"assignment-{one.kind}-{one.assignment_id}.xlsx", content_type=XLSX)


def assignment_shortcuts(request: SignedInRequest) -> list[Shortcut]:
    """For the admin's home."""
    if not may_assign(*scope_of(request)):
        return []
    return [
        Shortcut(
            _t("New: %(kind)s") % {"kind": model._meta.verbose_name},
            reverse("assignments:new", args=[kind]),
            "tasks",
            310,
        )
        for kind, model in ASSIGNMENT_KINDS.items()
    ]


def exceptions_of_assignments(request: SignedInRequest) -> list[WaitingItem]:
    """For the admin's home of who assigns: assignments of the own part in which somebody's date is too near or unknown, those
    with most people first. One query a kind."""
    viewer, today = scope_of(request)
    if not may_assign(viewer, today):
        return []
    people, mine = people_visible_to(viewer, today).values("pk"), branches_to_assign_in(viewer, today)
    counted = [
        (row["count"], kind, row["assignment"], row["problem"])
        for kind, model in ASSIGNMENT_KINDS.items()
        for row in open_exceptions(model.assignees()._default_manager.filter(person__in=people), model, today)
        .filter(assignment__withdrawn_at=None, assignment__audience__branch__in=mine)
        .order_by()
        .values("assignment", "problem")
        .annotate(count=Count("pk"))
    ]
    counted.sort(key=lambda row: (-row[0], *row[1:]))
    return [
        WaitingItem(
            count=count,
            label=EXCEPTIONS[problem] % {"what": _target(kind, pk)},
            url=f"{reverse('assignments:people', args=[kind, pk])}?problem={problem}",
            order=330,
        )
        for count, kind, pk, problem in counted[:MOST_EXCEPTIONS]
    ]


def overdue_assignments(request: SignedInRequest) -> list[WaitingItem]:
    """For the admin's home of who assigns: how many assignments of each kind have own people who are overdue."""
    viewer, today = scope_of(request)
    if not may_assign(viewer, today):
        return []
    people = people_visible_to(viewer, today)
    return [
        WaitingItem(
            count=overdue_rows(model, people, today).order_by().values("assignment").distinct().count(),
            label=_t("overdue: %(kind)s") % {"kind": model._meta.verbose_name_plural},
            url=f"{reverse('assignments:index')}?kind={kind}&overdue=1",
            order=332,
        )
        for kind, model in ASSIGNMENT_KINDS.items()
    ]


def _target(kind: str, pk: int) -> str:
    model = ASSIGNMENT_KINDS[kind]
    return str(model._default_manager.select_related(model.target_field).get(pk=pk).target)


class AssignmentViewSet(PageViewSet):
    """The places of audiences and assignments."""

    scope = Scope.BRANCH
    name = "assignments"
    icon = "tasks"
    menu_label = _("Assignments")
    menu_name = "assignments"
    menu_order = 302
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", AssignmentListing.as_view(), name="index"),
            path("results/", AssignmentListing.as_view(results_only=True), name="index_results"),
            path("audiences/", audiences, name="audiences"),
            path("audiences/new/", audience, name="new_audience"),
            path("audiences/<int:pk>/", audience, name="audience"),
            path("work/<uuid:uuid>/", work, name="work"),
            path("work/<uuid:uuid>/list.xlsx", file, name="file"),
            path("<slug:kind>/new/", new, name="new"),
            path("<slug:kind>/withdraw/", withdraw_several, name="withdraw_several"),
            path("<slug:kind>/<int:pk>/", AssigneeListing.as_view(), name="people"),
            path("<slug:kind>/<int:pk>/results/", AssigneeListing.as_view(results_only=True), name="people_results"),
            path("<slug:kind>/<int:pk>/list/", sheet, name="sheet"),
            path("<slug:kind>/<int:pk>/withdraw/", withdraw, name="withdraw"),
            path("<slug:kind>/<int:pk>/undo-withdrawal/", undo_withdrawal, name="undo_withdrawal"),
            path("<slug:kind>/<int:pk>/evaluate/", evaluate, name="evaluate"),
            path("<slug:kind>/<int:pk>/<slug:act>/", change, name="change"),
        ]

    def is_for(self, request: SignedInRequest) -> bool:
        return may_read(*scope_of(request))
