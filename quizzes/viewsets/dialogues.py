"""A dialogue's workbench: the tree drawn while the table is written, and playing the draft from any turn."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from academy.requests.signed_in import SignedInRequest
from academy.viewsets.base import Scope, declares
from quizzes.models import Question
from quizzes.rules.keys import staff_key_refusal
from quizzes.types import BodyProblems, ResponseRefused, question_type
from quizzes.types.dialogue.form import DialogueForm, title_of
from quizzes.types.dialogue.kind import Dialogue, path_of
from quizzes.types.dialogue.play import NotOffered, replay, way_to
from quizzes.viewsets.pools import open_question

KIND = question_type("dialogue")


@require_POST
@declares(Scope.CONTENT)
def dialogue_tree(request: SignedInRequest) -> HttpResponse:
    """The tree of the tables as posted; nothing is saved."""
    if not _may(request):
        raise Http404
    form = DialogueForm(request.POST, prefix="body")
    number = request.GET.get("question", "")
    if number.isascii() and number.isdigit() and Question.objects.filter(pk=int(number[:9]), type="dialogue").exists():
        form.play_address = reverse("quizzes_dialogue_play", args=[int(number[:9])])
    block = next(block for block in form.blocks() if "tree" in block)
    return TemplateResponse(request, "quizzes/admin/dialogue_tree.html", {"tree": block["tree"]})


@declares(Scope.CONTENT)
def dialogue_play(request: SignedInRequest, pk: int) -> HttpResponse:
    """Plays the newest draft as in practice, from a turn by the shortest way there. Nothing is stored: the path goes along."""
    if not _may(request) or staff_key_refusal(user=request.user, question=pk, now=timezone.now()):
        raise Http404
    stored = get_object_or_404(Question, pk=pk, type="dialogue")
    open_question(request, stored, "play")
    question = stored.get_latest_revision_as_object() if stored.latest_revision_id else stored
    language = get_language() or "zh-hans"
    context: dict[str, Any] = {"question": question, "title": title_of(question.body, language), "problems": []}
    try:
        parsed = KIND.parse(question.body)
        response = _response(request, parsed)
    except BodyProblems as faults:
        context["problems"] = [message for _place, message in faults.problems]
        return TemplateResponse(request, "quizzes/admin/dialogue_play.html", context)
    play = replay(question.body, path_of(response))
    context.update(
        presented=KIND.present(parsed, {}, language, response, practice=True),
        path=path_of(response),
        state=play.state,
        turn=play.turn,
        turns=[turn["id"] for turn in question.body["turns"]],
        kind=KIND,
    )
    return TemplateResponse(request, "quizzes/admin/dialogue_play.html", context)


def _response(request: SignedInRequest, parsed: Any) -> dict[str, Any]:
    """The path posted with one step more, or the shortest one to the turn asked for. A path that no longer fits begins anew."""
    if request.method == "POST":
        path = [choice for choice in request.POST.get("path", "")[:4000].split("\n") if choice]
        try:
            replay(parsed.body, path)
            raw = Dialogue().raw_from_post(parsed, request.POST)
            if raw.get("again"):
                return {"path": []}
            return KIND.next_response(parsed, {"path": path}, raw, {}, practice=True) or {"path": []}
        except (NotOffered, ResponseRefused):
            return {"path": []}
    return {"path": way_to(parsed.body, request.GET.get("turn", "")) or []}


def _may(request: SignedInRequest) -> bool:
    return request.user.has_perm("quizzes.change_question") or request.user.has_perm("quizzes.view_question")
