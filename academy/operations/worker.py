"""The worker: takes tasks from the queue, outlives an outage of the database, and gives back what it cannot finish.

A task that is given back, or whose worker died, is taken up again by the next one: every task here calls a rule that
is idempotent. One that was begun so often is suspected of ending its workers and stands as failed.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import Error, close_old_connections, connection
from django.tasks import TaskContext, TaskResultStatus
from django.tasks.signals import task_finished, task_started
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from academy.errors.outage import database_is_away, pauses
from academy.models import ProcessBeat
from academy.operations.beats import SILENT, Heart
from academy.operations.ending import Ending, GivenBack

logger = logging.getLogger(__name__)

BEGUN_AT_MOST = 20
LOOK_FOR_LOST = timedelta(seconds=30)


class WorkerLost(RuntimeError):
    """What a task failed of whose workers were gone in mid-work, again and again."""


class EnduringWorker:
    """One process's loop. With ``batch`` it does what waits and returns."""

    def __init__(self, *, heart: Heart, ending: Ending, queues: list[str], interval: float, batch: bool) -> None:
        self.heart, self.ending, self.queues, self.interval, self.batch = heart, ending, queues, interval, batch
        self._lost_looked_for: datetime | None = None

    def run(self) -> None:
        pause, told = pauses(), False
        while not self.ending.stopping:
            close_old_connections()
            try:
                self._look_for_lost(again=told)
                if told:
                    logger.warning("the database is there again, the worker goes on")
                    pause, told = pauses(), False
                if not self._one() and not self.ending.stopping:
                    if self.batch:
                        return
                    self.ending.wait(self.interval)
            except Error as fault:
                if not database_is_away(fault):
                    raise
                if not told:
                    logger.warning("the database is away, the worker waits for it: %s", str(fault).strip())
                told = True
                connection.close()
                self.ending.wait(next(pause))

    def _look_for_lost(self, *, again: bool) -> None:
        now = timezone.now()
        if again or self._lost_looked_for is None or abs(now - self._lost_looked_for) >= LOOK_FOR_LOST:
            take_up_lost(by=self.heart.name, now=now)
            self._lost_looked_for = now

    def _one(self) -> bool:
        """Runs one task; False when none waited."""
        waiting = DBTaskResult.objects.ready().filter(backend_name="default")
        if "*" not in self.queues:
            waiting = waiting.filter(queue_name__in=self.queues)
        # On SQLite looking needs no lock, and a lock each second would hold up who writes.
        if not waiting.exists():
            return False
        with exclusive_transaction(waiting.db):
            found = waiting.get_locked()
            if found is not None:
                found.claim(self.heart.name)
        if found is not None:
            self._carry_out(found)
        return True

    def _carry_out(self, row: DBTaskResult) -> None:
        try:
            with self.heart.busy(row.task_name), self.ending.in_hand():
                value = call_task(row)
        except GivenBack:
            # Where the exception fell nobody knows; the connection may be in the middle of an answer.
            connection.close()
            logger.warning("%s is given back, the worker ends", row.task_name)
            give_back(row)
        except Exception as fault:
            if database_is_away(fault):
                connection.close()
                logger.warning("%s is given back, the database is away", row.task_name)
                give_back(row)
                return
            logger.exception("task %s failed", row.task_name)
            row.set_failed(fault)
            _tell_finished(row)
        else:
            row.set_successful(value)
            _tell_finished(row)


def give_back(row: DBTaskResult) -> None:
    """Back into the queue. Where even that fails the row stays with its worker's name, and is found by it."""
    DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING).update(status=TaskResultStatus.READY)


def take_up_lost(*, by: str, now: datetime) -> int:
    """Puts back what a worker has in hand that lives no more, or that an earlier life of this one had."""
    alive = set(
        ProcessBeat.objects.filter(beaten_at__gt=now - SILENT, beaten_at__lt=now + SILENT).values_list(
            "name", flat=True
        )
    ) - {by}
    count = 0
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, backend_name="default"):
        if row.worker_ids and row.worker_ids[-1] in alive:
            continue
        count += 1
        if len(row.worker_ids) < BEGUN_AT_MOST:
            logger.warning("%s had been begun by %s, which is gone; it waits again", row.task_name, row.worker_ids[-1:])
            give_back(row)
        else:
            logger.error("%s was begun %s times and ended by none; it is given up", row.task_name, len(row.worker_ids))
            row.set_failed(WorkerLost(f"begun {len(row.worker_ids)} times, ended by none"))
    return count


def call_task(row: DBTaskResult) -> Any:
    task, result = row.task, row.task_result
    task_started.send(sender=type(task.get_backend()), task_result=result)
    context: tuple[Any, ...] = (TaskContext(task_result=result),) if task.takes_context else ()
    return task.call(*context, *result.args, **result.kwargs)


def _tell_finished(row: DBTaskResult) -> None:
    try:
        task_finished.send(sender=type(row.task.get_backend()), task_result=row.task_result)
    except ImportError:
        logger.error("task %s is not known here", row.task_path)
