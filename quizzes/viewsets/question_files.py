"""A picture or a sound that a trainer puts into the text of a question."""

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from academy.errors.refusals import RuleViolation
from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from quizzes.bank.files import keep_upload
from quizzes.interchange.files import LARGEST_SOUND


@require_POST
@declares(Scope.CONTENT)
def upload_file(request: SignedInRequest) -> HttpResponse:
    """For the script of the editor: the digest by which the text names it, or why it is not taken."""
    if not (request.user.has_perm("quizzes.add_question") or request.user.has_perm("quizzes.change_question")):
        raise Http404
    sent = request.FILES.get("file")
    if sent is None or not sent.size:
        return JsonResponse({"error": _t("The file is empty.")})
    if sent.size > LARGEST_SOUND:
        message = _t("The file is larger than %(size)s MB.") % {"size": LARGEST_SOUND // 1024 // 1024}
        return JsonResponse({"error": message})
    try:
        found = keep_upload(content=sent.read(), now=timezone.now())
    except RuleViolation as refusal:
        return JsonResponse({"error": str(refusal)})
    return JsonResponse({"digest": found.digest, "kind": found.kind})


URLS = [path("questions/files/", upload_file, name="quizzes_file_upload")]
