"""The withdrawal of an assignment undone: who is in it again and what they hear, then one confirmation."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from wagtail.admin import messages

from academy.duties.assignments.access import may_change
from academy.duties.assignments.taking_back import let_go_by_it, take_back_refusal
from academy.duties.assignments.words import due_words
from academy.duties.assignments.works import ask_for_work
from academy.models import AssignmentWork, Job
from academy.requests.form_token import key_of_form
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.assignment_lists import own_assignment
from academy.viewsets.jobs import asked_already
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import scope_of


def undo_withdrawal(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    if answered := asked_already(request):
        return answered
    assignment, now = own_assignment(request, kind, pk), timezone.now()
    viewer, today = scope_of(request)
    if not may_change(viewer, assignment, today):
        raise Http404
    page = redirect("assignments:people", kind=kind, pk=pk)
    refusal = take_back_refusal(assignment, now)
    if refusal:
        messages.error(request, refusal)
        return page
    count = let_go_by_it(assignment).count()
    if request.method == "POST":
        act = AssignmentWork.Act.TAKE_BACK
        work = ask_for_work(
            assignment=assignment, act=act, size=count, now=now, actor=request.user, once=key_of_form(request)
        )
        if work.state != Job.State.DONE:
            return redirect("assignments:work", uuid=work.academy_assignmentwork.uuid)
        messages.success(request, _t("The assignment stands again as before."))
        return page
    return admin_page(
        request,
        "academy/admin/assignments/undo_withdrawal.html",
        {
            "assignment": assignment,
            "due": due_words(assignment),
            "count": count,
        },
        title=_t("Undo the withdrawal"),
        icon="undo",
        above=[
            (reverse("assignments:index"), _t("Assignments")),
            (reverse("assignments:people", args=[kind, pk]), str(assignment.target)),
        ],
    )
