"""Moving a page of a lesson: what counts for a certificate changes by a move as much as by an edit."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.decisions.objects import Act, reasons_to_count, second_people
from academy.decisions.publishing import PUBLISH
from academy.decisions.removing import UNPUBLISH, removal_is_asked
from academy.requests.signed_in import SignedInRequest


def refuse_moving_what_counts(request: SignedInRequest, page: Any, destination: Any) -> HttpResponse | None:
    """Where a second person would be asked to take the page away here, or to publish it there, it is not moved by one."""
    page, destination = page.specific, destination.specific
    if page.is_root():
        raise Http404
    if not page.live or page.get_parent().pk == destination.pk:
        return None
    now, actor = timezone.now(), request.user
    goes = removal_is_asked(things=[page], name=UNPUBLISH, actor=actor, now=now)
    comes = bool(reasons_to_count(destination)) and bool(
        second_people(acts=[Act(page, PUBLISH)], but=actor, on=local_day(now), at_most=1)
    )
    if not goes and not comes:
        return None
    messages.error(
        request,
        _(
            "“%(page)s” counts for a certificate, here or where it would go. Unpublish it, move it, and publish it again: a second person agrees to both."
        )
        % {"page": page},
    )
    return redirect("wagtailadmin_explore", page.get_parent().pk)
