"""The worker ends within its grace and gives back what it has in hand; what a dead one had is taken up again."""

import os
import signal
import time
from datetime import timedelta

import pytest
from django.tasks import task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from academy import settings as real_settings
from academy.models import ProcessBeat
from academy.operations.beats import WORKER, Heart
from academy.operations.ending import Ending
from academy.operations.worker import BEGUN_AT_MOST, EnduringWorker, take_up_lost

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.database, pytest.mark.both]
DONE: list[str] = []


@task
def quick_task(word: str) -> str:
    DONE.append(word)
    return word


@task
def broken_task() -> None:
    raise ValueError("broken")


@task
def endless_task() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)


@pytest.fixture
def queue(settings):
    settings.TASKS = real_settings.TASKS
    kept = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)}
    DONE.clear()
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    for name, handler in kept.items():
        signal.signal(name, handler)


def worker(name: str = "worker-1") -> EnduringWorker:
    ending = Ending(grace=0.2)
    ending.listen()
    return EnduringWorker(heart=Heart(WORKER, name), ending=ending, queues=["*"], interval=0, batch=True)


def states() -> list[str]:
    return sorted(DBTaskResult.objects.values_list("status", flat=True))


def test_what_waits_is_done_and_a_fault_stands_as_one(queue):
    quick_task.enqueue("one")
    broken_task.enqueue()
    quick_task.enqueue("two")

    worker().run()

    assert DONE == ["one", "two"]
    assert states() == ["FAILED", "SUCCESSFUL", "SUCCESSFUL"]


def test_a_task_that_does_not_end_in_time_is_given_back_and_the_worker_ends(queue):
    endless_task.enqueue()
    begun = time.monotonic()

    worker().run()

    assert time.monotonic() - begun < 20
    assert states() == ["READY"]


def _left_behind(name: str, times: int = 1) -> DBTaskResult:
    quick_task.enqueue(name)
    row = DBTaskResult.objects.get(args_kwargs__args=[name])
    for _ in range(times):
        row.claim(name)
    return row


def _beat(name: str, age: timedelta) -> None:
    now = timezone.now()
    ProcessBeat.objects.create(kind=WORKER, name=name, started_at=now - timedelta(hours=1), beaten_at=now - age)


def test_work_of_a_dead_worker_is_taken_up_and_that_of_a_living_one_left(queue):
    _beat("alive", timedelta(seconds=9))
    _beat("killed", timedelta(minutes=2))
    # The clock was put back meanwhile: a beat of the future is no sign of life.
    _beat("future", -timedelta(hours=1))
    alive, _killed, _future, _unknown = (_left_behind(name) for name in ("alive", "killed", "future", "unknown"))

    worker().run()

    assert sorted(DONE) == ["future", "killed", "unknown"]
    alive.refresh_from_db()
    assert alive.status == "RUNNING"


def test_a_worker_that_starts_again_under_its_name_takes_up_its_own_work_at_once(queue):
    _beat("worker-1", timedelta(seconds=1))
    _left_behind("worker-1")

    worker("worker-1").run()

    assert DONE == ["worker-1"]


def test_work_that_ends_its_workers_is_given_up(queue):
    row = _left_behind("gone", times=BEGUN_AT_MOST)

    take_up_lost(by="worker-1", now=timezone.now())

    row.refresh_from_db()
    assert (row.status, row.exception_class_path) == ("FAILED", "academy.operations.worker.WorkerLost")
