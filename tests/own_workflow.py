"""A bank that has made a workflow of its own with Wagtail: what is not for one there stays closed as anywhere else."""

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowContentType, WorkflowPage, WorkflowTask

from academy.models import Role
from academy.staff.roles import group_name
from quizzes.models import Question, Quiz


def make_workflow() -> Workflow:
    """One step, decided by reviewers, for pages, questions and quizzes."""
    task = GroupApprovalTask.objects.create(name="审核")
    task.groups.set(Group.objects.filter(name=group_name(Role.REVIEWER)))
    workflow = Workflow.objects.create(name="本行流程")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(page=Page.objects.get(depth=1), workflow=workflow)
    for model in (Question, Quiz):
        content_type = ContentType.objects.get_for_model(model)
        WorkflowContentType.objects.create(content_type=content_type, workflow=workflow)
    return workflow
