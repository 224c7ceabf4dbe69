"""An entry of the admin's menu that only those see for whom it is."""

from collections.abc import Callable
from typing import Any

from wagtail.admin.menu import MenuItem

from academy.requests.signed_in import SignedInRequest


class GuardedMenuItem(MenuItem):
    """``shown_to`` says of a request whether its person sees the entry; the page behind it checks for itself."""

    def __init__(self, *args: Any, shown_to: Callable[[SignedInRequest], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown_to = shown_to

    def is_shown(self, request: SignedInRequest) -> bool:
        return self.shown_to(request)
