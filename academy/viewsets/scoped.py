"""The base of every admin screen about people: what it lists, opens, exports and remembers is the viewer's part."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Model
from django.db.models.query import QuerySet
from django.http import Http404
from django.utils import timezone
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history, usage

from academy.calendar.clock import local_day
from academy.models import Branch, User
from academy.models.roles import PEOPLE_ROLES
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import branches_visible_to, people_visible_to
from academy.staff.groups import roles_allowing
from academy.viewsets.base import HouseIndexView, HouseViewSet, ReadsInWords, RefusingDeleteView
from academy.viewsets.mixing import WagtailPart


def scope_of(request: SignedInRequest) -> tuple[User, date]:
    """Who is looking, on which of the bank's days."""
    return request.user, local_day(timezone.now())


class ScopeMixin(WagtailPart):
    """Narrows a view to rows of people (``scope_path`` leads to the person) or of branches.

    Whoever reads a part of the bank by one role and may change rows in another part by another, changes them only there.
    """

    scope_path = ""
    scope_branch_path = ""
    scope_action = "view"

    def scope_roles(self, model: type[Model]) -> tuple[str, ...]:
        if self.scope_action == "view":
            return PEOPLE_ROLES
        return roles_allowing(f"{model._meta.app_label}.{self.scope_action}_{model._meta.model_name}")

    def scope_queryset(self, queryset: QuerySet) -> QuerySet:
        roles = self.scope_roles(queryset.model)
        viewer, today = scope_of(self.request)
        if viewer.is_superuser:
            return queryset
        if self.scope_branch_path:
            visible = branches_visible_to(viewer, today, roles)
            path = self.scope_branch_path
            return queryset.filter(pk__in=visible) if path == "pk" else queryset.filter(**{f"{path}__in": visible})
        visible_people = people_visible_to(viewer, today, roles)
        path = self.scope_path or "pk"
        return queryset.filter(**{f"{path}__in": visible_people.values("pk")})


class ScopedIndexView(ScopeMixin, HouseIndexView):
    """A listing of the viewer's part, its spreadsheet too."""

    def get_base_queryset(self) -> QuerySet:
        return self.scope_queryset(super().get_base_queryset())


class _ScopedObject(ScopeMixin):
    """Whatever way a view takes to its object, one that is out of the viewer's part is a 404."""

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        found = super().get_object(*args, **kwargs)
        if not self.scope_queryset(type(found)._default_manager.filter(pk=found.pk)).exists():
            raise Http404
        return found


class ScopedEditView(_ScopedObject, generic.EditView):
    """Editing one of the viewer's part; all else is a 404."""

    scope_action = "change"


class ScopedDeleteView(_ScopedObject, RefusingDeleteView):
    """Deleting one of the viewer's part."""

    scope_action = "delete"


class ScopedCopyView(_ScopedObject, generic.CopyView):
    """Copying one of the viewer's part."""


class ScopedHistoryView(_ScopedObject, history.HistoryView):
    """The history of one of the viewer's part."""


class ScopedUsageView(_ScopedObject, usage.UsageView):
    """Where one of the viewer's part is used."""


class ScopedInspectView(_ScopedObject, ReadsInWords, generic.InspectView):
    """Reading one of the viewer's part."""


class ScopedViewSet(HouseViewSet):
    """A model's screens, all of them narrowed to the viewer's part of the tree.

    ``scope_path`` leads from the model to the person (``"person"``), ``scope_branch_path`` to the branch.
    """

    index_view_class = ScopedIndexView
    edit_view_class = ScopedEditView
    delete_view_class = ScopedDeleteView
    copy_view_class = ScopedCopyView
    history_view_class = ScopedHistoryView
    usage_view_class = ScopedUsageView
    inspect_view_class = ScopedInspectView
    add_to_reference_index = False
    scope_path = ""
    scope_branch_path = ""

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(
            scope_path=self.scope_path, scope_branch_path=self.scope_branch_path, **kwargs
        )


def visible_branches(request: SignedInRequest | None, roles: Iterable[str] = PEOPLE_ROLES) -> QuerySet[Branch]:
    """The branches a filter or a form offers to the viewer: a form that changes something says by which ``roles``."""
    if request is None:
        return Branch.objects.none()
    viewer, today = scope_of(request)
    return branches_visible_to(viewer, today, roles).filter(closed_on=None)
