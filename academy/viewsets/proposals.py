"""What waits for a second person, what was decided, and HR's switches for it."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db import transaction
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import Button
from wagtail.models import PreviewableMixin

from academy.decisions.changing import name_of
from academy.decisions.four_eyes import (
    DECIDERS,
    PROPOSED_ACTIONS,
    ProposedAction,
    decide_proposal,
    decision_refusal,
    may_wait_for,
    proposals_visible_to,
    waiting_for,
    withdraw_proposal,
)
from academy.decisions.objects import ThingChange, kind_of
from academy.decisions.publishing import ACTION as PUBLICATION
from academy.decisions.switching import switch_four_eyes, switch_refusal, waiting_to_be_switched_off
from academy.errors.refusals import RuleViolation
from academy.journal.facts import reference_to
from academy.journal.words import register_things
from academy.models import FourEyesSwitch, Proposal, User
from academy.person_record.columns import spoken
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.panels import WaitingItem
from academy.viewsets.proposal_filter import MINE, ProposalFilterSet
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of

SHOWN_PEOPLE = 200


def action_label(proposal: Proposal) -> Any:
    act = PROPOSED_ACTIONS.get(proposal.action)
    return act.label if act else proposal.action


register_things("academy.proposal", action_label)


def _people(proposal: Proposal) -> str:
    act, people = PROPOSED_ACTIONS.get(proposal.action), list(proposal.people.all())
    things = proposal.facts.get("things") if act and act.acts else None
    if things:
        return (
            name_of(things[0])
            if len(things) == 1
            else ngettext("%(count)s thing", "%(count)s things", len(things)) % {"count": len(things)}
        )
    if not people:
        return "–"
    return (
        str(people[0])
        if len(people) == 1
        else ngettext("%(count)s person", "%(count)s people", len(people)) % {"count": len(people)}
    )


def _decider(proposal: Proposal) -> Any:
    """Nobody, where the proposer took it back: that is no decision."""
    withdrawn = proposal.state == Proposal.State.WITHDRAWN
    return "–" if withdrawn or proposal.decided_by is None else proposal.decided_by


class ProposalIndexView(ScopedIndexView):
    page_title = _("Second person")
    default_ordering = "-proposed_at"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "action", label=_("Action"), accessor=action_label),
            Column("people", label=_("Who or what is concerned"), accessor=_people),
            Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
            Column("proposed_by", label=_("Proposed by"), accessor="proposed_by"),
            DateColumn("proposed_at", label=_("Proposed at"), sort_key="proposed_at"),
            Column("decided_by", label=_("Decided by"), accessor=_decider),
        ]

    def scope_queryset(self, queryset: QuerySet) -> QuerySet:
        viewer, today = scope_of(self.request)
        return queryset.filter(pk__in=proposals_visible_to(viewer, today).values("pk"))

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("proposed_by", "decided_by").prefetch_related("people")

    def get_edit_url(self, instance: Proposal) -> str:
        return reverse("proposals:decide", args=[instance.pk])

    @property
    def header_more_buttons(self) -> list[Button]:
        if not has_role(*scope_of(self.request), *DECIDERS):
            return super().header_more_buttons
        button = Button(
            _("When a second person decides"), url=reverse("proposals:switches"), icon_name="cog", priority=10
        )
        return [*super().header_more_buttons, button]


def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """One proposal: what would happen to whom and why, and the decision."""
    viewer, today = scope_of(request)
    proposal = get_object_or_404(proposals_visible_to(viewer, today).select_related("proposed_by", "decided_by"), pk=pk)
    act = PROPOSED_ACTIONS.get(proposal.action)
    if act is None:
        raise Http404
    if request.method == "POST":
        now, note = timezone.now(), request.POST.get("note", "")
        try:
            if request.POST.get("decision") == "withdraw":
                withdraw_proposal(proposal=proposal, actor=viewer, now=now)
                messages.success(request, _t("The proposal is taken back."))
            else:
                approve = request.POST.get("decision") == "approve"
                decide_proposal(proposal=proposal, approve=approve, note=note, actor=viewer, now=now)
                messages.success(
                    request, _t("Approved; it is in force now.") if approve else _t("Not approved; nothing changed.")
                )
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
        return redirect("proposals:decide", pk=pk)
    people = proposal.people.all()
    return admin_page(
        request,
        "academy/admin/proposal.html",
        {
            "proposal": proposal,
            "act": act,
            "lines": [(capfirst(str(word)), spoken(value)) for word, value in act.describe(proposal)],
            "changes": _changes(request, proposal, act),
            "panel": act.panel(proposal, viewer, timezone.now()) if act.panel else None,
            "people": people[:SHOWN_PEOPLE],
            "people_count": people.count(),
            "refusal": decision_refusal(proposal=proposal, actor=viewer, on=today),
            "may_withdraw": proposal.state == Proposal.State.WAITING and proposal.proposed_by_id == viewer.pk,
        },
        title=act.label,
        icon="user",
        above=[(reverse("proposals:index"), _t("Second person"))],
    )


def _changes(request: SignedInRequest, proposal: Proposal, act: ProposedAction) -> list[tuple[ThingChange, str, str]]:
    """Each thing with the address where it is edited, and of who may edit it where its draft is shown as learners will see
    it; what is shown of an exam's question is logged."""
    if act.changes is None:
        return []
    found, finder = act.changes(proposal, request.user, timezone.now()), AdminURLFinder(request.user)
    for one in found:
        kind = kind_of(one.thing) if one.thing is not None else None
        if kind is not None and one.closed is None:
            kind.looked(request, one.thing, "decide")
    edited = [finder.get_edit_url(proposal.thing) or "" if proposal.thing is not None else "" for proposal in found]
    waits = proposal.state == Proposal.State.WAITING and proposal.action == PUBLICATION
    drafts = {item["thing"]: item["revision"] for item in proposal.facts["things"]} if waits else {}
    return [(one, url, _look_of(one, drafts) if url else "") for one, url in zip(found, edited, strict=True)]


def _look_of(change: ThingChange, drafts: dict[str, int]) -> str:
    """Where the draft is shown as learners will see it; '' of what has no look of its own. ``drafts`` are the revisions that
    wait, by the thing."""
    if change.closed is not None or change.thing is None or not isinstance(change.thing, PreviewableMixin):
        return ""
    revision = drafts.get(reference_to(change.thing))
    if revision is None:
        return ""
    viewset = getattr(change.thing, "snippet_viewset", None)
    name = viewset.get_url_name("revisions_view") if viewset is not None else "wagtailadmin_pages:revisions_view"
    return reverse(name, args=[quote(change.thing.pk), revision])


def switches(request: SignedInRequest) -> HttpResponse:
    """For which acts a second person decides. Head office's HR and administrators change it."""
    viewer, today = viewer_with(request, *DECIDERS)
    refusal = switch_refusal(viewer, today)
    reason, posted = request.POST.get("reason", "")[:500], None
    if request.method == "POST":
        posted = set(request.POST.getlist("demanded"))
        try:
            proposed = _switch_all(posted, reason, viewer)
        except RuleViolation as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, _t("It waits for a second person.") if proposed else _t("Saved."))
            return redirect("proposals:switches")
    off = set(FourEyesSwitch.objects.filter(demanded=False).values_list("action", flat=True))
    waiting = waiting_to_be_switched_off()
    return admin_page(
        request,
        "academy/admin/four_eyes_switches.html",
        {
            "acts": [
                (act, act.code in posted if posted is not None else act.code not in off, act.code in waiting)
                for act in sorted(PROPOSED_ACTIONS.values(), key=lambda act: str(act.label))
                if not act.bank_wide
            ],
            "refusal": refusal,
            "reason": reason,
        },
        title=_t("When a second person decides"),
        icon="user",
        above=[(reverse("proposals:index"), _t("Second person"))],
    )


@transaction.atomic
def _switch_all(demanded: set[str], reason: str, viewer: User) -> bool:
    """All the ticks of the page or none of them. Returns whether something was proposed. Raises ``RuleViolation``."""
    now, proposed = timezone.now(), False
    for act in PROPOSED_ACTIONS.values():
        if not act.bank_wide:
            made = switch_four_eyes(
                action=act.code, demanded=act.code in demanded, reason=reason, actor=viewer, now=now
            )
            proposed = proposed or made is not None
    return proposed


def waiting_proposals(request: SignedInRequest) -> list[WaitingItem]:
    viewer, today = scope_of(request)
    if not may_wait_for(viewer, today):
        return []
    return [
        WaitingItem(
            count=waiting_for(viewer, today).count(),
            label=ngettext_lazy("proposal waits for your decision", "proposals wait for your decision", "count"),
            url=reverse("proposals:index") + f"?state={MINE}",
            order=90,
            urgent=True,
        )
    ]


class ProposalViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = Proposal
    name = "proposals"
    icon = "user"
    menu_label = _("Second person")
    menu_order = 380
    scope_path = "people"
    filterset_class = ProposalFilterSet
    search_fields = ["reason", "proposed_by__staff_number", "proposed_by__display_name"]
    index_view_class = ProposalIndexView
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/decide/", decide, name="decide"),
            path("switches/", switches, name="switches"),
        ]
