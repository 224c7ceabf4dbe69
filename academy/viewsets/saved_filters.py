"""Filters of listings kept under a name: one's own, and those that somebody shares with all who open the listing.

What is kept is what stands behind the address, so that any listing of the admin that has filters has them, too. It opens
no door: a kept filter is a link to the listing, which shows each what they may see.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from academy.models import SavedFilter
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares

# Of one person on one listing, and of those of others what a screen can hold.
MOST_OWN, MOST_SHARED = 20, 20
# What says which page is looked at or how it is answered, and nothing of what is looked for.
NOT_KEPT = ("p", "_w_filter_fragment", "export", "format")
RESULTS = "_results"


@dataclass(frozen=True)
class Offered:
    """A kept filter on its listing. ``is_now`` says that it is what the listing shows."""

    kept: SavedFilter
    address: str
    is_own: bool
    is_now: bool


@dataclass(frozen=True)
class Bar:
    """What a listing says of kept filters; ``form`` is None where there is nothing new to keep."""

    offered: list[Offered]
    form: "SavedFilterForm | None"


class SavedFilterForm(forms.ModelForm):
    """The name of what the listing shows now."""

    name = forms.CharField(label=pgettext_lazy("saved filter", "Name"), max_length=40)
    is_shared = forms.BooleanField(label=gettext_lazy("Offer it to everybody who opens this list"), required=False)

    class Meta:
        model = SavedFilter
        fields = ["listing", "query", "name", "is_shared"]
        widgets = {"listing": forms.HiddenInput, "query": forms.HiddenInput}

    def clean_listing(self) -> str:
        listing = str(self.cleaned_data["listing"])
        _address(listing)
        return listing

    def clean_query(self) -> str:
        return normalised(self.cleaned_data["query"])


def normalised(query: str) -> str:
    """What is asked, without what is left empty, in one order."""
    asked = parse_qsl(query, max_num_fields=200)
    return urlencode(sorted((name, value) for name, value in asked if name not in NOT_KEPT))


def bar_of(request: HttpRequest) -> Bar | None:
    """None for a listing below a thing: its address has no name of its own. One query."""
    match = request.resolver_match
    if match is None or match.kwargs or not request.user.is_authenticated:
        return None
    listing = match.view_name.removesuffix(RESULTS)
    try:
        address = _address(listing)
    except forms.ValidationError:
        return None
    now = normalised(request.GET.urlencode())
    seen = SavedFilter.objects.filter(Q(owner=request.user) | Q(is_shared=True), listing=listing)
    found = list(seen.order_by("name", "pk")[: 10 * MOST_SHARED])
    own = [kept for kept in found if kept.owner_id == request.user.pk]
    others = [kept for kept in found if kept.owner_id != request.user.pk][:MOST_SHARED]
    offered = [
        Offered(kept, f"{address}?{kept.query}", kept.owner_id == request.user.pk, kept.query == now)
        for kept in [*own, *others]
    ]
    is_new = bool(now) and not any(offer.is_now for offer in offered)
    form = SavedFilterForm(initial={"listing": listing, "query": now}, auto_id="saved-filter-%s") if is_new else None
    return Bar(offered, form) if offered or form else None


def _address(listing: str) -> str:
    """Where a listing of the admin is. Raises ``ValidationError``."""
    try:
        address = reverse(listing)
    except NoReverseMatch:
        address = ""
    if not address.startswith(reverse("wagtailadmin_home")):
        raise forms.ValidationError(_("This list is not known."))
    return address


@require_POST
@declares(Scope.OWN)
def keep_filter(request: SignedInRequest) -> HttpResponse:
    """A name that one has on this listing already is given to what is shown now."""
    form = SavedFilterForm(request.POST)
    if not form.is_valid():
        if "listing" in form.errors:
            raise Http404
        said = form.errors.get("name") or form.errors.get("query") or [""]
        messages.error(request, " ".join([_("The filter was not kept."), *map(str, said)]))
        return redirect(_back(form.cleaned_data["listing"], str(request.POST.get("query", ""))))
    asked = form.cleaned_data
    mine = SavedFilter.objects.filter(owner=request.user, listing=asked["listing"])
    if mine.exclude(name=asked["name"]).count() >= MOST_OWN:
        messages.error(
            request, _("You keep %(count)s filters of this list already. Remove one first.") % {"count": MOST_OWN}
        )
    else:
        given: dict[str, Any] = {"query": asked["query"], "is_shared": asked["is_shared"]}
        mine.update_or_create(owner=request.user, listing=asked["listing"], name=asked["name"], defaults=given)
        messages.success(request, _("Kept as “%(name)s”.") % {"name": asked["name"]})
    return redirect(_back(asked["listing"], asked["query"]))


def _back(listing: str, query: str) -> str:
    return f"{_address(listing)}?{normalised(query)}"


@require_POST
@declares(Scope.OWN)
def drop_filter(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whoever keeps it takes it away, also from those with whom it is shared."""
    kept = get_object_or_404(SavedFilter, pk=pk, owner=request.user)
    kept.delete()
    messages.success(request, _("“%(name)s” is no longer kept.") % {"name": kept.name})
    return redirect(_back(kept.listing, kept.query))


URLS = [
    path("kept-filters/", keep_filter, name="keep_filter"),
    path("kept-filters/<int:pk>/drop/", drop_filter, name="drop_filter"),
]
