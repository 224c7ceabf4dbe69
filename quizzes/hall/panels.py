"""Exam day's places on screens of the ground floor: the site's menu, and a person's page in the admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.access import has_role, is_auditor_only
from academy.clock import local_day
from academy.models import Role, User
from quizzes.hall.bans import line_label
from quizzes.hall.seating import ARRANGERS
from quizzes.models import Attempt, Ban, Quiz, SpecialResult


def invigilator_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Who invigilates finds the console in the site's menu."""
    if not has_role(request.user, local_day(timezone.now()), Role.INVIGILATOR):
        return []
    return [{"label": _("Invigilation"), "url": reverse("hall:sessions"), "order": 60}]


def person_panels(request: HttpRequest, person: User) -> list[dict[str, Any]]:
    """Exams a person sat, special results and bans, for HR and auditors."""
    today = local_day(timezone.now())
    if not has_role(request.user, today, *ARRANGERS, Role.AUDITOR):
        return []
    context = {
        "attempts": Attempt.objects.filter(learner=person, quiz__kind=Quiz.Kind.EXAM)
        .exclude(state=Attempt.State.NOT_STARTED)
        .select_related("quiz")
        .defer("paper")[:20],
        "results": SpecialResult.objects.filter(person=person, withdrawn_at=None).select_related("quiz")[:20],
        "bans": [
            (ban, line_label(ban.line))
            for ban in Ban.objects.current().filter(person=person, effective_until__gte=today)
        ],
        "may_change": has_role(request.user, today, *ARRANGERS) and not is_auditor_only(request.user, today),
    }
    return [{"order": 40, "template": "quizzes/admin/person_exams.html", "context": context}]
