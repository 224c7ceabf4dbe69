"""The base of the admin's plain listings: views can be left out, and what is in use is not deleted but explained."""

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from academy.calendar.clock import local_day
from academy.decisions.changing import change_is_asked, propose_change, row_state
from academy.decisions.differences import shown
from academy.decisions.objects import DELETE
from academy.decisions.reasons import CHANGED_IN_FORM
from academy.journal import record
from academy.journal.facts import reference_to
from academy.models import Proposal
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import bank_wide_refusal
from academy.staff.finding import numbered_before
from academy.staff.groups import BANK_WIDE, roles_allowing
from academy.viewsets.handing_in import ByTwoMixin
from academy.viewsets.mixing import WagtailPart
from academy.viewsets.ordering import empty_last
from academy.viewsets.taking_away import ask_to_remove


class Scope(Enum):
    """Whose the rows of a screen are. Every viewset and every view of ours in the admin declares one; a test walks them.

    ``BANK`` holds for the whole bank: many read it, a grant at head office changes it. ``CONTENT`` is written for the
    whole bank by authors of any branch and goes out by a review. ``BRANCH`` and ``PEOPLE`` are narrowed to the
    viewer's part of the tree. ``OWN`` are the viewer's own rows.
    """

    BANK = "bank"
    CONTENT = "content"
    BRANCH = "branch"
    PEOPLE = "people"
    OWN = "own"


def declares[View: Callable[..., HttpResponse]](scope: Scope) -> Callable[[View], View]:
    """The scope of a function view that no viewset places."""

    def declared(view: View) -> View:
        vars(view)["scope"] = scope
        return view

    return declared


def change_refusal(model: Any, user: Any) -> str | None:
    """Why the person may read these rows of the whole bank and not change them, or None."""
    permissions = [f"{model._meta.app_label}.{action}_{model._meta.model_name}" for action in ("change", "add")]
    roles = {role for permission in permissions if permission in BANK_WIDE for role in roles_allowing(permission)}
    return bank_wide_refusal(user, local_day(timezone.now()), *roles) if roles else None


class RefusingDeleteView(generic.DeleteView):
    """For listings whose rows are pointed at: the row stays, and the person reads why; what counts for a certificate goes
    when a second person agrees."""

    def run_before_hook(self) -> HttpResponse | None:
        return ask_to_remove(self.request, self.object, DELETE) or super().run_before_hook()


class JournalledEditView(ByTwoMixin, generic.EditView):
    """An edit that changes what holds for people: the journal keeps what each changed field said before and after."""

    journal_action: str
    # The act of two people by which a row that counts for a certificate is changed.
    change_rule = ""

    def impact_kept(self, form: Any) -> list[str]:
        """What the change would do to people, in sentences without names: kept with it."""
        return []

    def propose(self, form: Any) -> Proposal | None:
        names = [name for name in form.changed_data if _is_column(self.model, name)]
        if not self.change_rule or not names or set(names) != set(form.changed_data):
            return None
        stored, now = self.model._default_manager.get(pk=form.instance.pk), timezone.now()
        actor = self.request.user
        # What does not count yet may count by the change: a post that comes into a line of which a level is asked.
        sides = (stored, form.instance)
        if not any(change_is_asked(code=self.change_rule, thing=side, actor=actor, now=now) for side in sides):
            return None
        facts = {
            "thing": reference_to(stored),
            "before": row_state(stored, names),
            "after": row_state(form.instance, names),
            "impact": self.impact_kept(form),
        }
        return propose_change(
            code=self.change_rule,
            thing=stored,
            facts=facts,
            things=[stored],
            reason=str(CHANGED_IN_FORM),
            actor=actor,
            now=now,
        )

    def save_instance(self) -> Any:
        form = self.form
        before = {name: str(form.initial.get(name, "")) for name in form.changed_data}
        impact = self.impact_kept(form) if before else []
        with transaction.atomic():
            saved = super().save_instance()
            if before:
                after: dict[str, Any] = {name: str(_plain(form.cleaned_data.get(name, ""))) for name in before}
                if impact:
                    after["impact"] = impact
                record(
                    self.journal_action,
                    now=timezone.now(),
                    actor=self.request.user,
                    about=saved,
                    before=before,
                    after=after,
                )
        return saved


def _is_column(model: Any, name: str) -> bool:
    """Whether a field of a form is a column of its row."""
    return name in {field.name for field in model._meta.concrete_fields}


def _plain(value: Any) -> Any:
    """The form knows a related row by its key; the journal compares like with like."""
    return getattr(value, "pk", value)


class LeftOutMixin(WagtailPart):
    """A viewset without some of its views: neither an address nor a button is left of them."""

    left_out: tuple[str, ...] = ()

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_common_view_kwargs(**kwargs)
        return {**found, **{f"{name}_url_name": None for name in self.left_out}}

    def register_admin_url_finder(self) -> None:
        """What is not edited has no address to be found at."""
        if "edit" not in self.left_out:
            super().register_admin_url_finder()

    def get_urlpatterns(self) -> list[Any]:
        return [p for p in super().get_urlpatterns() if p.name not in self.left_out]


class BankWideMixin(WagtailPart):
    """What a viewset of ``Scope.BANK`` adds: its listing and its closed doors say who changes it."""

    scope: Scope

    def construct_view(self, view_class: Any, **kwargs: Any) -> Any:
        view = super().construct_view(view_class, **kwargs)
        if self.scope is not Scope.BANK:
            return view

        @wraps(view)
        def answer(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except PermissionDenied:
                refusal = change_refusal(self.model, request.user)
                if refusal is None or not self.permission_policy.user_has_permission(request.user, "view"):
                    raise
                messages.error(request, refusal)
                return redirect(self.menu_url)

        return answer

    def get_templates(self, name: str = "index", fallback: str = "") -> Any:
        if name == "index" and self.scope is Scope.BANK:
            return "academy/admin/bank_wide_listing.html"
        return super().get_templates(name, fallback)


class ReadsInWords(WagtailPart):
    """A row to read: yes and no, a dash for what is empty and numbers without idle zeros, as people write them."""

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return shown(value) or "–" if value is None or isinstance(value, bool | str) else value


class HouseInspectView(ReadsInWords, generic.InspectView):
    """Reading one row of a plain listing."""


class HouseIndexView(generic.IndexView):
    """A plain listing, in the same order on every database."""

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """Whoever is found by the staff number is found by those of before too."""
        found = super().search_queryset(queryset)
        ways = [field for field in self.search_fields or () if field.endswith("staff_number")]
        if not self.is_searching or not ways:
            return found
        before = Q(pk__in=found.order_by().values("pk"))
        for field in ways:
            before |= numbered_before(self.search_query, field.removesuffix("staff_number").removesuffix("__"))
        return queryset.filter(before)

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        return empty_last(super().order_queryset(queryset))


class HouseViewSet(BankWideMixin, LeftOutMixin, ModelViewSet):
    """A model's screens for those who look after it; people's data takes ``ScopedViewSet`` instead."""

    index_view_class = HouseIndexView
    delete_view_class = RefusingDeleteView
    inspect_view_class = HouseInspectView
    copy_view_enabled = False
