"""Deleting and taking offline in the admin: what it does stands above the question, what is in use stays, and what counts
for a certificate goes when a second person agrees."""

from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.pages.delete import DeleteView
from wagtail.models import Page

from academy.decisions.objects import DELETE, UNPUBLISH, reasons_to_count
from academy.decisions.reasons import register_reason
from academy.decisions.removing import propose_removal, removal_is_asked, removal_refusal, things_going
from academy.doors import consequences_of
from academy.errors.refusals import RuleViolation
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.handing_in import tell_handed_in

WITHOUT_WORDS = register_reason(gettext_lazy("Asked for without more words"))


def what_goes(request: SignedInRequest, thing: Any, name: str) -> list[Any]:
    """What taking it away does, in words, and whether a second person has to agree."""
    told = [consequence.text for consequence in consequences_of(thing)]
    going = things_going(thing, descendants=name == DELETE)
    counts = " · ".join(dict.fromkeys(reason for thing in going for reason in reasons_to_count(thing)))
    if removal_is_asked(things=going, name=name, actor=request.user, now=timezone.now()):
        told.append(_("It counts for: %(what)s. A second person has to agree first.") % {"what": counts})
    elif counts:
        told.append(_("It counts for: %(what)s.") % {"what": counts})
    return told


def ask_to_remove(request: SignedInRequest, thing: Any, name: str) -> HttpResponse | None:
    """On the way to take something away: refused with the reason, proposed to a second person, or None to go on."""
    refusal = removal_refusal(thing, name)
    if refusal:
        offline = name == DELETE and hasattr(thing, "live")
        messages.error(request, f"{refusal} {_('It can be taken offline instead.')}" if offline else refusal)
        return redirect(_place_of(request, thing))
    if request.method == "GET":
        for text in what_goes(request, thing, name):
            messages.warning(request, text)
        return None
    below = name == DELETE or bool(request.POST.get("include_descendants"))
    now, going = timezone.now(), things_going(thing, descendants=below)
    if not removal_is_asked(things=going, name=name, actor=request.user, now=now):
        return None
    reason = request.POST.get("reason", "").strip() or str(WITHOUT_WORDS)
    try:
        proposal = propose_removal(
            thing=thing, name=name, descendants=below, reason=reason, actor=request.user, now=now
        )
    except RuleViolation as refused:
        messages.error(request, refused.message)
    else:
        tell_handed_in(request, proposal)
    return redirect(_place_of(request, thing))


def _place_of(request: SignedInRequest, thing: Model) -> str:
    return AdminURLFinder(request.user).get_edit_url(thing) or reverse("wagtailadmin_home")


@require_admin_access
def delete_page(request: SignedInRequest, page_id: int) -> HttpResponse:
    """In the place of Wagtail's own, which closes the door without a word: what a page's own rule keeps is said first."""
    page = get_object_or_404(Page, pk=page_id).specific
    bar = getattr(page, "deletion_bar", None)
    refusal = bar(request.user) if bar is not None and page.permissions_for_user(request.user).can_edit() else None
    if refusal:
        messages.error(request, refusal)
        return redirect(_place_of(request, page))
    return DeleteView.as_view()(request, page_id=page_id)


def before_delete_page(request: SignedInRequest, page: Page) -> HttpResponse | None:
    return ask_to_remove(request, page, DELETE)


def before_unpublish(request: SignedInRequest, thing: Any) -> HttpResponse | None:
    """For pages and snippets; Wagtail asks when it is done, the page before it tells by a tag."""
    answer = ask_to_remove(request, thing, UNPUBLISH)
    if request.method == "POST" and request.POST.get("other_languages") and isinstance(thing, Page):
        for twin in other_languages_of(thing):
            _take_offline_too(request, twin)
    return answer


def other_languages_of(page: Page) -> list[Page]:
    """The same page where it is published in other languages."""
    return [twin.specific for twin in page.get_translations().live().select_related("locale")]


def _take_offline_too(request: SignedInRequest, twin: Page) -> None:
    if not twin.permissions_for_user(request.user).can_unpublish() or ask_to_remove(request, twin, UNPUBLISH):
        return
    below = bool(request.POST.get("include_descendants"))
    UnpublishPageAction(twin, user=request.user, include_descendants=below).execute()
    language = twin.locale.get_display_name()
    text = _("“%(name)s” is offline in %(language)s as well.")
    messages.success(request, text % {"name": twin.title, "language": language})


def before_delete_snippet(request: SignedInRequest, instances: list[Model]) -> HttpResponse | None:
    for instance in instances:
        answer = ask_to_remove(request, instance, DELETE)
        if answer is not None:
            return answer
    return None
