"""Deleting what papers or other things stand on is refused in words, instead of failing."""

from django.db.models import ProtectedError
from django.db.transaction import atomic
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages

from quizzes.models import Question, Quiz


class _TriedOut(Exception):
    """Ends a trial deletion."""


def deletion_refusal(instance: Question | Quiz) -> str | None:
    """Why a question or quiz cannot be deleted, or None. Tried out and rolled back, so it cannot be wrong."""
    try:
        with atomic():
            instance.delete()
            raise _TriedOut
    except ProtectedError:
        return _("“%(name)s” stands in papers, quizzes or courses and cannot be deleted. Take it offline instead.") % {
            "name": instance
        }
    except _TriedOut:
        return None


def refuse_deletion(request: HttpRequest, instances: list) -> HttpResponse | None:
    """The admin's hook before a snippet is deleted."""
    for instance in instances:
        if isinstance(instance, Question | Quiz):
            # Deleting clears the key of what is handed in, so the trial works on a copy.
            copy = type(instance)._default_manager.get(pk=instance.pk)
            refusal = deletion_refusal(copy)
            if refusal:
                messages.error(request, refusal)
                return redirect(f"wagtailsnippets_quizzes_{instance._meta.model_name}:list")
    return None
