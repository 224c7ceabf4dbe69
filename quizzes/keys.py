"""May this person see the key of this question now? The one place of that rule."""

from django.db.models import Exists, OuterRef, Q

from quizzes.models import QuizSlot


def asked_by(*kinds: str) -> Exists:
    """A condition on questions: a quiz of these kinds asks for it, by name or as one of a category that it draws from."""
    named = Q(question=OuterRef("pk")) | Q(category=OuterRef("category"))
    return Exists(QuizSlot.objects.filter(named, quiz__kind__in=kinds))
