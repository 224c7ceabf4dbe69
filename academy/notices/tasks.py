"""The task of delivery: thin, it calls a rule and may be repeated."""

from django.tasks import task
from django.utils import timezone

from academy.notices.delivery import send_waiting


@task(queue_name="notices")
def send_notices_task() -> str:
    done = send_waiting(now=timezone.now())
    if done.more:
        send_notices_task.enqueue()
    return f"{done.sent} sent, {done.failed} failed, {done.given_up} given up"
