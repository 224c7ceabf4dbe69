"""What goes online or offline by its dates: pages, questions, quizzes."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, Page, Revision

from academy.calendar.turns import register_turns

PUBLISHING = register_turns("publish what is due", label=_("Publishing by a date"), model=Revision)
UNPUBLISHING = [
    register_turns(f"take offline: {model._meta.label}", label=_("Taking offline by a date"), model=model)
    for model in [Page, *(model for model in apps.get_models() if issubclass(model, DraftStateMixin))]
    if model is Page or not issubclass(model, Page)
]


def publish_scheduled_content(*, now: datetime) -> int:
    """What is to go online or offline by its dates, as Wagtail's ``publish_scheduled`` does it, but that one which raises
    holds up no other. Returns how many."""

    def unpublish(row: Any) -> bool:
        row.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        return True

    def publish(revision: Revision) -> bool:
        revision.publish(log_action="wagtail.publish.scheduled")
        return True

    done = 0
    for turns in UNPUBLISHING:
        expired = turns.model._default_manager.filter(live=True, expire_at__lt=now).order_by("expire_at")
        done += turns.one_by_one(expired, unpublish, now=now, most=None)
    due = Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")
    return done + PUBLISHING.one_by_one(due, publish, now=now, most=None)
