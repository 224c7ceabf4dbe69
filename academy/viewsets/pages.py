"""The base of the admin's hand-made pages: their title, the way to them and for whom they are."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.viewsets.base import ViewSet

from academy.models import User
from academy.requests.asked import Filter
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.base import Scope
from academy.viewsets.menu import GuardedMenuItem
from academy.viewsets.scoped import scope_of

# An address and what stands on it.
type Place = tuple[str, Any]


def admin_page(
    request: SignedInRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    title: Any,
    icon: str,
    above: Iterable[Place] = (),
    leaf: Any = None,
    status: int = 200,
) -> TemplateResponse:
    """The page, with the way to it: home, the places above and the page itself.

    ``leaf`` is what the way calls the page where that is not its title; '' where the last of ``above`` is the page.
    """
    places = [(reverse("wagtailadmin_home"), _("Home")), *above]
    if leaf is None or leaf:
        places.append(("", title if leaf is None else leaf))
    crumbs = [{"url": url, "label": label} for url, label in places]
    page = {**context, "header_title": title, "header_icon": icon, "breadcrumbs_items": crumbs}
    return TemplateResponse(request, template, page, status=status)


def wrong_filter_page(request: SignedInRequest, form: Filter) -> TemplateResponse:
    """The filter with its faults, in the place of the list."""
    kept = [
        (name, value)
        for name, value in request.GET.items()
        if name not in form.fields and name not in ("p", "format", "export")
    ]
    listing = request.path if request.method == "GET" else str(form.listing)
    return admin_page(
        request,
        "academy/admin/wrong_filter.html",
        {
            "form": form,
            "kept": kept,
            "listing": listing,
            "exports": request.method == "POST" or "format" in request.GET,
        },
        title=form.title,
        icon="list-ul",
        above=[(listing, form.title)],
        leaf="",
        status=400,
    )


def viewer_with(request: SignedInRequest, *roles: str) -> tuple[User, date]:
    """Who looks, on which of the bank's days. To whom holds none of the roles the page is not there."""
    viewer, today = scope_of(request)
    if not has_role(viewer, today, *roles):
        raise Http404
    return viewer, today


class PageViewSet(ViewSet):
    """Hand-made pages in a place of their own, which stands in the menu of those for whom it is."""

    scope: Scope
    menu_name = ""

    def is_for(self, request: SignedInRequest) -> bool:
        """Whether the menu shows the place. Each page asks for itself."""
        raise NotImplementedError

    def get_menu_item(self, order: int | None = None) -> GuardedMenuItem:
        return GuardedMenuItem(
            label=self.menu_label,
            url=self.menu_url,
            name=self.menu_name or self.name,
            icon_name=self.icon,
            order=order or self.menu_order,
            shown_to=self.is_for,
        )
