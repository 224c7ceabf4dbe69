"""What a load puts into the queue, row by row, is done at its end and each thing once: the first minutes are quiet."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from academy.jobs.tasks import job_task
from academy.operations.worker import call_task

logger = logging.getLogger(__name__)


@contextmanager
def settled() -> Iterator[None]:
    """Around a load. Long work that somebody else asks for meanwhile is left to the worker."""
    begun = timezone.now()
    yield
    settle(since=begun)


def settle(*, since: datetime) -> int:
    """Returns how many tasks are no longer waiting. One that raises stays in the queue, where the worker says so."""
    waiting = DBTaskResult.objects.ready().filter(backend_name="default", enqueued_at__gte=since)
    calls: dict[tuple[str, str], list[DBTaskResult]] = {}
    for row in waiting.exclude(task_path=job_task.module_path).order_by("enqueued_at"):
        calls.setdefault((row.task_path, json.dumps(row.args_kwargs, sort_keys=True)), []).append(row)
    done = []
    # One transaction: a thousand small ones would wait for the disk a thousand times.
    with transaction.atomic():
        for rows in calls.values():
            try:
                with transaction.atomic():
                    call_task(rows[-1])
            except Exception:
                logger.exception("%s raised and stays in the queue", rows[-1].task_path)
            else:
                done += rows
        DBTaskResult.objects.filter(pk__in=[row.pk for row in done]).delete()
    return len(done)
