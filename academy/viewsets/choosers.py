"""Wagtail's choosers, mended where they stumble."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.utils.functional import lazy
from django.utils.translation import gettext
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.chooser import ExternalLinkView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet
from wagtail.snippets.widgets import AdminSnippetChooser

from academy.requests.signed_in import SignedInRequest


class _ExternalLinkView(ExternalLinkView):
    """Wagtail's field takes a form without the address for one with None in it, and fails."""

    def post(self, request: SignedInRequest) -> HttpResponse:
        if f"{self.form_prefix}-url" not in request.POST:
            raise BadRequest("no address")
        return super().post(request)


external_link = require_admin_access(_ExternalLinkView.as_view())


def speak_every_language() -> None:
    """Wagtail puts a snippet's name into the words of its chooser when the form's class is made, once for the process and
    in the language of whoever asked first. They are put together each time they are read instead."""
    made = AdminSnippetChooser.__init__
    said = lazy(lambda text, name: gettext(text) % {"object": name}, str)

    def made_anew(self: AdminSnippetChooser, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        name = self.model._meta.verbose_name
        self.choose_one_text = said("Choose %(object)s", name)
        self.choose_another_text = said("Choose another %(object)s", name)
        self.link_to_chosen_text = said("Edit this %(object)s", name)

    AdminSnippetChooser.__init__ = made_anew
    # The same of the window, whose heading is put into words when Wagtail is imported.
    word = lazy(gettext, str)
    ChooserViewSet.choose_one_text = word("Choose")
    ChooserViewSet.choose_another_text = word("Choose another")
    ChooserViewSet.edit_item_text = word("Edit")
    ChooserViewSet.search_tab_label = word("Search")
    ChooserViewSet.create_action_label = word("Create")
    # And of the way to a snippet, which is said to its views when the process starts.
    way: Any = SnippetViewSet.breadcrumbs_items
    names = ("Home", "Snippets")

    def way_anew(self: SnippetViewSet) -> list[dict[str, Any]]:
        return [{**place, "label": word(name)} for place, name in zip(way.fget(self), names, strict=False)]

    SnippetViewSet.breadcrumbs_items = property(way_anew)
