"""Position requirements in the admin: what is asked of which posts, set and ended in the viewer's part of the tree."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.permissions import policy_registry

from academy.calendar.clock import local_day
from academy.duties.ahead import NoticesAhead
from academy.errors.refusals import RuleViolation
from academy.models import Branch, Proposal, User
from academy.requests.asked import DayInput
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import branches_visible_to, holds_bank_wide, is_limited
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.handing_in import ByTwoMixin, tell_handed_in
from academy.viewsets.noticed import NoticesFirstMixin
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of
from certificates.impact.asked import ending_foreseen, notices_of_requirement, posts_foreseen
from certificates.impact.foreseen import Foreseen
from certificates.models import PositionRequirement
from certificates.posts.asking import (
    END_CHANGE,
    KEEPERS,
    REQUIRE_CHANGE,
    end_requirement,
    propose_ending,
    propose_requirement,
    require_level,
    requirement_is_asked,
)
from certificates.rules.ladder_words import day_of


def requirements_seen_by(viewer: User, on: Any) -> QuerySet[PositionRequirement]:
    """What is asked in the viewer's part: there, above it, and in the whole bank."""
    rows = PositionRequirement.objects.current()
    if not is_limited(viewer, on):
        return rows
    visible = branches_visible_to(viewer, on)
    above = {int(pk) for way in visible.values_list("path", flat=True) for pk in way.split("/") if pk}
    return rows.filter(Q(branch=None) | Q(branch__in=visible) | Q(branch__in=above))


def requirements_kept_by(viewer: User, on: Any) -> QuerySet[PositionRequirement]:
    """Those that the viewer may end."""
    rows = PositionRequirement.objects.current()
    if holds_bank_wide(viewer, on, *KEEPERS):
        return rows
    return rows.filter(branch__in=branches_visible_to(viewer, on, KEEPERS))


class RequirementForm(WagtailAdminModelForm):
    """One requirement; the rule writes the row."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, help_text=_("For the journal: the document that says so.")
    )

    class Meta:
        model = PositionRequirement
        fields = [
            "position",
            "line",
            "branch",
            "level",
            "within_days",
            "counts_from",
            "effective_from",
            "effective_until",
        ]
        widgets = {name: DayInput() for name in ("counts_from", "effective_from", "effective_until")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = local_day(timezone.now())
        self.fields["effective_from"].initial = today
        self.whole_bank = self.for_user is not None and holds_bank_wide(self.for_user, today, *KEEPERS)
        visible = branches_visible_to(self.for_user, today, KEEPERS) if self.for_user else Branch.objects.none()
        self.fields["branch"].queryset = visible.filter(closed_on=None)
        if not self.whole_bank:
            self.fields["branch"].required = True
            self.fields["branch"].help_text = _("Your part of the bank, or a branch in it.")

    def _post_clean(self) -> None:
        """The rule's refusal stands above the form."""
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.require(timezone.now())
                transaction.set_rollback(True)
        except RuleViolation as refusal:
            self.add_error(None, refusal.message)

    def require(self, now: datetime, impact: Sequence[str] = ()) -> PositionRequirement:
        data = {name: value for name, value in self.cleaned_data.items() if name in self.fields}
        return require_level(**data, now=now, actor=self.for_user, impact=impact)

    def save(self, commit: bool = True) -> PositionRequirement:
        return self.require(timezone.now())

    def save_m2m(self) -> None:
        """Nothing hangs on a requirement."""


def _days_count_from(requirement: PositionRequirement) -> str:
    """In words, from which day on a person has so many days."""
    return _t("taking up the post, at the earliest %(day)s") % {"day": day_of(requirement.days_from)}


class RequirementIndexView(ScopedIndexView):
    page_title = _("Position requirements")
    add_item_label = _("Ask a post for a level")
    list_export = [
        "position.name",
        "line",
        "branch.name",
        "level.code",
        "within_days",
        "counts_from",
        "effective_from",
        "effective_until",
    ]
    export_filename = "position-requirements"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "position", label=_("Position or line"), accessor="whom"),
            Column("branch", label=_("Branch and below"), accessor=lambda row: row.branch or _("Whole bank")),
            Column("level", label=_("Level to be held"), accessor="level"),
            Column("within_days", label=_("Within (days)"), sort_key="within_days"),
            Column("counts_from", label=_("Days count from"), accessor=_days_count_from),
            DateColumn("effective_from", label=pgettext_lazy("first day", "From"), sort_key="effective_from"),
            DateColumn("effective_until", label=pgettext_lazy("last day", "Until")),
        ]

    def scope_queryset(self, queryset: QuerySet) -> QuerySet:
        viewer, today = scope_of(self.request)
        return queryset.filter(pk__in=requirements_seen_by(viewer, today).values("pk"))

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("position", "branch", "level")

    def get_edit_url(self, instance: PositionRequirement) -> str | None:
        viewer, today = scope_of(self.request)
        if not hasattr(self, "_kept"):
            may = policy_registry.get_by_type(PositionRequirement).user_has_permission(viewer, "change")
            self._kept = set(requirements_kept_by(viewer, today).values_list("pk", flat=True)) if may else set()
        going = instance.effective_until is None or instance.effective_until >= today
        return reverse("position_requirements:end", args=[instance.pk]) if going and instance.pk in self._kept else None


class RequirementCreateView(NoticesFirstMixin, ByTwoMixin, generic.CreateView):
    page_title = _("Ask a post for a level")
    success_message = _("The requirement is set.")

    def propose(self, form: RequirementForm) -> Proposal | None:
        asked, actor, now = self._asked(form), self.request.user, timezone.now()
        if not requirement_is_asked(requirement=asked, code=REQUIRE_CHANGE, actor=actor, now=now):
            return None
        reason, impact = form.cleaned_data["reason"], self._reckoned(form).kept
        return propose_requirement(requirement=asked, reason=reason, actor=actor, now=now, impact=impact)

    def save_instance(self) -> PositionRequirement:
        return self.form.require(timezone.now(), impact=self._reckoned(self.form).kept)

    def again(self, form: RequirementForm) -> str:
        asked, now = self._asked(form), timezone.now()
        if requirement_is_asked(requirement=asked, code=REQUIRE_CHANGE, actor=self.request.user, now=now):
            return _t("%(notices)s Press the button once more to hand it to a second person.")
        return super().again(form)

    def count_notices(self, form: RequirementForm) -> NoticesAhead:
        return notices_of_requirement(self._asked(form), actor=self.request.user, now=timezone.now())

    def foreseen(self, form: RequirementForm) -> list[str]:
        return self._reckoned(form).lines

    def _reckoned(self, form: RequirementForm) -> Foreseen:
        return posts_foreseen(self._asked(form), local_day(timezone.now()))

    def _asked(self, form: RequirementForm) -> PositionRequirement:
        return PositionRequirement(**{name: value for name, value in form.cleaned_data.items() if name != "reason"})

    def get_success_url(self) -> str:
        return reverse("position_requirements:index")

    def get_success_buttons(self) -> list[Any]:
        """A requirement is not edited: there is nowhere to lead to."""
        return []


def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ends a requirement after today, with a reason; to change one is to end it and to set another."""
    viewer, today = scope_of(request)
    requirement = get_object_or_404(
        requirements_kept_by(viewer, today).select_related("position", "branch", "level"), pk=pk
    )
    if not policy_registry.get_by_type(PositionRequirement).user_has_permission(viewer, "change"):
        messages.error(request, _t("You may read this, not change it."))
        return redirect("position_requirements:index")
    problem, foreseen = "", ending_foreseen(requirement, today)
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:500]
        last_day = today - timedelta(days=1)
        now = timezone.now()
        try:
            if reason and requirement_is_asked(requirement=requirement, code=END_CHANGE, actor=viewer, now=now):
                proposal = propose_ending(
                    requirement=requirement,
                    last_day=last_day,
                    reason=reason,
                    actor=viewer,
                    now=now,
                    impact=foreseen.kept,
                )
                tell_handed_in(request, proposal)
                return redirect("position_requirements:index")
            end_requirement(
                requirement=requirement, last_day=last_day, now=now, actor=viewer, reason=reason, impact=foreseen.kept
            )
        except RuleViolation as refusal:
            problem = str(refusal.message)
        else:
            messages.success(request, _t("The requirement has ended: from today on it is asked of nobody."))
            return redirect("position_requirements:index")
    return admin_page(
        request,
        "certificates/admin/end_requirement.html",
        {"one": requirement, "problem": problem, "foreseen": foreseen.lines},
        title=_t("End a position requirement"),
        icon="list-ul",
        above=[(reverse("position_requirements:index"), _t("Position requirements"))],
    )


class PositionRequirementViewSet(ScopedViewSet):
    scope = Scope.BRANCH
    model = PositionRequirement
    name = "position_requirements"
    icon = "list-ul"
    menu_label = _("Position requirements")
    menu_order = 215
    add_to_admin_menu = True
    list_filter = ["level", "line"]
    index_view_class = RequirementIndexView
    add_view_class = RequirementCreateView
    left_out = ("edit", "delete", "usage", "history", "history_results", "inspect")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return RequirementForm

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("end/<int:pk>/", end, name="end")]
