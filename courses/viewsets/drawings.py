"""The shipped drawings, as a trainer chooses one for a lesson."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse
from django.utils.translation import get_language

from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from courses.drawings.pictures import picture


@declares(Scope.CONTENT)
def drawing(request: SignedInRequest, name: str) -> HttpResponse:
    """One drawing as a file: it brings the colours along that a page gives it otherwise."""
    svg = picture(name=name, language=get_language() or "zh-hans")
    colours = finders.find("academy/tokens.css")
    if not svg or not colours:
        raise Http404
    style = Path(colours).read_text(encoding="utf-8")
    body = svg.replace(">", f"><style><![CDATA[{style}]]></style>", 1)
    return HttpResponse(body, content_type="image/svg+xml")
