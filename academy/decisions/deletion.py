"""Before something is taken away: whoever does it reads what that would do, and what is in use stays."""

from typing import Any

from django.contrib import messages
from django.db import router
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages as admin_messages

from academy.doors import consequences_of


def deletion_refusal(instance: Model) -> str | None:
    """Why something cannot be deleted, or None. Django's collector knows what would go with it; nothing is written."""
    try:
        Collector(using=router.db_for_write(type(instance), instance=instance), origin=instance).collect([instance])
    except (ProtectedError, RestrictedError):
        return _("“%(name)s” is in use and cannot be deleted.") % {"name": instance}
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
