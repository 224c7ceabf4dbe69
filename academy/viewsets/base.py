"""The base of the admin's plain listings: views can be left out, and what is in use is not deleted but explained."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from academy.deletion import deletion_refusal
from academy.journal import record


class RefusingDeleteView(generic.DeleteView):
    """For listings whose rows are pointed at: the row stays, and the person reads why."""

    def form_valid(self, form: Any) -> HttpResponse:
        refusal = deletion_refusal(self.object)
        if refusal:
            messages.error(self.request, refusal)
            return redirect(self.get_success_url())
        return super().form_valid(form)


class JournalledEditView(generic.EditView):
    """An edit that changes what holds for people: the journal keeps what each changed field said before and after."""

    journal_action: str

    def save_instance(self) -> Any:
        form = self.form
        before = {name: str(form.initial.get(name, "")) for name in form.changed_data}
        with transaction.atomic():
            saved = super().save_instance()
            if before:
                after = {name: str(_plain(form.cleaned_data.get(name, ""))) for name in before}
                record(
                    self.journal_action,
                    now=timezone.now(),
                    actor=self.request.user,
                    about=saved,
                    before=before,
                    after=after,
                )
        return saved


def _plain(value: Any) -> Any:
    """The form knows a related row by its key; the journal compares like with like."""
    return getattr(value, "pk", value)


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
