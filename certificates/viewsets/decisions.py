"""Level decisions in the admin: the list, what is decided with its consequences, and taking one back."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from academy.bilingual import listed
from academy.decisions.four_eyes import proposals_visible_to
from academy.errors.refusals import RuleViolation
from academy.models import Proposal
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of
from certificates.deciding.consequences import effects_of
from certificates.deciding.giving import lack_nothing
from certificates.deciding.people import MOST_PEOPLE
from certificates.deciding.plan import ACTS, AWARD, TAKE_BACK, UNDOABLE, DecisionPlan, act_label
from certificates.deciding.proposing import ACTIONS, PROPOSERS, propose_decision, said_of_plan
from certificates.deciding.words import sentence_of, words_in_list
from certificates.models import Decision
from certificates.viewsets.decision_forms import ChoiceOfAct, DecisionForm
from certificates.viewsets.lapses import lapses_page
from quizzes.viewsets.bans import told

# The buttons beside the proposal: the form with all that was said, and the consequences without whom it is impossible for.
BACK, WITHOUT = "back", "without"
# So many proposals that wait are listed.
SHOWN_WAITING = 50
# Said over an award to people who lack nothing.
BY_RULES = _("They lack nothing: the level is held from the day of the decision, for as long as the track says.")


class WhyForm(forms.Form):
    """Why a decision is taken back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Goes into the journal, and the person is notified.")
    )


def _page(request: SignedInRequest, context: dict[str, Any], title: Any) -> HttpResponse:
    above = [(reverse("decisions:index"), _t("Level decisions"))]
    return admin_page(request, "certificates/admin/decide.html", context, title=title, icon="edit", above=above)


def decide(request: SignedInRequest) -> HttpResponse:
    """Which decision and track first; then whom and what, shown with its consequences, and proposed."""
    viewer, today = viewer_with(request, *PROPOSERS)
    if request.GET.get("act") not in ACTS or not request.GET.get("track"):
        return _choose(request, None)
    choice = ChoiceOfAct(request.GET)
    if not choice.is_valid():
        return _choose(request, choice)
    act, track = choice.cleaned_data["act"], choice.cleaned_data["track"]
    posted = request.POST if request.method == "POST" else None
    named = choice.cleaned_data["numbers"].split(",")
    initial = {"numbers": "\n".join(named)}
    people = people_visible_to(viewer, today, PROPOSERS).filter(staff_number__in=named[:MOST_PEOPLE])
    plain = act == AWARD and lack_nothing(people, track, today)
    if plain:
        initial["reason"] = _t("Everything that is asked is met.")

    def formed(data: Any, files: Any = None) -> DecisionForm:
        return DecisionForm(data, files, viewer=viewer, act=act, track=track, initial=initial)

    form = formed(posted, request.FILES or None)
    title = f"{_t('Award by the rules') if plain else act_label(act)} · {track}"
    context: dict[str, Any] = {"form": form, "said": BY_RULES if plain else ACTS[act][1]}
    if posted is None or not form.is_valid() or posted.get("step") == BACK:
        return _page(request, context, title)
    reason, now = form.cleaned_data["reason"], timezone.now()
    if posted.get("step") == "confirm":
        try:
            return told(
                request,
                propose_decision(plan=form.plan, people=form.people, reason=reason, actor=viewer, now=now),
            )
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    effects = effects_of(plan=form.plan, people=form.people, reason=reason, actor=viewer, now=now)
    if posted.get("step") == WITHOUT and effects.possible:
        data = posted.copy()
        data["numbers"] = "\n".join(person.staff_number for person in effects.possible)
        form = formed(data)
        if not form.is_valid():
            return _page(request, {**context, "form": form}, title)
        effects = effects_of(plan=form.plan, people=form.people, reason=reason, actor=viewer, now=now)
    shown = {"panel": {"effects": effects}, "answers": form.answers, "reason": reason}
    return _page(request, {**context, **shown, "lines": said_of_plan(form.plan, today)}, title)


def _choose(request: SignedInRequest, choice: ChoiceOfAct | None) -> HttpResponse:
    asked = {name: request.GET[name] for name in ("act", "track", "numbers") if name in request.GET}
    form = choice or ChoiceOfAct(initial={"act": next(iter(ACTS)), **asked})
    return _page(request, {"choice": form}, _t("Decide about levels"))


def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """A waiver, accepted evidence or an extension is undone by a decision of its own."""
    viewer, today = viewer_with(request, *PROPOSERS)
    people = people_visible_to(viewer, today, PROPOSERS).values("pk")
    rows = Decision.objects.current().select_related("person", "track__level", "track__design", "requirement")
    found = get_object_or_404(rows, pk=pk, person__in=people, act__in=UNDOABLE)
    plan = DecisionPlan(act=TAKE_BACK, track=found.track, on=today, decision=found.pk)
    form = WhyForm(request.POST or None, label_suffix="")
    context: dict[str, Any] = {
        "form": form,
        "said": _t("%(who)s: %(reason)s") % {"who": found.person, "reason": sentence_of(found)},
    }
    if request.method != "POST" or not form.is_valid() or request.POST.get("step") == BACK:
        return _page(request, context, act_label(TAKE_BACK))
    reason, now, whom = form.cleaned_data["reason"], timezone.now(), [found.person]
    if request.POST.get("step") == "confirm":
        try:
            return told(request, propose_decision(plan=plan, people=whom, reason=reason, actor=viewer, now=now))
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    effects = effects_of(plan=plan, people=whom, reason=reason, actor=viewer, now=now)
    answers = [("reason", reason)]
    return _page(
        request, {**context, "panel": {"effects": effects}, "answers": answers, "reason": reason}, act_label(TAKE_BACK)
    )


def _waiting(request: SignedInRequest) -> list[dict[str, Any]]:
    """What is proposed and not decided yet stands over what was decided, the oldest first."""
    found = proposals_visible_to(*scope_of(request)).filter(action__in=ACTIONS.values(), state=Proposal.State.WAITING)
    rows = found.select_related("proposed_by").prefetch_related("people").order_by("proposed_at")[:SHOWN_WAITING]
    return [
        {"proposal": proposal, "act": act_label(proposal.facts["act"]), "people": list(proposal.people.all())}
        for proposal in rows
    ]


class DecisionIndexView(ScopedIndexView):
    page_title = _("Level decisions")
    default_ordering = "-recorded_at"
    results_template_name = "certificates/admin/decisions_results.html"
    list_export = [
        "person.staff_number",
        "person.display_name",
        "track.code",
        "act",
        "effective_from",
        "effective_until",
        "reason",
        "recorded_at",
        "withdrawn_at",
    ]
    export_filename = "decisions"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "person", label=_("Person"), accessor="person"),
            Column("track", label=_("Track"), accessor="track"),
            Column("act", label=_("Decision"), accessor="get_act_display", sort_key="act"),
            Column("words", label=_("What was decided"), accessor=words_in_list),
            Column("reason", label=_("Reason"), accessor="reason"),
            DateColumn("recorded_at", label=_("Recorded at"), sort_key="recorded_at"),
            Column("by", label=_("Proposed and approved by"), accessor=_by_whom),
        ]

    def get_base_queryset(self) -> QuerySet:
        related = (
            "person",
            "track__level",
            "recorded_by",
            "proposal__proposed_by",
            "proposal__decided_by",
            *(f"requirement__{name}" for name in ("course", "quiz", "level")),
        )
        return (
            super()
            .get_base_queryset()
            .select_related(*related)
            .prefetch_related("requirement__positions", "requirement__practices")
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), "waiting": _waiting(self.request)}

    def get_edit_url(self, instance: Decision) -> str:
        if instance.proposal_id:
            return reverse("proposals:decide", args=[instance.proposal_id])
        return reverse("wagtailusers_users:inspect", args=[instance.person_id])

    @property
    def header_buttons(self) -> list[Button]:
        if not has_role(*scope_of(self.request), *PROPOSERS):
            return []
        return [HeaderButton(_("Decide about levels"), url=reverse("decisions:decide"), icon_name="plus", priority=10)]


def _by_whom(row: Decision) -> str:
    """Who proposed it and who approved it; of what one person did alone, that one."""
    if row.proposal is None:
        return str(row.recorded_by or "")
    return listed(dict.fromkeys(str(one) for one in (row.proposal.proposed_by, row.proposal.decided_by) if one))


class DecisionViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = Decision
    name = "decisions"
    icon = "edit"
    menu_label = _("Level decisions")
    menu_name = "decisions"
    menu_order = 205
    add_to_admin_menu = True
    scope_path = "person"
    list_filter = ["act", "track"]
    search_fields = ["person__staff_number", "person__display_name", "reason"]
    index_view_class = DecisionIndexView
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("decide/", decide, name="decide"),
            path("lapses/", lapses_page, name="lapses"),
            path("<int:pk>/back/", take_back, name="take_back"),
        ]
