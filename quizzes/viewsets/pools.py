"""The doors to exam questions in the admin: who is let in is logged, who is not reads why.

Every address of a question passes here, those of Wagtail included, so that a new version of it opens none unseen.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from wagtail.permission_policies import ModelPermissionPolicy

from academy.errors.refusals import RuleViolation
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest
from quizzes.models import Question
from quizzes.pools.exam_pools import exam_pool_refusal
from quizzes.pools.looks import log_look_at_question


def for_readers(view: Callable[..., HttpResponse], name: str) -> Callable[..., HttpResponse]:
    """A view of one question (``pk``): refused with the reason to whom an exam pool is closed, else logged."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "pk" in kwargs:
            open_question(request, question_or_404(str(kwargs["pk"])), name)
        return view(request, *args, **kwargs)

    return guarded


def question_or_404(key: str) -> Question:
    number = whole_number(key)
    question = None if number is None else Question.objects.select_related("category").filter(pk=number).first()
    if question is None:
        raise Http404
    return question


def open_question(request: SignedInRequest, question: Question, name: str) -> None:
    """Lets the person in and logs the look, or raises ``RuleViolation`` with the reason."""
    refusal = exam_pool_refusal(user=request.user, question=question, now=timezone.now())
    if refusal:
        raise RuleViolation(refusal)
    log_look_at_question(request, question, name)


class QuestionPolicy(ModelPermissionPolicy):
    """What Wagtail asks about one question where no address of ours stands before it: bulk actions, workflow, buttons."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Question) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Question) -> bool:
        if not super().user_has_any_permission(user, actions):
            return False
        return exam_pool_refusal(user=user, question=instance, now=timezone.now()) is None
