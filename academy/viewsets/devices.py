"""Head office's switch for what browsers may keep of the academy."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from academy.errors.refusals import RuleViolation
from academy.operations.device.switching import DECIDERS, switch_devices, switch_refusal
from academy.requests.device import keeps_on_devices
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role
from academy.viewsets.base import Scope
from academy.viewsets.pages import PageViewSet, admin_page, viewer_with
from academy.viewsets.scoped import scope_of


def devices(request: SignedInRequest) -> HttpResponse:
    viewer, today = viewer_with(request, *DECIDERS)
    keep, reason = keeps_on_devices(), ""
    if request.method == "POST":
        keep, reason = "keep" in request.POST, request.POST.get("reason", "")[:500]
        try:
            switch_devices(keep=keep, reason=reason, actor=viewer, now=timezone.now())
        except RuleViolation as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, _t("Saved."))
            return redirect("devices:index")
    return admin_page(
        request,
        "academy/admin/devices.html",
        {"keep": keep, "reason": reason, "refusal": switch_refusal(viewer, today)},
        title=_t("On devices"),
        icon="mobile-alt",
    )


class DeviceViewSet(PageViewSet):
    scope = Scope.BANK
    name = "devices"
    icon = "mobile-alt"
    menu_label = _("On devices")
    menu_order = 395

    def is_for(self, request: SignedInRequest) -> bool:
        viewer, today = scope_of(request)
        return has_role(viewer, today, *DECIDERS)

    def get_urlpatterns(self) -> list[Any]:
        return [path("", devices, name="index")]
