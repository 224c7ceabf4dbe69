"""Before something is taken away: whoever does it reads what that would do, and what is in use stays."""

from typing import Any

from django.contrib import messages
from django.db.models import Model, ProtectedError
from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages as admin_messages

from academy.doors import consequences_of


class _TriedOut(Exception):
    """Ends a trial deletion."""


def deletion_refusal(instance: Model) -> str | None:
    """Why something cannot be deleted, or None. Tried out and rolled back, so it cannot be wrong."""
    # Deleting clears the key of what is handed in, so the trial works on a copy.
    copy = type(instance)._default_manager.get(pk=instance.pk)
    try:
        with atomic():
            copy.delete()
            raise _TriedOut
    except ProtectedError:
        return _("“%(name)s” is in use and cannot be deleted.") % {"name": instance}
    except _TriedOut:
        return None


def refuse_deletion(request: HttpRequest, instances: list[Model]) -> HttpResponse | None:
    """For Wagtail's ``before_delete_snippet``."""
    for instance in instances:
        refusal = deletion_refusal(instance)
        if refusal:
            admin_messages.error(request, f"{refusal} {_('It can be taken offline instead.')}")
            meta = instance._meta
            return redirect(f"wagtailsnippets_{meta.app_label}_{meta.model_name}:list")
    return None


def tell_consequences(request: HttpRequest, change: Any) -> None:
    """For Wagtail's ``before_…_page`` hooks: the answers of every floor stand above the question."""
    if request.method == "GET":
        for consequence in consequences_of(change):
            messages.warning(request, consequence.text)
