"""Lists of ours beside pages and images in the admin's search: each finds words inside a run of Chinese, as its list does."""

from typing import Any

from django.urls import reverse
from wagtail.admin.search import SearchArea
from wagtail.permissions import policy_registry

from academy.requests.signed_in import SignedInRequest

READING = ("add", "change", "delete", "view")


class ListSearchArea(SearchArea):
    """The search of one list, for those who may open it. ``address`` is the name of the list's address."""

    def __init__(self, label: Any, address: str, model: Any, *, icon: str, order: int) -> None:
        self.model = model
        super().__init__(label, reverse(address), name=model._meta.model_name, icon_name=icon, order=order)

    def is_shown(self, request: SignedInRequest) -> bool:
        policy = policy_registry.get_by_type(self.model)
        return bool(policy.user_has_any_permission(request.user, READING))
