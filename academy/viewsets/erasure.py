"""Erasing people's data after their term: who is due, what would go, and the proposal to a second person."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from academy.decisions.four_eyes import DECIDERS
from academy.errors.refusals import RuleViolation
from academy.models import Proposal, User
from academy.person_record.erasing import alone_refusal, preview, propose_erasure
from academy.person_record.retention import due_for_erasure, erasure_refusal, last_day_worked
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, people_visible_to
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.panels import WaitingItem
from academy.viewsets.scoped import scope_of

PAGE = 50


def _decider(request: SignedInRequest) -> tuple[User, Any]:
    viewer, today = viewer_with(request, *DECIDERS)
    return viewer, today


def _due(request: SignedInRequest) -> QuerySet[User]:
    viewer, today = scope_of(request)
    visible = people_visible_to(viewer, today, DECIDERS)
    return due_for_erasure(today).filter(pk__in=visible.values("pk")).exclude(pk=viewer.pk)


def _render(request: SignedInRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    above = [(reverse("wagtailusers_users:index"), _t("People"))]
    context = {**context, "years": settings.RETENTION_YEARS}
    return admin_page(request, template, context, title=title, icon="bin", above=above)


def _propose(request: SignedInRequest, people: list[User]) -> Proposal | None:
    """The proposal, or None with the refusal as a message."""
    reason = request.POST.get("reason", "")[:500]
    try:
        proposal = propose_erasure(people=people, reason=reason, actor=request.user, now=timezone.now())
    except RuleViolation as refused:
        messages.error(request, str(refused.message))
        return None
    if proposal.state == Proposal.State.WAITING:
        messages.success(request, _t("Proposed. Nothing is erased before a second person approves."))
    else:
        messages.success(request, _t("The data are being erased. You may leave this page."))
    return proposal


def erase_one(request: SignedInRequest, pk: int) -> HttpResponse:
    """What would go and what stays, counted for this person, and the proposal."""
    viewer, today = _decider(request)
    person = get_object_or_404(people_visible_to(viewer, today, DECIDERS), pk=pk)
    if request.method == "POST":
        proposal = _propose(request, [person])
        return redirect("proposals:decide", pk=proposal.pk) if proposal else redirect("wagtailusers_users:erase", pk=pk)
    refusal = erasure_refusal(person=person, viewer=viewer, on=today)
    return _render(
        request,
        "academy/admin/person_erase.html",
        _t("Erase a person's data"),
        {
            "person": person,
            "left_on": last_day_worked(person),
            "refusal": refusal or alone_refusal(people=[person], actor=viewer, now=timezone.now()),
            "groups": preview(person) if not refusal else [],
        },
    )


def erase_due(request: SignedInRequest) -> HttpResponse:
    """Everybody of the viewer's part whose term is over; several are proposed at once, with one reason."""
    _decider(request)
    due = _due(request)
    if request.method == "POST":
        chosen = [key for typed in request.POST.getlist("person")[:PAGE] if (key := whole_number(typed)) is not None]
        people = list(due.filter(pk__in=chosen))
        proposal = _propose(request, people)
        return redirect("proposals:decide", pk=proposal.pk) if proposal else redirect("wagtailusers_users:erasure")
    page = Paginator(due, PAGE).get_page(request.GET.get("p"))
    return _render(request, "academy/admin/erasure.html", _t("Data past its retention term"), {"page": page})


def waiting_erasures(request: SignedInRequest) -> list[WaitingItem]:
    viewer, today = scope_of(request)
    if not has_role(viewer, today, *DECIDERS):
        return []
    count = _due(request).count()
    if not count:
        return []
    label = _("people left so long ago that their data can be erased")
    return [WaitingItem(count=count, label=label, url=reverse("wagtailusers_users:erasure"), order=950)]
