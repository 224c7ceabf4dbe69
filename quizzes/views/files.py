"""A picture or a sound of a question, to whoever may see the text that names it."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from academy.requests.signed_in import SignedInRequest
from quizzes.models import QuestionFile
from quizzes.rules.files import may_see_file

SPAN = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


@require_GET
def question_file(request: SignedInRequest, digest: str) -> HttpResponse:
    """404 also where it is not theirs to see. The browser asks again each time; what it has it need not load anew."""
    if not may_see_file(person=request.user, digest=digest, now=timezone.now()):
        raise Http404
    found = QuestionFile.objects.filter(digest=digest).first()
    if found is None:
        raise Http404
    return file_response(request, kind=found.kind, content=bytes(found.content), tag=digest)


def file_response(request: HttpRequest, *, kind: str, content: bytes, tag: str) -> HttpResponse:
    """Nothing in it runs, whatever it holds. A part where one is asked for: some browsers play no sound without."""
    if request.headers.get("If-None-Match") == f'"{tag}"':
        response = HttpResponse(status=304)
    else:
        span = SPAN.fullmatch(request.headers.get("Range", ""))
        response = _part(content, span) if span else HttpResponse(content)
        response["Content-Type"] = kind
        response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{tag}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _part(content: bytes, span: re.Match[str]) -> HttpResponse:
    first, last = int(span[1]), min(int(span[2] or len(content) - 1), len(content) - 1)
    if first > last:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{len(content)}"
        return response
    response = HttpResponse(content[first : last + 1], status=206)
    response["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return response
