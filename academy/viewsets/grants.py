"""Who has which role where: granting and ending, in the viewer's part of the tree."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
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

from academy.addresses import leads_in
from academy.calendar.clock import local_day
from academy.models import Branch, Role, RoleGrant, User
from academy.models.roles import TIME_BOXED_ROLES
from academy.requests.asked import DayInput
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import branches_visible_to, has_role, holds_bank_wide, people_visible_to
from academy.staff.roles import GRANTERS, end_grant, grant_role
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of


class GrantForm(WagtailAdminModelForm):
    """A role for a person, named by staff number, in a branch and below."""

    staff_number = forms.CharField(label=_("Staff number"), max_length=32)
    deputy_of = forms.CharField(
        label=_("Deputy of (staff number)"),
        max_length=32,
        required=False,
        help_text=_("Without a last day the deputy acts only while this person is on leave."),
    )

    class Meta:
        model = RoleGrant
        fields = ["role", "branch", "effective_from", "effective_until"]
        widgets = {
            "effective_from": DayInput(),
            "effective_until": DayInput(),
        }

    field_order = ["staff_number", "role", "branch", "effective_from", "effective_until", "deputy_of"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = local_day(timezone.now())
        self.fields["effective_from"].initial = today
        viewer = self.for_user
        self.fields["branch"].queryset = (
            branches_visible_to(viewer, today, GRANTERS) if viewer else Branch.objects.none()
        )
        if viewer is not None and not viewer.is_superuser:
            # HR hands out what it may answer for; the administrator's role is an administrator's to give.
            self.fields["role"].choices = [choice for choice in Role.choices if choice[0] != Role.ADMINISTRATOR]

    def clean_staff_number(self) -> User:
        people = people_visible_to(self.for_user, local_day(timezone.now()), GRANTERS)
        person = people.filter(staff_number=self.cleaned_data["staff_number"].strip()).first()
        if person is None:
            raise forms.ValidationError(_("No person with this staff number in your part of the bank."))
        if person.pk == self.for_user.pk and not self.for_user.is_superuser:
            raise forms.ValidationError(_("Nobody grants a role to themselves."))
        return person

    def clean_deputy_of(self) -> User | None:
        number = self.cleaned_data["deputy_of"].strip()
        if not number:
            return None
        found = (
            people_visible_to(self.for_user, local_day(timezone.now()), GRANTERS).filter(staff_number=number).first()
        )
        if found is None:
            raise forms.ValidationError(_("No person with this staff number in your part of the bank."))
        if found == self.cleaned_data.get("staff_number"):
            raise forms.ValidationError(_("Nobody deputises for themselves."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("role") in TIME_BOXED_ROLES and not cleaned.get("effective_until"):
            self.add_error("effective_until", _("This role has to end: enter the last day."))
        first, last = cleaned.get("effective_from"), cleaned.get("effective_until")
        if first and last and last < first:
            self.add_error("effective_until", _("The last day is before the first."))
        return cleaned

    def _post_clean(self) -> None:
        """The rule writes the row."""

    def save(self, commit: bool = True) -> RoleGrant:
        data = self.cleaned_data
        return grant_role(
            person=data["staff_number"],
            role=data["role"],
            branch=data["branch"],
            effective_from=data["effective_from"],
            effective_until=data["effective_until"],
            deputy_for=data["deputy_of"],
            now=timezone.now(),
            actor=self.for_user,
        )

    def save_m2m(self) -> None:
        """Nothing hangs on a grant."""


class GrantIndexView(ScopedIndexView):
    page_title = _("Roles")
    add_item_label = _("Grant a role")
    list_export = [
        "person.staff_number",
        "person.display_name",
        "role",
        "branch.name",
        "effective_from",
        "effective_until",
    ]
    export_filename = "roles"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "person", label=_("Person"), accessor="person"),
            Column("role", label=_("Role"), accessor="get_role_display", sort_key="role"),
            Column("branch", label=_("Branch and below"), accessor="branch"),
            DateColumn("effective_from", label=pgettext_lazy("first day", "From"), sort_key="effective_from"),
            DateColumn("effective_until", label=pgettext_lazy("last day", "Until"), sort_key="effective_until"),
            Column("deputy_for", label=_("Deputy of"), accessor="deputy_for"),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().filter(withdrawn_at=None).select_related("person", "branch", "deputy_for")

    def get_edit_url(self, instance: RoleGrant) -> str | None:
        today = local_day(timezone.now())
        going = instance.effective_until is None or instance.effective_until >= today
        may_end = going and leads_in("role_grants:end", self.request.user, today)
        return reverse("role_grants:end", args=[instance.pk]) if may_end else None


class GrantCreateView(generic.CreateView):
    page_title = _("Grant a role")
    success_message = _("The role is granted.")

    def get_success_buttons(self) -> list[Any]:
        """A grant is ended and never edited."""
        return []

    def get_success_url(self) -> str:
        return reverse("role_grants:index")


def _ending_is_anothers(grant: RoleGrant, viewer: User, today: date) -> bool:
    """An administrator's role is ended by administrators, an auditor's by head office and not by whom they audit."""
    if grant.role == Role.ADMINISTRATOR:
        return not has_role(viewer, today, Role.ADMINISTRATOR)
    return grant.role == Role.AUDITOR and not holds_bank_wide(viewer, today, *GRANTERS)


def end_role(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ends a grant after today, with a reason."""
    viewer, today = scope_of(request)
    going = Q(effective_until=None) | Q(effective_until__gte=today)
    grants = RoleGrant.objects.current().filter(going, person__in=people_visible_to(viewer, today).values("pk"))
    grant = get_object_or_404(grants, pk=unquote(str(pk)))
    theirs = people_visible_to(viewer, today, GRANTERS).filter(pk=grant.person_id).exists()
    within = branches_visible_to(viewer, today, GRANTERS).filter(pk=grant.branch_id).exists()
    if not theirs or not within or _ending_is_anothers(grant, viewer, today):
        messages.error(request, _t("You may read this, not change it."))
        return redirect("role_grants:index")
    problem = ""
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:500]
        if reason:
            end_grant(grant=grant, last_day=today - timedelta(days=1), now=timezone.now(), actor=viewer, reason=reason)
            messages.success(request, _t("The role has ended."))
            return redirect("role_grants:index")
        problem = _t("A reason is needed.")
    return admin_page(
        request,
        "academy/admin/end_grant.html",
        {"grant": grant, "problem": problem},
        title=_t("End a role"),
        icon="key",
        above=[(reverse("role_grants:index"), _t("Roles"))],
    )


class GrantViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = RoleGrant
    name = "role_grants"
    icon = "key"
    menu_label = _("Roles")
    menu_order = 340
    scope_path = "person"
    list_filter = ["role"]
    search_fields = ["person__staff_number", "person__display_name"]
    index_view_class = GrantIndexView
    add_view_class = GrantCreateView
    left_out = ("edit", "delete", "usage", "history", "history_results")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return GrantForm

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("end/<int:pk>/", end_role, name="end")]
