"""What the page of an exam tells about itself: facts, and its sign of life."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.requests.client_address import client_address
from academy.requests.signed_in import is_signed_in
from quizzes.hall.notes import NotesRefused, digest_of, keep_notes, read_notes
from quizzes.models import Attempt, Quiz

MAXIMUM_BODY = 16 * 1024


@require_POST
def notes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keeps what the page noticed; the contract stands in ``quizzes.hall.notes``."""
    if not is_signed_in(request):
        return JsonResponse({"error": _("You are signed out.")}, status=401)
    attempt = get_object_or_404(
        Attempt.objects.defer("paper"), uuid=uuid, learner=request.user, quiz__kind=Quiz.Kind.EXAM
    )
    if len(request.body) > MAXIMUM_BODY:
        return JsonResponse({"error": _("This is too long.")}, status=413)
    try:
        data = json.loads(request.body)
        found = read_notes(data)
    except (ValueError, RecursionError, NotesRefused):
        return JsonResponse({"error": _("This cannot be read.")}, status=400)
    sign_in = request.session.session_key or ""
    kept = keep_notes(
        attempt=attempt,
        notes=found,
        place=digest_of(sign_in),
        page=digest_of(sign_in, str(data.get("tab", ""))[:64]),
        address=client_address(request),
        now=timezone.now(),
    )
    return JsonResponse({"kept": kept})
