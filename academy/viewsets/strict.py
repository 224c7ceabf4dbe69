"""Wagtail's listings and choosers drop all their filters when one field is wrong; here they list nothing and say so.

Every listing, report, export and chooser of the admin, Wagtail's own included, filters in one of two methods. Nothing is
lost when a new Wagtail no longer has them: the start fails, and a test walks every listing.
"""

from typing import Any

from django.db.models.query import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.views.generic.chooser import BaseChooseView

_filtered, _listing_words = BaseListingView.filter_queryset, BaseListingView.no_results_message.func
_narrowed = BaseListingView.is_filtering.func
_chosen = BaseChooseView.filter_object_list


def wrong_fields(form: Any) -> str:
    """Each wrong field with what is wrong about it."""
    return " ".join(
        f"{form.fields[name].label or name}: {' '.join(faults)}" if name in form.fields else " ".join(faults)
        for name, faults in form.errors.items()
    )


def filter_queryset(self: BaseListingView, queryset: QuerySet) -> QuerySet:
    if self.filters and not self.filters.is_valid():
        return queryset.none()
    return _filtered(self, queryset)


def no_results_message(self: BaseListingView) -> str:
    if self.filters and not self.filters.is_valid():
        return _t("The filter cannot be read, so nothing is listed.") + " " + wrong_fields(self.filters.form)
    return _listing_words(self)


def is_filtering(self: BaseListingView) -> bool:
    return bool(self.filters and not self.filters.is_valid()) or _narrowed(self)


def filter_object_list(self: BaseChooseView, objects: Any) -> Any:
    return _chosen(self, objects) if self.filter_form.is_valid() else objects.none()


def make_filters_strict() -> None:
    """Called once, when the admin's places are registered."""
    BaseListingView.filter_queryset = filter_queryset
    for method in (no_results_message, is_filtering):
        found = cached_property(method)
        found.__set_name__(BaseListingView, method.__name__)
        setattr(BaseListingView, method.__name__, found)
    BaseChooseView.filter_object_list = filter_object_list
