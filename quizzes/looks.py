"""Who looked at an exam question: a look is a read, so it goes to the access log; what is done stands in the journal."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from academy.client_address import client_address
from academy.journal.facts import reference_to
from academy.models import AccessLog
from quizzes.exam_pools import pools, questions_in

LOOKED = "exam_question"
# The admin asks for a page and its preview again and again; within this time it is one look.
ONE_LOOK = timedelta(minutes=5)


def log_look(request: HttpRequest, about: models.Model, name: str) -> None:
    """Notes that the person was shown exam questions of ``about``, the one thing that a GET writes."""
    now = timezone.now()
    look = {"kind": LOOKED, "person": request.user, "about": reference_to(about), "outcome": name[:40]}
    if not AccessLog.objects.filter(**look, at__gt=now - ONE_LOOK).exists():
        AccessLog.objects.create(**look, at=now, address=client_address(request)[:64])


def log_look_at_some(request: HttpRequest, shown: Iterable[int], about: models.Model, name: str) -> None:
    """The same for a page of many questions, where one of those that were shown lies in an exam pool."""
    kept = questions_in(pools().values_list("pk", flat=True))
    if kept.filter(pk__in=list(shown)).exists():
        log_look(request, about, name)
