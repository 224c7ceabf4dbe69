"""审核: what trainers submit goes to the reviewers. One workflow with one step, set up after every migrate."""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from wagtail.models import GroupApprovalTask, Page, Task, Workflow, WorkflowContentType, WorkflowPage, WorkflowTask

from academy.models import Role
from academy.staff.roles import group_name

REVIEWED: set[str] = set()
WORKFLOW, TASK = "审核 Review", "内容审核 Content review"


def review_model(model: str) -> None:
    """``review_model("quizzes.question")``: its drafts can be submitted to a reviewer. Pages always can."""
    REVIEWED.add(model)


def ensure_workflow(sender: Any = None, **kwargs: Any) -> None:
    """Makes the workflow once; a bank that changed or disabled it keeps its own. Idempotent."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if sender is not None and sender != last:
        return
    # Wagtail's own example, which asks a group that is not derived from grants.
    Workflow.objects.filter(name="Moderators approval", workflow_states=None).delete()
    Task.objects.filter(name="Moderators approval", task_states=None).delete()
    root = Page.objects.filter(depth=1).first()
    if root is None or Workflow.objects.exists():
        return
    task = GroupApprovalTask.objects.create(name=TASK)
    task.groups.set(Group.objects.filter(name=group_name(Role.REVIEWER)))
    workflow = Workflow.objects.create(name=WORKFLOW)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
    for name in REVIEWED:
        content_type = ContentType.objects.get_for_model(apps.get_model(name))
        WorkflowContentType.objects.update_or_create(content_type=content_type, defaults={"workflow": workflow})
