"""Publishing in the editors where a second person publishes: what is handed in says so, and what waits is told above it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.action_menu import ActionMenuItem as PageActionMenuItem
from wagtail.admin.action_menu import PublishMenuItem as PagePublishItem
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import DraftStateMixin
from wagtail.snippets.action_menu import ActionMenuItem as SnippetActionMenuItem
from wagtail.snippets.action_menu import PublishMenuItem as SnippetPublishItem
from wagtail.snippets.permissions import get_permission_name

from academy.decisions.objects import kind_of, thing_named
from academy.decisions.publishing import hand_in, is_asked, two_publish, waiting_publications
from academy.decisions.reasons import register_reason
from academy.decisions.submitting import submit
from academy.errors.refusals import RuleViolation
from academy.journal.facts import reference_to
from academy.models import Proposal
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.mixing import WagtailPart
from academy.viewsets.open_forms import remember_saving

PUBLISHED_IN_EDITOR = register_reason(_lazy("Published in the editor"))
HANDED_IN_FROM_EDITOR = register_reason(_lazy("Handed in from the editor"))


class SaysNotPublished(WagtailPart):
    """A refusal to publish is told as one: the draft beside it is saved all the while. It leads to each field that is wrong:
    a long form shows it far below."""

    def get_error_message(self) -> str:
        if "action-publish" in self.request.POST and not self.expects_json_response:
            return _("Not published: something is still missing or wrong.")
        return super().get_error_message()

    def form_invalid(self, form: Any) -> HttpResponse:
        said = getattr(self, "produced_error_message", None)
        wrong = [form[name] for name in form.errors if name in form.fields and not form[name].is_hidden]
        if said and wrong and not self.expects_json_response:
            places = format_html_join(
                " · ", '<a href="#{}-label">{}</a>', ((field.id_for_label, field.label) for field in wrong)
            )
            self.produced_error_message = format_html("{} {}", said, places)
        return super().form_invalid(form)


def hand_in_instead(request: SignedInRequest, thing: Any) -> HttpResponse | None:
    """For Wagtail's ``before_publish…`` hooks: the draft is saved, and a second person publishes it."""
    if kind_of(thing) is None:
        return None
    stored, now = thing_named(reference_to(thing)), timezone.now()
    revision = stored.latest_revision if stored is not None else None
    if revision is None or not is_asked(thing=stored, revision=revision, actor=request.user, now=now):
        return None
    # What the form saves by itself from here on is late, as after any button.
    remember_saving(request, stored)
    reason = request.POST.get("reason", "").strip() or str(PUBLISHED_IN_EDITOR)
    try:
        proposal = hand_in(drafts=[(stored, revision)], reason=reason, actor=request.user, now=now)
    except RuleViolation as refused:
        messages.error(request, _("Saved as a draft, not published. %(why)s") % {"why": refused.message})
    else:
        tell_handed_in(request, proposal)
    return redirect(AdminURLFinder(request.user).get_edit_url(thing) or "wagtailadmin_home")


def tell_handed_in(request: SignedInRequest, proposal: Proposal, what: str = "") -> None:
    """What became of a proposal, above the next page; ``what`` says of how many things, where it is many."""
    if proposal.state == Proposal.State.WAITING:
        text = _("Handed to a second person. Until they agree nothing changes.")
    else:
        text = _("Done. Nobody else could decide about it.")
    messages.success(request, f"{what} {text}".strip(), buttons=[_button(proposal)])


def tell_submitted(request: SignedInRequest, proposal: Proposal | None) -> None:
    """The same of drafts that may have needed nobody else."""
    if proposal is None:
        messages.success(request, _("Published."))
    else:
        tell_handed_in(request, proposal)


def tell_what_waits(request: SignedInRequest, thing: Any) -> None:
    """For Wagtail's ``before_edit…`` hooks: above the form stands what waits of it, and for whom."""
    if request.method != "GET" or kind_of(thing) is None:
        return
    for proposal in waiting_publications([thing]):
        text = _(
            "%(who)s handed this in on %(day)s. It waits for a second person; what you change now is not a part of it."
        )
        day = timezone.localtime(proposal.proposed_at).date()
        messages.info(
            request, text % {"who": proposal.proposed_by, "day": day.isoformat()}, buttons=[_button(proposal)]
        )


def tell_what_was_refused(request: SignedInRequest, thing: Any) -> None:
    """The same of what a second person did not approve, and why, until something else is written. One query."""
    revision = thing.latest_revision if getattr(thing, "has_unpublished_changes", False) else None
    if request.method != "GET" or kind_of(thing) is None or revision is None:
        return
    refused = Proposal.objects.filter(
        objects_concerned__reference=reference_to(thing),
        state=Proposal.State.REJECTED,
        decided_at__gte=revision.created_at,
    )
    for proposal in refused.select_related("decided_by").order_by("-decided_at")[:1]:
        text = _("Not approved by %(who)s: %(note)s") % {"who": proposal.decided_by, "note": proposal.note}
        messages.warning(request, text, buttons=[_button(proposal)])


def _button(proposal: Proposal) -> Any:
    return messages.button(reverse("proposals:decide", args=[proposal.pk]), _("See the proposal"))


class ByTwoMixin(WagtailPart):
    """For the views by which Wagtail makes and edits: what counts for a certificate is proposed instead of saved."""

    def propose(self, form: Any) -> Proposal | None:
        """The proposal, or None where one person is enough. Raises ``RuleViolation``."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        proposal = self.propose(form)
        if proposal is None:
            return super().form_valid(form)
        tell_handed_in(self.request, proposal)
        return redirect(self.get_success_url())


HAND_IN = "action-hand-in"


class _HandIn:
    """What stands in the editor in the place of 发布 for those who write and do not publish."""

    label = pgettext_lazy("for review", "Hand in")
    name = HAND_IN
    icon_name = "resubmit"


class PageHandInItem(_HandIn, PageActionMenuItem):
    def is_shown(self, context: Any) -> bool:
        if context["view"] == "create" or kind_of(context["page"]) is None:
            return False
        return super().is_shown(context) and not self.get_user_page_permissions_tester(context).can_publish()


class SnippetHandInItem(_HandIn, SnippetActionMenuItem):
    def is_shown(self, context: Any) -> bool:
        if context["view"] != "edit" or kind_of(context["instance"]) is None:
            return False
        may_publish = context["request"].user.has_perm(get_permission_name("publish", context["model"]))
        return super().is_shown(context) and not may_publish


def snippet_hand_in_item(model: Any) -> SnippetHandInItem | None:
    return SnippetHandInItem(order=40) if issubclass(model, DraftStateMixin) else None


class _PublishByTwo:
    """发布 where a second person publishes: it says so, and asks for the reason that they read."""

    template_name = "academy/admin/publish_by_two.html"
    label = _lazy("Hand to a second person")
    icon_name = "resubmit"


class PagePublishByTwoItem(_PublishByTwo, PagePublishItem):
    """In the editor of a page."""


class SnippetPublishByTwoItem(_PublishByTwo, SnippetPublishItem):
    """In the editor of a question or a quiz."""


def say_who_publishes(items: list[Any], request: SignedInRequest, context: dict[str, Any]) -> None:
    """For Wagtail's ``construct_…_action_menu`` hooks: the button says that somebody else publishes what counts."""
    thing, kinds = context.get("page"), (PagePublishItem, PagePublishByTwoItem)
    if thing is None:
        thing, kinds = context.get("instance"), (SnippetPublishItem, SnippetPublishByTwoItem)
    if thing is None or not thing.pk or not two_publish(thing=thing, actor=request.user, now=timezone.now()):
        return
    plain, by_two = kinds
    items[:] = [by_two(order=item.order) if type(item) is plain else item for item in items]


def hand_in_after_saving(request: SignedInRequest, thing: Any) -> HttpResponse | None:
    """For Wagtail's ``after_edit…`` hooks: the draft is saved, and goes to a second person."""
    if HAND_IN not in request.POST or kind_of(thing) is None:
        return None
    stored = thing_named(reference_to(thing))
    reason = request.POST.get("reason", "").strip() or str(HANDED_IN_FROM_EDITOR)
    try:
        drafts = [(stored, stored.latest_revision)]
        proposal = submit(drafts=drafts, reason=reason, actor=request.user, now=timezone.now())
    except RuleViolation as refused:
        messages.error(request, _("Saved as a draft, not handed in. %(why)s") % {"why": refused.message})
    else:
        tell_submitted(request, proposal)
    return redirect(AdminURLFinder(request.user).get_edit_url(thing) or "wagtailadmin_home")
