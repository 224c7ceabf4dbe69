"""The base of the admin's plain listings: views can be left out, and what is in use is not deleted but explained."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from academy.deletion import deletion_refusal


class RefusingDeleteView(generic.DeleteView):
    """For listings whose rows are pointed at: the row stays, and the person reads why."""

    def form_valid(self, form: Any) -> HttpResponse:
        refusal = deletion_refusal(self.object)
        if refusal:
            messages.error(self.request, refusal)
            return redirect(self.get_success_url())
        return super().form_valid(form)


class LeftOutMixin:
    """A viewset without some of its views: neither an address nor a button is left of them."""

    left_out: tuple[str, ...] = ()

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_common_view_kwargs(**kwargs)  # type: ignore[misc]
        return {**found, **{f"{name}_url_name": None for name in self.left_out}}

    def get_urlpatterns(self) -> list[Any]:
        return [p for p in super().get_urlpatterns() if p.name not in self.left_out]  # type: ignore[misc]


class HouseViewSet(LeftOutMixin, ModelViewSet):
    """A model's screens for those who look after it; people's data takes ``ScopedViewSet`` instead."""

    delete_view_class = RefusingDeleteView
    copy_view_enabled = False
