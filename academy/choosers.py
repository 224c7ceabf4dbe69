"""Wagtail's choosers, mended where they stumble."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.chooser import ExternalLinkView


class _ExternalLinkView(ExternalLinkView):
    """Wagtail's field takes a form without the address for one with None in it, and fails."""

    def post(self, request: HttpRequest) -> HttpResponse:
        if f"{self.form_prefix}-url" not in request.POST:
            raise BadRequest("no address")
        return super().post(request)


external_link = require_admin_access(_ExternalLinkView.as_view())
