"""The doors to level exams in the admin: everybody of the quizzes reads them, head office changes them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin import messages
from wagtail.permission_policies import ModelPermissionPolicy

from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from quizzes.models import Quiz
from quizzes.pools.exam_settings import exam_refusal

READ = {
    "inspect",
    "usage",
    "history",
    "history_results",
    "copy",
    "revisions_view",
    "revisions_compare",
    "workflow_history",
    "workflow_history_detail",
    "workflow_preview",
}
# Whoever approves in the workflow publishes. What is named nowhere changes.
ACTS = {
    "delete": "delete",
    "unpublish": "publish",
    "revisions_unschedule": "publish",
    "workflow_action": "publish",
    "lock": "lock",
    "unlock": "unlock",
}


class QuizPolicy(ModelPermissionPolicy):
    """What Wagtail asks about one quiz where no address of ours stands before it: bulk actions, previews, buttons."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Quiz) -> bool:
        if not self.user_has_permission(user, action):
            return False
        return exam_refusal(user=user, quiz=instance, act=action, now=timezone.now()) is None


def for_exam_makers(view: Callable[..., HttpResponse], name: str) -> Callable[..., HttpResponse]:
    """A view of one quiz (``pk``): who may not do it to a level exam is led to where it is read, with the reason."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = str(kwargs.get("pk", ""))
        if key and name not in READ:
            act = "publish" if "action-workflow-action" in request.POST else ACTS.get(name, "change")
            number = whole_number(key)
            quiz = None if number is None else Quiz.objects.filter(pk=number).first()
            refusal = quiz and exam_refusal(user=request.user, quiz=quiz, act=act, now=timezone.now())
            if quiz and refusal:
                messages.error(request, refusal)
                return redirect("wagtailsnippets_quizzes_quiz:inspect", quiz.pk)
        return view(request, *args, **kwargs)

    return guarded
