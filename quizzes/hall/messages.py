"""What the invigilator says to a paper that is being written; its open page asks for it with the beat."""

from typing import Any

from django.utils import timezone

from quizzes.models import Attempt, HallAct

SHOWN = 20


def messages_to(attempt: Attempt) -> list[dict[str, Any]]:
    """The newest messages to the seat of this paper, oldest first: the page knows which it has shown. One query."""
    acts = HallAct.objects.filter(kind=HallAct.Kind.MESSAGE, candidates__attempt=attempt).order_by("-at", "-pk")[:SHOWN]
    return [
        {"id": act.pk, "at": f"{timezone.localtime(act.at):%H:%M}", "text": act.reason} for act in reversed(list(acts))
    ]
