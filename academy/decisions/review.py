"""审核: what is handed in waits as a proposal, alone or as a course (``publishing``). Wagtail's own workflows are the bank's to make;
none comes with the program, since two ways to one thing would leave two states of it."""

from typing import Any

from django.apps import apps
from wagtail.models import Workflow

# Wagtail's example, and what this program set up before it had proposals over things.
NOT_KEPT = ("Moderators approval", "审核 Review")


def retire_workflow(sender: Any = None, **kwargs: Any) -> None:
    """Switches those off that nobody made; what was submitted by them is a draft again. Runs after every migrate. Idempotent."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if sender is not None and sender != last:
        return
    for workflow in Workflow.objects.filter(name__in=NOT_KEPT, active=True):
        workflow.deactivate()
